import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { nowForKeys, startOfAttempt } from './key-window.js';

const STORES = epochMs(1_000_000);

test.each([
  { cell: 'W1', ahead: 0, begins: 0, now: 0, why: 'the clocks agree' },
  { cell: 'W2', ahead: 1_000, begins: 1_000, now: 1_000, why: 'they agree as far as anybody can tell' },
  { cell: 'W3', ahead: 1_001, begins: 0, now: 1_001, why: 'ours is fast: the window began by the store' },
  { cell: 'W4', ahead: -5, begins: -5, now: 0, why: 'ours is slow: it may have ended by the store' },
  { cell: 'W5', ahead: -3_600_000, begins: -3_600_000, now: 0, why: 'and far behind, all the more' },
])('$cell $why', ({ ahead, begins, now }) => {
  const clocks = { ours: epochMs(STORES + ahead), stores: STORES };
  expect([startOfAttempt(clocks), nowForKeys(clocks)]).toEqual([STORES + begins, STORES + now]);
});
