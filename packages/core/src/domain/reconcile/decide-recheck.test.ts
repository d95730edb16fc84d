import type { AttemptState, ExecutionState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../execution/execution-record.js';
import { decideRecheck, needsRecheck, type RecheckFacts } from './decide-recheck.js';

const attempts = (...states: AttemptState[]) => ({
  attempts: states.map((state) => ({ state }) as Attempt),
  lookups: [],
  steps: [],
});

describe('whether a call is looked at once more', () => {
  test.each([
    { cell: 'N1', states: ['ok'], counted: false, expected: false, why: 'nothing was believed on trust' },
    { cell: 'N2', states: ['ok'], counted: true, expected: true, why: 'it may have been delivered twice' },
    {
      cell: 'N3',
      states: ['confirmed_absent', 'ok'],
      counted: false,
      expected: true,
      why: 'the first may be late',
    },
    {
      cell: 'N4',
      states: ['confirmed_absent'],
      counted: false,
      expected: true,
      why: 'the failure may be wrong',
    },
    { cell: 'N5', states: ['not_sent', 'not_sent'], counted: true, expected: false, why: 'nothing was sent' },
    {
      cell: 'N6',
      states: ['rejected'],
      counted: true,
      expected: true,
      why: 'its other copy may not have been',
    },
  ] as const)('$cell $why', ({ states, counted, expected }) => {
    expect(needsRecheck({ journal: attempts(...states), counted })).toBe(expected);
  });
});

interface Cell {
  readonly cell: string;
  readonly state: ExecutionState;
  readonly fallback?: RecheckFacts['fallback'];
  readonly verdict: RecheckFacts['verdict'];
  readonly effects?: number;
  readonly expected: string;
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  {
    cell: 'D1',
    state: 'completed',
    verdict: 'applied',
    expected: 'as_recorded',
    why: 'done once, not counted',
  },
  {
    cell: 'D2',
    state: 'completed',
    verdict: 'applied',
    effects: 1,
    expected: 'as_recorded',
    why: 'done once',
  },
  { cell: 'D3', state: 'completed', verdict: 'applied', effects: 2, expected: 'broken', why: 'done twice' },
  {
    cell: 'D4',
    state: 'completed',
    verdict: 'unclear',
    effects: 2,
    expected: 'broken',
    why: 'the count is enough',
  },
  {
    cell: 'D5',
    state: 'completed',
    verdict: 'absent',
    effects: 0,
    expected: 'as_recorded',
    why: 'undone since',
  },
  { cell: 'D6', state: 'failed', verdict: 'applied', expected: 'broken', why: 'done after all' },
  { cell: 'D7', state: 'failed', verdict: 'absent', expected: 'as_recorded', why: 'still not done' },
  { cell: 'D8', state: 'failed', verdict: 'unclear', expected: 'unclear', why: 'nobody knows yet' },
  {
    cell: 'D9',
    state: 'completed',
    fallback: 'told_apart',
    verdict: 'applied',
    expected: 'broken',
    why: 'the fallback did it, and then the first tool, too',
  },
  {
    cell: 'D10',
    state: 'completed',
    fallback: 'not_told_apart',
    verdict: 'applied',
    expected: 'as_recorded',
    why: 'it may be the effect of the fallback that is seen',
  },
  { cell: 'D11', state: 'needs_review', verdict: 'applied', expected: 'as_recorded', why: 'people decide' },
];

describe('what the second look proves', () => {
  test.each(CELLS)('$cell $why', ({ state, fallback = null, verdict, effects = null, expected }) => {
    expect(decideRecheck({ state, fallback, verdict, effects }).kind).toBe(expected);
  });
});
