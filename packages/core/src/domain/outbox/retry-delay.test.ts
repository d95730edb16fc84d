import { describe, expect, test } from 'vitest';
import { retryDelay } from './retry-delay.js';

const HOUR = 3_600_000;

const CELLS = [
  { cell: 'D1', attempts: 0, afterMs: null, random: 0.5, expected: 5_000, why: 'the first failure' },
  { cell: 'D2', attempts: 1, afterMs: null, random: 0.5, expected: 30_000, why: 'the second' },
  { cell: 'D3', attempts: 2, afterMs: null, random: 0.5, expected: 120_000, why: 'the third' },
  { cell: 'D4', attempts: 3, afterMs: null, random: 0.5, expected: 600_000, why: 'the fourth' },
  { cell: 'D5', attempts: 4, afterMs: null, random: 0.5, expected: HOUR, why: 'the fifth' },
  { cell: 'D6', attempts: 5, afterMs: null, random: 0.5, expected: 6 * HOUR, why: 'the sixth' },
  { cell: 'D7', attempts: 6, afterMs: null, random: 0.5, expected: 17 * HOUR, why: 'the last' },
  { cell: 'D8', attempts: 7, afterMs: null, random: 0.5, expected: null, why: 'a day is over' },
  { cell: 'D9', attempts: 99, afterMs: 1, random: 0.5, expected: null, why: 'whatever the receiver asks' },
  { cell: 'D10', attempts: 0, afterMs: null, random: 0, expected: 4_500, why: 'a tenth less' },
  { cell: 'D11', attempts: 0, afterMs: null, random: 1, expected: 5_500, why: 'a tenth more' },
  {
    cell: 'D12',
    attempts: 0,
    afterMs: 60_000,
    random: 0.5,
    expected: 60_000,
    why: 'the receiver asks for it',
  },
  { cell: 'D13', attempts: 1, afterMs: 1_000, random: 0.5, expected: 30_000, why: 'no sooner than planned' },
  { cell: 'D14', attempts: 0, afterMs: 90 * HOUR, random: 0.5, expected: 6 * HOUR, why: 'within reason' },
];

describe('the pause before the next delivery', () => {
  test.each(CELLS)('$cell $why', ({ expected, ...failed }) => {
    expect(retryDelay(failed)).toBe(expected);
  });
});
