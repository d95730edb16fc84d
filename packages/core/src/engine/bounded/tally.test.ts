import { expect, test } from 'vitest';
import { createTally } from './tally.js';

test('counts by name, never below nothing', () => {
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

test('a hundred thousand names of the past are not kept', () => {
  const tally = createTally();
  tally.enter('stays');
  for (let n = 0; n < 100_000; n++) {
    tally.enter(`key ${n}`);
    tally.leave(`key ${n}`);
  }
  expect(tally.names()).toBeLessThanOrEqual(1_001);
  expect(tally.of('stays')).toBe(1);
});
