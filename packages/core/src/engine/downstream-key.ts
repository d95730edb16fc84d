import type { EngineDeps } from './deps.js';

/**
 * The key that all attempts of one tool carry: stable over retries and take-overs. It names the execution, so that an event
 * of the provider that quotes it leads back to it, and cannot be guessed by who knows the execution's id.
 */
export function downstreamKeyOf(
  executionId: string,
  toolId: string,
  { digest }: Pick<EngineDeps, 'digest'>,
): string {
  const proof = digest.keyed(`${executionId}\n${toolId}`).slice(0, 12);
  return `ivk_${executionId.replace(/^exec_/, '')}_${proof}`;
}
