import { expect, test } from 'vitest';
import { createTally } from './tally.js';

test('counts by name, and forgets what has come to nothing', () => {
  const tally = createTally();
  expect(tally.of('a')).toBe(0);
  tally.enter('a');
  tally.enter('a');
  tally.enter('b');
  expect([tally.of('a'), tally.of('b')]).toEqual([2, 1]);
  tally.leave('a');
  tally.leave('b');
  expect([tally.of('a'), tally.of('b')]).toEqual([1, 0]);
  tally.leave('b');
  tally.enter('b');
  expect(tally.of('b')).toBe(1);
});
