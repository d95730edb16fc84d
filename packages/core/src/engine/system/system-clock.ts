import { performance } from 'node:perf_hooks';
import { epochMs } from '../../domain/time.js';
import type { Clock } from '../../ports/clock.js';

/** Node caps timers at 2^31-1 ms; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The real clocks and timers. */
export function createSystemClock(): Clock {
  return {
    now: () => epochMs(Date.now()),
    monotonic: () => performance.now(),
    schedule(ms, task) {
      const timer = setTimeout(task, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
  };
}
