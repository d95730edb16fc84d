import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ExecutionEvent } from './execution-state.js';

const S = EXECUTION_STATE;

/*
 * Which events lead from a recorded state to what is done next. Several events share one durable write: "attempt 1 is proven
 * absent" and "attempt 2 is started" must never be seen apart.
 */

export function eventsToAttempt(state: ExecutionState): readonly ExecutionEvent[] {
  switch (state) {
    case S.accepted:
    case S.retry_wait:
      return ['attempt_started'];
    case S.unknown:
      return ['lookup_started', 'retry_allowed', 'attempt_started'];
    default:
      return ['retry_allowed', 'attempt_started'];
  }
}

/**
 * To where the next attempt is waited for: `retry_wait` where it is certain that nothing has happened, `unknown` where it is
 * not. None: it is there already.
 */
export function eventsToWait(
  state: ExecutionState,
  { inDoubt }: { readonly inDoubt: boolean },
): readonly ExecutionEvent[] {
  switch (state) {
    case S.unknown:
      return inDoubt ? [] : ['lookup_started', 'retry_allowed'];
    case S.reconciling:
      return inDoubt ? ['lookup_inconclusive'] : ['retry_allowed'];
    case S.retry_wait:
      return inDoubt ? TO_DOUBT_AGAIN : [];
    default:
      return inDoubt ? ['track_lost'] : ['retry_allowed'];
  }
}

/** A row of an earlier version may wait here though its attempts are in doubt. */
const TO_DOUBT_AGAIN: readonly ExecutionEvent[] = ['attempt_started', 'track_lost'];

export function eventsToLookUp(state: ExecutionState): readonly ExecutionEvent[] {
  switch (state) {
    case S.running:
      return ['track_lost', 'lookup_started'];
    case S.reconciling:
      return ['lookup_inconclusive', 'lookup_started'];
    case S.retry_wait:
      return [...TO_DOUBT_AGAIN, 'lookup_started'];
    default:
      return ['lookup_started'];
  }
}

export function eventsToComplete(state: ExecutionState, by: 'answer' | 'lookup'): readonly ExecutionEvent[] {
  if (by === 'lookup') {
    if (state === S.running) return ['track_lost', 'lookup_started', 'effect_found'];
    // Found out while another attempt, by the same key, was waited for.
    if (state === S.retry_wait) return ['late_success'];
    return state === S.unknown ? ['lookup_started', 'effect_found'] : ['effect_found'];
  }
  return state === S.running ? ['attempt_succeeded'] : ['late_success'];
}

export function eventsToFail(state: ExecutionState): readonly ExecutionEvent[] {
  return state === S.unknown ? ['lookup_started', 'given_up_without_effect'] : ['given_up_without_effect'];
}

export function eventsToReview(state: ExecutionState): readonly ExecutionEvent[] {
  switch (state) {
    case S.running:
      return ['track_lost', 'review_needed'];
    case S.retry_wait:
      return ['escalated'];
    default:
      return ['review_needed'];
  }
}
