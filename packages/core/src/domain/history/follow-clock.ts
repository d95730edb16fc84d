import { durationMs, type DurationMs, type EpochMs } from '../time.js';

/** The store's clock as it shows itself, and how much time has passed on a clock that nobody can set. */
export interface ClockReading {
  readonly storeNow: EpochMs;
  readonly monoMs: number;
}

/** How far the store's clock is believed. */
export interface FollowedClock {
  /** What it showed when the monotonic clock began, as it is believed. */
  readonly origin: number;
  /** When it was first seen to have leapt ahead of that, monotonic; null while it has not. */
  readonly leaptMono: number | null;
}

/** A clock that is kept by NTP is never corrected by more than this between two looks. */
const DRIFT_MS = 60_000;
/** A clock that is wrong is put right within this time; one that still says so then is right. */
const STANDS_MS = 86_400_000;

/**
 * Follows a clock for what cannot be taken back: dropping what refuses a key. The database may run on a machine whose clock
 * is wrong for a while, and with SQLite that is the gateway's own. So a leap ahead is believed only when it has stood for a
 * day: it may have been a real one, of a machine that was asleep. A step back is followed at once: things are kept longer.
 */
export function followClock(before: FollowedClock | null, { storeNow, monoMs }: ClockReading): FollowedClock {
  const origin = storeNow - monoMs;
  if (before === null || origin <= before.origin + DRIFT_MS) return { origin, leaptMono: null };
  const leaptMono = before.leaptMono ?? monoMs;
  return monoMs - leaptMono < STANDS_MS ? { ...before, leaptMono } : { origin, leaptMono: null };
}

/** How far the store's clock is ahead of what is believed of it. */
export function leapOf({ origin }: FollowedClock, { storeNow, monoMs }: ClockReading): DurationMs {
  return durationMs(Math.max(0, storeNow - monoMs - origin));
}
