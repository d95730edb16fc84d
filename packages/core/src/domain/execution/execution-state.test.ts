import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EXECUTION_EVENT,
  isTerminal,
  transition,
  transitionAll,
  type ExecutionEvent,
} from './execution-state.js';
import {
  eventsToAttempt,
  eventsToComplete,
  eventsToFail,
  eventsToLookUp,
  eventsToReview,
  eventsToWait,
} from './events-to.js';

const STATES = Object.values(EXECUTION_STATE);
const EVENTS = Object.values(EXECUTION_EVENT);

/** The whole machine, written down a second time by hand: every pair that is not here must be illegal. */
const MOVES: readonly (readonly [ExecutionState, ExecutionEvent, ExecutionState])[] = [
  ['accepted', 'approval_required', 'awaiting_approval'],
  ['accepted', 'attempt_started', 'running'],
  ['accepted', 'given_up_without_effect', 'failed'],
  ['awaiting_approval', 'approval_granted', 'accepted'],
  ['awaiting_approval', 'approval_rejected', 'rejected'],
  ['awaiting_approval', 'approval_cancelled', 'cancelled'],
  ['awaiting_approval', 'approval_expired', 'expired'],
  ['awaiting_approval', 'approval_requeued', 'awaiting_approval'],
  ['awaiting_approval', 'replan_demanded', 'replan_required'],
  ['awaiting_approval', 'entity_moved', 'blocked'],
  ['awaiting_approval', 'policy_denied', 'denied'],
  ['running', 'attempt_succeeded', 'completed'],
  ['running', 'retry_allowed', 'retry_wait'],
  ['running', 'given_up_without_effect', 'failed'],
  ['running', 'track_lost', 'unknown'],
  ['retry_wait', 'attempt_started', 'running'],
  ['retry_wait', 'given_up_without_effect', 'failed'],
  ['retry_wait', 'late_success', 'completed'],
  ['retry_wait', 'escalated', 'needs_review'],
  ['unknown', 'lookup_started', 'reconciling'],
  ['unknown', 'review_needed', 'needs_review'],
  ['unknown', 'late_success', 'completed'],
  ['unknown', 'late_refusal', 'retry_wait'],
  ['reconciling', 'effect_found', 'completed'],
  ['reconciling', 'retry_allowed', 'retry_wait'],
  ['reconciling', 'given_up_without_effect', 'failed'],
  ['reconciling', 'lookup_inconclusive', 'unknown'],
  ['reconciling', 'review_needed', 'needs_review'],
  ['reconciling', 'late_success', 'completed'],
  ['reconciling', 'late_refusal', 'retry_wait'],
  ['needs_review', 'effect_found', 'completed'],
  ['needs_review', 'given_up_without_effect', 'failed'],
  ['needs_review', 'retry_allowed', 'retry_wait'],
  ['needs_review', 'late_success', 'completed'],
];

describe('every state with every event', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const move = MOVES.find(([from, on]) => from === state && on === event);
      test(`${state} on ${event} -> ${move?.[2] ?? 'illegal'}`, () => {
        expect(transition(state, event)).toEqual(
          move === undefined ? { kind: 'illegal', state, event } : { kind: 'moved', state: move[2] },
        );
      });
    }
  }
});

test('the terminal states are those of the promise, and no sequence of events leaves one', () => {
  expect(STATES.filter(isTerminal)).toEqual([
    'completed',
    'failed',
    'blocked',
    'denied',
    'rejected',
    'cancelled',
    'expired',
    'replan_required',
  ]);
  fc.assert(
    fc.property(
      fc.constantFrom(...STATES),
      fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 }),
      (start, events) => {
        let state = start;
        let ended: ExecutionState | null = isTerminal(start) ? start : null;
        for (const event of events) {
          const moved = transition(state, event);
          if (moved.kind === 'moved') state = moved.state;
          if (ended !== null) expect(state).toBe(ended);
          if (isTerminal(state)) ended = state;
        }
      },
    ),
  );
});

test('an attempt never follows directly on an unknown outcome', () => {
  const after = STATES.filter((s) => transition(s, 'attempt_started').kind === 'moved');
  expect(after).toEqual(['accepted', 'retry_wait']);
  expect(transition('unknown', 'retry_allowed').kind).toBe('illegal');
});

test('the shared writes of the engine are legal from every state they are made in, and end where they should', () => {
  const ends = (states: ExecutionState[], events: (s: ExecutionState) => readonly ExecutionEvent[]) =>
    states.map((s) => {
      const moved = transitionAll(s, events(s));
      return moved.kind === 'moved' ? moved.state : `${s}: illegal`;
    });
  expect(ends(['accepted', 'running', 'retry_wait', 'unknown', 'reconciling'], eventsToAttempt)).toEqual(
    Array(5).fill('running'),
  );
  const waiting: ExecutionState[] = ['running', 'retry_wait', 'unknown', 'reconciling'];
  expect(ends(waiting, (s) => eventsToWait(s, { inDoubt: false }))).toEqual(Array(4).fill('retry_wait'));
  expect(ends(waiting, (s) => eventsToWait(s, { inDoubt: true }))).toEqual(Array(4).fill('unknown'));
  expect(ends(['running', 'retry_wait', 'unknown', 'reconciling'], eventsToLookUp)).toEqual(
    Array(4).fill('reconciling'),
  );
  expect(ends(['accepted', 'running', 'retry_wait', 'unknown', 'reconciling'], eventsToFail)).toEqual(
    Array(5).fill('failed'),
  );
  expect(ends(['running', 'unknown', 'reconciling'], eventsToReview)).toEqual(Array(3).fill('needs_review'));
  expect(
    ends(['running', 'retry_wait', 'unknown', 'reconciling', 'needs_review'], (s) =>
      eventsToComplete(s, 'answer'),
    ),
  ).toEqual(Array(5).fill('completed'));
  expect(
    ends(['running', 'retry_wait', 'unknown', 'reconciling', 'needs_review'], (s) =>
      eventsToComplete(s, 'lookup'),
    ),
  ).toEqual(Array(5).fill('completed'));
});
