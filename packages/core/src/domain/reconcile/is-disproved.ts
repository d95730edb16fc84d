import { ATTEMPT_STATE } from '@invoke/contract';
import type { Journal } from '../execution/execution-record.js';

export interface LateEffect {
  /** The attempt that the tool has answered late with "done". */
  readonly n: number;
  readonly honoursKey: boolean;
}

/**
 * Whether a late "done" says the opposite of what an execution rests on: that this attempt had no effect. Where the same tool
 * was called again by a key that it honours, both attempts are one effect, and nothing is wrong.
 */
export function isDisproved({ attempts }: Pick<Journal, 'attempts'>, { n, honoursKey }: LateEffect): boolean {
  const attempt = attempts.find((a) => a.n === n);
  if (attempt?.state !== ATTEMPT_STATE.confirmed_absent) return false;
  return !(honoursKey && attempts.some((a) => a.n > n && a.tool === attempt.tool));
}
