import { durationMs, type DurationMs } from '../time.js';

/** The pause after the 1st, 2nd, ... failed delivery: 24 hours and 12 minutes in all, as Standard Webhooks suggests. */
const PAUSES_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 61_200_000] as const;

/** A receiver may ask for a longer pause, within reason. */
const LONGEST_ASKED_MS = 21_600_000;

/** Pauses vary by this much up and down, so that what failed together does not come back together. */
const SPREAD = 0.1;

export interface FailedDelivery {
  /** Deliveries tried before this one. */
  readonly attempts: number;
  /** What the receiver asked for (Retry-After), in milliseconds. */
  readonly afterMs: number | null;
  /** Between 0 and 1. */
  readonly random: number;
}

/** How long to wait before the next delivery; null: it has been tried long enough. */
export function retryDelay({ attempts, afterMs, random }: FailedDelivery): DurationMs | null {
  const pause = PAUSES_MS[attempts];
  if (pause === undefined) return null;
  const spread = pause * (1 - SPREAD + 2 * SPREAD * random);
  return durationMs(Math.round(Math.max(spread, Math.min(afterMs ?? 0, LONGEST_ASKED_MS))));
}
