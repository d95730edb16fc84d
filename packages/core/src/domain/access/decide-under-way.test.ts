import { expect, test } from 'vitest';
import { decideUnderWay } from './decide-under-way.js';

test.each([
  { cell: 'none', underWay: 0, most: 2, expected: 'proceed' },
  { cell: 'room for one', underWay: 1, most: 2, expected: 'proceed' },
  { cell: 'full', underWay: 2, most: 2, expected: 'refuse' },
  { cell: 'more than full, after the limit was lowered', underWay: 9, most: 2, expected: 'refuse' },
  { cell: 'no limit', underWay: 1_000_000, most: Number.POSITIVE_INFINITY, expected: 'proceed' },
])('$cell: $expected', ({ underWay, most, expected }) => {
  expect(decideUnderWay({ underWay, most }).kind).toBe(expected);
});

test('says how many there are, how many there may be, and when to come back', () => {
  expect(decideUnderWay({ underWay: 2, most: 2 })).toMatchObject({
    refusal: {
      code: 'rate_limited',
      message: expect.stringContaining('2 calls of this key are under way') as string,
      details: { under_way: 2, retry_after: 1 },
    },
  });
});
