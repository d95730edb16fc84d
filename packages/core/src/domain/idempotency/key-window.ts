import { between, latest, type EpochMs } from '../time.js';

/** What the clocks show that a gateway can see: its own, and an estimate of the store's. */
export interface Clocks {
  readonly ours: EpochMs;
  readonly stores: EpochMs;
}

/** Clocks that are no further apart agree. */
const AGREE_MS = 1_000;

/**
 * When an attempt begins, and with the first one the time for which a tool remembers our key. A clock of ours that is fast must
 * not make that seem to end later than it does.
 */
export function startOfAttempt({ ours, stores }: Clocks): EpochMs {
  return between(stores, ours) > AGREE_MS ? stores : ours;
}

/** The time against which that is held: a clock of ours that is behind must not take a key for valid that the tool has forgotten. */
export function nowForKeys({ ours, stores }: Clocks): EpochMs {
  return latest(ours, stores);
}
