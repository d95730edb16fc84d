import type { Clock } from '../ports/clock.js';
import { sleep } from './timers.js';

const PAUSE_MS = 20;
const LATE_MS = 100;

/** Lets others have their turn, and says whether it came back in time: who is late has enough to do. */
export async function keepsUp(clock: Clock): Promise<boolean> {
  const before = clock.monotonic();
  await sleep(PAUSE_MS, clock);
  return clock.monotonic() - before < PAUSE_MS + LATE_MS;
}
