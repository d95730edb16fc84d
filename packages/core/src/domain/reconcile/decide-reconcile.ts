import { RECONCILE_DEFAULTS } from '@invoke/contract';
import { durationMs, type DurationMs } from '../time.js';
import type { ReconcileVerdict } from '../execution/next-step.js';
import type { Lookup } from '../execution/execution-record.js';

/** How patiently an unknown outcome is looked up. Milliseconds. */
export interface LookupPlan {
  readonly settleMs: number;
  readonly minAbsentReads: number;
  readonly maxReads: number;
}

/** `recheckMs`: how long after the end of a call a second look is made, where one is. */
export const DEFAULT_LOOKUP_PLAN: LookupPlan & { readonly recheckMs: number } = {
  settleMs: 2_000,
  minAbsentReads: RECONCILE_DEFAULTS.min_absent_reads,
  maxReads: RECONCILE_DEFAULTS.max_reads,
  recheckMs: 60_000,
};

export interface ReconcileFacts {
  readonly plan: LookupPlan;
  /**
   * How much of the settle time is left: the tool's timeout plus its settle time, counted from the start of the attempt (or
   * from the take-over) on the monotonic clock, which no clock step can shorten. While some is left, a request that is still
   * under way could take effect after a lookup that did not see it.
   */
  readonly settleLeftMs: DurationMs;
  /** Lookups made for this attempt, oldest first. */
  readonly lookups: readonly Lookup[];
}

export type ReconcileStep =
  | { readonly kind: 'look'; readonly waitMs: DurationMs }
  | { readonly kind: 'verdict'; readonly verdict: ReconcileVerdict };

/**
 * The next step in finding out what happened: one early look, because a found effect needs no waiting; then looks after
 * the settle time, of which `minAbsentReads` must say "absent" one after the other. A failed or unclear read proves nothing
 * and starts that count again. Bounded: after `maxReads` it is a human's turn.
 */
export function decideReconcile(facts: ReconcileFacts): ReconcileStep {
  const { plan, lookups, settleLeftMs } = facts;
  if (lookups.some((l) => l.verdict === 'applied')) return { kind: 'verdict', verdict: 'applied' };
  if (trailingAbsent(lookups) >= plan.minAbsentReads) return { kind: 'verdict', verdict: 'absent' };
  if (lookups.length >= plan.maxReads) return { kind: 'verdict', verdict: 'cannot_tell' };
  if (lookups.length === 0) return { kind: 'look', waitMs: durationMs(0) };
  return { kind: 'look', waitMs: durationMs(Math.max(settleLeftMs, pauseBefore(lookups.length))) };
}

/** Absent reads at the end of the list, counting only those made after the settle time. */
function trailingAbsent(lookups: readonly Lookup[]): number {
  let count = 0;
  for (let i = lookups.length - 1; i >= 0; i -= 1) {
    const lookup = lookups[i];
    if (lookup === undefined || lookup.verdict !== 'absent' || !lookup.settled) break;
    count += 1;
  }
  return count;
}

const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

function pauseBefore(reads: number): number {
  return Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** (reads - 1));
}
