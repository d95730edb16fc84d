import type { PolicyMistake, Refusal } from '@invoke/contract';

/** What is wrong with a policy, as a refusal: each mistake with its pointer, and all of them as text with carets. */
export function refusePolicy(what: string, mistakes: readonly PolicyMistake[], prefix = ''): Refusal {
  const [first] = mistakes;
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  return {
    code: 'policy_invalid',
    message: `${what} cannot be used: ${prefix}${first?.pointer}: ${first?.message}${more}`,
    errors: mistakes.map(({ pointer, message }) => ({ pointer: `${prefix}${pointer}`, message })),
    details: { caret: mistakes.map(({ pointer, caret }) => `${prefix}${pointer}: ${caret}`).join('\n\n') },
  };
}
