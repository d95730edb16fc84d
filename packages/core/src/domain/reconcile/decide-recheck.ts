import { ATTEMPT_STATE, EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { Journal } from '../execution/execution-record.js';

export interface RecheckNeed {
  readonly journal: Journal;
  /** The lookup tells how often the call took effect. */
  readonly counted: boolean;
}

/**
 * Whether a call whose end is about to be recorded is looked at once more some time later. Where absence was believed, the
 * tool may break its word and act after its settle time; where effects are counted, something between us and the tool may
 * have delivered one request twice. Nothing that was not sent can do either.
 */
export function needsRecheck({ journal, counted }: RecheckNeed): boolean {
  return journal.attempts.some(
    ({ state }) => state === ATTEMPT_STATE.confirmed_absent || (counted && state !== ATTEMPT_STATE.not_sent),
  );
}

export interface RecheckFacts {
  readonly state: ExecutionState;
  /**
   * A fallback ended the call, and the lookup tells of the first tool alone (it asks by our reference), or may see what
   * either has done. Null: no fallback was called.
   */
  readonly fallback: 'told_apart' | 'not_told_apart' | null;
  readonly verdict: 'applied' | 'absent' | 'unclear';
  /** How often the call took effect; null where that is not counted. */
  readonly effects: number | null;
}

export type RecheckResult =
  | { readonly kind: 'as_recorded' }
  /** More happened than is recorded: the tool, or the way to it, has broken what its card promises. */
  | { readonly kind: 'broken'; readonly found: number; readonly recorded: number }
  /** Nothing can be said yet. */
  | { readonly kind: 'unclear' };

/** What the later look at a finished call proves. That less is found proves nothing: what was done may have been undone. */
export function decideRecheck(facts: RecheckFacts): RecheckResult {
  const { state, fallback, verdict, effects } = facts;
  const done = state === EXECUTION_STATE.completed;
  if (!done && state !== EXECUTION_STATE.failed) return { kind: 'as_recorded' };
  const recorded = done && fallback !== 'told_apart' ? 1 : 0;
  const found = effects ?? (verdict === 'unclear' ? null : verdict === 'applied' ? 1 : 0);
  if (found === null) return { kind: 'unclear' };
  return found > recorded ? { kind: 'broken', found, recorded } : { kind: 'as_recorded' };
}
