import { epochMs, type DurationMs, type EpochMs } from '@invoke/core/domain';
import type { Clock } from '@invoke/core/ports';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, running what falls due in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock without letting time pass, as an operator or NTP does. */
  step(ms: number): void;
  /** Timers that have not run. */
  pending(): number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

/**
 * @param startAt the wall clock at the beginning, milliseconds since 1970
 * @param settle lets everything run that waits for no timer; a world that knows when it is quiet says so sooner
 */
export function createManualClock(
  startAt = 1_700_000_000_000,
  settle: () => Promise<void> = severalTurns,
): ManualClock {
  let elapsed = 0;
  let stepped = 0;
  let order = 0;
  const timers = new Set<Timer>();

  function next(until: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (first === null || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  return {
    now: (): EpochMs => epochMs(startAt + Math.floor(elapsed) + stepped),
    monotonic: () => elapsed,
    schedule(ms: DurationMs | number, task) {
      order += 1;
      const timer = { at: elapsed + Math.max(0, ms), order, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let timer = next(until); timer !== null; timer = next(until)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.at);
        timer.task();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    step(ms) {
      stepped += ms;
    },
    pending: () => timers.size,
  };
}

/** A few turns of the event loop, for stores that answer in the next turn. */
async function severalTurns(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
