import { expect, test } from 'vitest';
import { nextApprovalOf } from './next-approval-of.js';

const outcome = (approvalId: string) => ({
  final: 'x',
  decision: null,
  code: null,
  message: null,
  approvalId,
});

test.each([
  { nextId: 'appr_2', state: 'awaiting_approval', of: 'appr_2', expected: 'appr_2', why: 'requeued' },
  {
    nextId: null,
    state: 'needs_review',
    of: 'appr_3',
    expected: 'appr_3',
    why: 'what was retried has failed again',
  },
  {
    nextId: null,
    state: 'needs_review',
    of: 'appr_1',
    expected: null,
    why: 'it is this one that is waited for',
  },
  { nextId: null, state: 'completed', of: 'appr_1', expected: null, why: 'it is done' },
  {
    nextId: null,
    state: 'awaiting_approval',
    of: 'appr_1',
    expected: null,
    why: 'more approvers are needed',
  },
] as const)('$why', ({ nextId, state, of, expected }) => {
  expect(nextApprovalOf({ id: 'appr_1', nextId }, { state, outcome: outcome(of) })).toBe(expected);
});
