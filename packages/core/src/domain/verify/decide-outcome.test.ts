import { describe, expect, test } from 'vitest';
import { decideOutcome, type OutcomeFacts } from './decide-outcome.js';

const base: OutcomeFacts = {
  intent: 'charge',
  claimed: 'UNKNOWN',
  verdict: 'absent',
  fields: [
    {
      field: 'charged',
      assumed: null,
      current: false,
      drifted: false,
      holds: false,
      verdict: 'condition_failed',
    },
  ],
  why: 'the tool does not answer',
  known: null,
};
const known = (state: NonNullable<OutcomeFacts['known']>['state']) => ({ id: 'exec_1', state });

interface Cell {
  readonly cell: string;
  readonly input: Partial<OutcomeFacts>;
  readonly expected: string;
  readonly reason?: RegExp;
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  {
    cell: 'O1',
    input: { verdict: 'applied' },
    expected: 'outcome_reconciled/do_not_retry/SUCCESS',
    why: 'it happened',
  },
  {
    cell: 'O2',
    input: {},
    expected: 'not_executed/retry_allowed/FAILED',
    reason: /^charge did not take effect: charged is false/,
    why: 'it provably did not',
  },
  {
    cell: 'O3',
    input: { verdict: 'cannot_tell' },
    expected: 'unknown/escalate/UNKNOWN',
    reason: /the tool does not answer$/,
    why: 'nobody can tell',
  },
  {
    cell: 'O4',
    input: { claimed: 'SUCCESS' },
    expected: 'not_executed/retry_allowed/FAILED',
    reason: /contradicts the outcome SUCCESS/,
    why: 'the world counts, not the claim',
  },
  {
    cell: 'O5',
    input: { claimed: 'FAILED', verdict: 'applied' },
    expected: 'outcome_reconciled/do_not_retry/SUCCESS',
    reason: /contradicts the outcome FAILED/,
    why: 'likewise',
  },
  {
    cell: 'O6',
    input: { claimed: 'SUCCESS', verdict: 'applied' },
    expected: 'outcome_reconciled/do_not_retry/SUCCESS',
    reason: /all conditions hold$/,
    why: 'no contradiction',
  },
  {
    cell: 'O7',
    input: { known: known('completed') },
    expected: 'unknown/escalate/UNKNOWN',
    reason: /recorded as completed: a human has to look/,
    why: 'absence is not believed against a recorded success',
  },
  ...(['accepted', 'running', 'retry_wait', 'unknown', 'reconciling'] as const).map((state) => ({
    cell: `O8 ${state}`,
    input: { known: known(state) },
    expected: 'unknown/escalate/UNKNOWN',
    why: 'it may take effect yet',
  })),
  ...(['failed', 'needs_review', 'rejected'] as const).map((state) => ({
    cell: `O9 ${state}`,
    input: { known: known(state) },
    expected: 'not_executed/retry_allowed/FAILED',
    reason: new RegExp(`Invoke has recorded exec_1 as ${state}`),
    why: 'what is recorded does not object',
  })),
  {
    cell: 'O10',
    input: { verdict: 'applied', known: known('failed') },
    expected: 'outcome_reconciled/do_not_retry/SUCCESS',
    why: 'found is found, whatever is recorded',
  },
];

describe('outcomes', () => {
  test.each(CELLS)('$cell $why', ({ input, expected, reason }) => {
    const { status, decision, outcome, reason: said } = decideOutcome({ ...base, ...input });
    expect(`${status}/${decision}/${outcome}`).toBe(expected);
    if (reason !== undefined) expect(said).toMatch(reason);
  });
});
