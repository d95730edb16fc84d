import type { ExecutionState } from '@invoke/contract';

/**
 * The states on one line, so that every class of states that the stores ask for is a range. An index over `rank < 20` is
 * far cheaper to keep than one over `state in (...)`: SQLite builds the list anew for every row that it writes
 * (measured: 15 microseconds per call).
 *
 * Ranks are stored, and stand in the predicates of partial indexes: they never change.
 */
export const STATE_RANK = {
  accepted: 0,
  running: 1,
  retry_wait: 2,
  unknown: 10,
  reconciling: 11,
  needs_review: 20,
  awaiting_approval: 30,
  failed: 40,
  blocked: 41,
  denied: 42,
  rejected: 43,
  cancelled: 44,
  expired: 45,
  replan_required: 46,
  completed: 50,
} as const satisfies Record<ExecutionState, number>;

export const TOMBSTONE_RANK = 60;

/** Some gateway has to drive them on: `rank < 20`. */
export const DRIVEN_BELOW = 20;
/** A write of theirs may have taken effect without anybody knowing: `10 <= rank < 30`. */
export const UNSETTLED = { from: 10, below: 30 } as const;
/** The part of the line in which an entity may be held: what is unsettled, and below it what is under way: `rank < 30`. */
export const WRITING_BELOW = UNSETTLED.below;
/** Nothing will change them any more: `40 <= rank < 60`. */
export const FINISHED = { from: 40, below: 60 } as const;
/** Finished in another way than `completed`: `40 <= rank < 50`. */
export const ENDED_OTHERWISE = { from: 40, below: 50 } as const;
/** Everything but `completed`, which is most of all rows, and tombstones: `rank < 50`. */
export const SCARCE_BELOW = 50;

/** By name: those of them that this program knows. */
export const DRIVEN: readonly string[] = Object.entries(STATE_RANK)
  .filter(([, rank]) => rank < DRIVEN_BELOW)
  .map(([state]) => state);
