import { epochMs } from '@invoke/core/domain';
import type { Clock } from '../ports/clock.js';
import { expect, test } from 'vitest';
import { keepsUp } from './keeps-up.js';

test.each([
  { wokenAfterMs: 20, expected: true },
  { wokenAfterMs: 119, expected: true },
  { wokenAfterMs: 120, expected: false },
  { wokenAfterMs: 3_000, expected: false },
])('woken after $wokenAfterMs ms instead of 20: $expected', async ({ wokenAfterMs, expected }) => {
  let now = 0;
  const clock: Clock = {
    now: () => epochMs(now),
    monotonic: () => now,
    schedule(_ms, task) {
      now += wokenAfterMs;
      task();
      return () => undefined;
    },
  };
  expect(await keepsUp(clock)).toBe(expected);
});
