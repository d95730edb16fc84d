import { followClock, leapOf, type FollowedClock } from '../domain/history/follow-clock.js';
import { after, type EpochMs } from '../domain/time.js';
import type { EngineDeps } from './deps.js';

const PRUNE_EVERY_MS = 60_000;
/** A batch holds up what waits for the database: this many take some milliseconds. */
const PRUNE_BATCH = 200;
/** Between two batches calls go first; what is left of a second is still enough for many thousands. */
const PRUNE_PAUSE_MS = 10;
/** How long the count of a budget is kept after its window has ended. */
const ENDED_WINDOW_MS = 86_400_000;
/** How long a message is kept after its delivery. */
const DELIVERED_MS = 7 * 86_400_000;

export interface Sweeps {
  /** Takes over from gateways that are gone. */
  readonly sweep: () => Promise<number>;
  /** Ends approvals that nobody has decided in time. */
  readonly expireOverdue: () => Promise<number>;
  /** Judges the events that were kept for calls whose gateway stopped as soon as it had ended them. */
  readonly settleLeftOpen: () => Promise<number>;
  /** Tells the store which keys were used. */
  readonly tellKeyUses: () => Promise<void>;
}

const EXPIRE_EVERY_MS = 5_000;
const KEY_USES_EVERY_MS = 60_000;
const LEFT_OPEN_EVERY_MS = 10_000;

/**
 * What has to happen without anybody asking: taking over from gateways that are gone (every half lease, spread at random),
 * ending approvals whose time is over, and pruning what has been kept long enough, in small batches. Returns what ends it.
 */
export function startHousekeeping(deps: EngineDeps & Sweeps): () => void {
  const { clock, log, config, random, store } = deps;
  let stopped = false;
  const cancels: (() => void)[] = [];
  let followed: FollowedClock | null = null;

  function every(slot: number, pauseMs: () => number, task: () => Promise<unknown>): void {
    cancels[slot] = clock.schedule(pauseMs(), () => {
      task()
        .catch((error: unknown) => log.warn('housekeeping_failed', { error: String(error) }))
        .finally(() => {
          if (!stopped) every(slot, pauseMs, task);
        });
    });
  }

  /** All that there is: what a minute leaves behind may be more than a batch, and must not pile up. */
  async function inBatches(prune: (limit: number) => Promise<number>): Promise<void> {
    while (!stopped && (await prune(PRUNE_BATCH)) === PRUNE_BATCH) {
      await new Promise<void>((resolve) => clock.schedule(PRUNE_PAUSE_MS, resolve));
    }
  }

  /** What the store's clock shows, as far as it is believed. */
  function followStore(): EpochMs {
    const reading = { storeNow: deps.history.storeNow(), monoMs: clock.monotonic() };
    followed = followClock(followed, reading);
    const leapMs = leapOf(followed, reading);
    if (leapMs > 0) log.warn('store_clock_leapt', { ahead_ms: leapMs, what: 'nothing is dropped by it yet' });
    return after(reading.storeNow, -leapMs);
  }

  followStore();
  every(0, () => (config.leaseMs / 2) * (0.75 + random() / 2), deps.sweep);
  every(
    1,
    () => PRUNE_EVERY_MS * (0.75 + random() / 2),
    async () => {
      const now = followStore();
      const { retentionMs: keptMs, tombstoneMs } = config;
      const keptSince = after(now, -keptMs);
      const { executions, traces, settlements, usage, outbox } = store;
      await inBatches((limit) => executions.prune({ now, keptMs, tombstoneMs, limit }));
      await inBatches((limit) => executions.dropTombstones(now, limit));
      await inBatches((limit) => traces.prune(keptSince, limit));
      await inBatches((limit) => settlements.prune(keptSince, limit));
      await inBatches((limit) => usage.prune(after(now, -ENDED_WINDOW_MS), limit));
      await inBatches((limit) => outbox.prune(after(now, -DELIVERED_MS), limit));
      await inBatches((limit) => outbox.pruneDead(keptSince, limit));
    },
  );
  every(3, () => KEY_USES_EVERY_MS * (0.75 + random() / 2), deps.tellKeyUses);
  every(2, () => EXPIRE_EVERY_MS * (0.75 + random() / 2), deps.expireOverdue);
  every(4, () => LEFT_OPEN_EVERY_MS * (0.75 + random() / 2), deps.settleLeftOpen);
  return () => {
    stopped = true;
    for (const cancel of cancels) cancel();
  };
}
