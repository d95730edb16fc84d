import { epochMs } from '@invoke/core/domain';
import type { Clock } from '@invoke/core/ports';
import type { Around } from './plan.js';

/** Who has a wall clock beside the gateways. */
export const STORE = -1;

/** Wall clocks that differ and step; time itself, and with it monotonic clocks and timers, goes on evenly. */
export interface WallClocks {
  of(whose: number): Clock;
  step(whose: number, byMs: number): void;
}

export function createWallClocks(clock: Clock, { skewsMs }: Pick<Around, 'skewsMs'>): WallClocks {
  const off = new Map(skewsMs.map((ms, index) => [index, ms]));
  const offset = (whose: number) => off.get(whose) ?? 0;
  return {
    of: (whose) => ({
      now: () => epochMs(clock.now() + offset(whose)),
      monotonic: () => clock.monotonic(),
      schedule: (ms, task) => clock.schedule(ms, task),
    }),
    step: (whose, byMs) => void off.set(whose, offset(whose) + byMs),
  };
}
