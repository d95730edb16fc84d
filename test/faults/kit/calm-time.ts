import { sleep } from './sleep.js';

const TICK_MS = 250;
/** Who is woken up this much too late has not been given a turn. */
const STALL_MS = 250;

/**
 * Resolves after `ms` in which this machine has given us our turns: what stands still because nobody is scheduled says nothing
 * about what was promised. At most three times as long.
 */
export async function calmTime(ms: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let calm = 0;
  while (calm < ms && performance.now() - startedAt < 3 * ms && !signal.aborted) {
    const before = performance.now();
    await sleep(TICK_MS, signal);
    const took = performance.now() - before;
    if (took < TICK_MS + STALL_MS) calm += took;
  }
}
