import type { AttemptState, Certainty } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Attempt, ExecutionRecord } from '../execution/execution-record.js';
import { toReviewFailure } from './review-failure.js';

type Ended = readonly [tool: string, state: AttemptState, certainty: Certainty | null];

const attempts = (ended: readonly Ended[]) =>
  ended.map(([tool, state, certainty], i) => ({ n: i + 1, tool, state, certainty }) as Attempt);

const CELLS: readonly { cell: string; given: readonly Ended[]; effect: 'none' | 'unknown'; why: string }[] = [
  { cell: 'F1', given: [], effect: 'none', why: 'nothing was ever sent' },
  { cell: 'F2', given: [['a', 'not_sent', 'not_sent']], effect: 'none', why: 'it never left' },
  { cell: 'F3', given: [['a', 'rejected', 'no_effect']], effect: 'none', why: 'the tool says so' },
  { cell: 'F4', given: [['a', 'confirmed_absent', 'unknown']], effect: 'none', why: 'a lookup says so' },
  { cell: 'F5', given: [['a', 'unresolved', 'unknown']], effect: 'unknown', why: 'nobody could find out' },
  {
    cell: 'F6',
    given: [
      ['a', 'unknown', 'unknown'],
      ['a', 'rejected', 'no_effect'],
    ],
    effect: 'unknown',
    why: 'the first attempt may have done it',
  },
  {
    cell: 'F7',
    given: [
      ['a', 'unknown', 'unknown'],
      ['b', 'rejected', 'no_effect'],
    ],
    effect: 'unknown',
    why: 'so may one of another tool: a yes to this review would send it again',
  },
  { cell: 'F8', given: [['a', 'ok', 'effect']], effect: 'unknown', why: 'it did something' },
];

describe('whether it is certain that nothing happened', () => {
  test.each(CELLS)('$cell $effect: $why', ({ given, effect }) => {
    const record = { outcome: null, journal: { attempts: attempts(given) } };
    expect(toReviewFailure(record as unknown as ExecutionRecord).effect).toBe(effect);
  });
});
