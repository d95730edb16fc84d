import type { ExecutionState } from '@invoke/contract';
import { expect, test } from 'vitest';
import {
  DRIVEN_BELOW,
  FINISHED,
  SCARCE_BELOW,
  STATE_RANK,
  TOMBSTONE_RANK,
  UNSETTLED,
} from '../src/stores/state-rank.js';

/** The ranks are stored: a change here is a change of the data, and needs a migration. */
test('ranks are what they were', () => {
  expect(STATE_RANK).toEqual({
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
  });
  expect([DRIVEN_BELOW, UNSETTLED, FINISHED, SCARCE_BELOW, TOMBSTONE_RANK]).toEqual([
    20,
    { from: 10, below: 30 },
    { from: 40, below: 60 },
    50,
    60,
  ]);
});

test('each class of states is a range', () => {
  const states = Object.keys(STATE_RANK) as ExecutionState[];
  const between = (from: number, below: number) =>
    states.filter((state) => STATE_RANK[state] >= from && STATE_RANK[state] < below);
  expect(between(0, DRIVEN_BELOW)).toEqual(['accepted', 'running', 'retry_wait', 'unknown', 'reconciling']);
  expect(between(UNSETTLED.from, UNSETTLED.below)).toEqual(['unknown', 'reconciling', 'needs_review']);
  expect(between(FINISHED.from, FINISHED.below)).toEqual([
    'failed',
    'blocked',
    'denied',
    'rejected',
    'cancelled',
    'expired',
    'replan_required',
    'completed',
  ]);
});
