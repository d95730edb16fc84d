import { after, durationMs } from '../domain/time.js';
import type { EngineDeps } from './deps.js';

const PRUNE_EVERY_MS = 60_000;
const PRUNE_BATCH = 500;
const MOST_BATCHES = 200;
/** How long the count of a budget is kept after its window has ended. */
const ENDED_WINDOW_MS = 86_400_000;
/** How long a message is kept after its delivery. */
const DELIVERED_MS = 7 * 86_400_000;

export interface Sweeps {
  /** Takes over from gateways that are gone. */
  readonly sweep: () => Promise<number>;
  /** Ends approvals that nobody has decided in time. */
  readonly expireOverdue: () => Promise<number>;
  /** Tells the store which keys were used. */
  readonly tellKeyUses: () => Promise<void>;
}

const EXPIRE_EVERY_MS = 5_000;
const KEY_USES_EVERY_MS = 60_000;

/**
 * What has to happen without anybody asking: taking over from gateways that are gone (every half lease, spread at random),
 * ending approvals whose time is over, and pruning what has been kept long enough, in small batches. Returns what ends it.
 */
export function startHousekeeping(deps: EngineDeps & Sweeps): () => void {
  const { clock, log, config, random, store } = deps;
  let stopped = false;
  const cancels: (() => void)[] = [];

  function every(slot: number, pauseMs: () => number, task: () => Promise<unknown>): void {
    cancels[slot] = clock.schedule(pauseMs(), () => {
      task()
        .catch((error: unknown) => log.warn('housekeeping_failed', { error: String(error) }))
        .finally(() => {
          if (!stopped) every(slot, pauseMs, task);
        });
    });
  }

  /** Batch after batch, each a short transaction of its own; what is left after many is for the next time. */
  async function pruneAll(prune: () => Promise<number>): Promise<void> {
    for (let batch = 0; batch < MOST_BATCHES && !stopped; batch += 1) {
      if ((await prune()) < PRUNE_BATCH) return;
    }
  }

  every(0, () => (config.leaseMs / 2) * (0.75 + random() / 2), deps.sweep);
  every(
    1,
    () => PRUNE_EVERY_MS * (0.75 + random() / 2),
    async () => {
      const now = clock.now();
      const finishedBefore = after(now, durationMs(-config.retentionMs));
      const kept = config.retentionMs;
      const batches: readonly (() => Promise<number>)[] = [
        () => store.executions.prune(finishedBefore, after(now, config.tombstoneMs), PRUNE_BATCH),
        () => store.executions.dropTombstones(now, PRUNE_BATCH),
        () => store.traces.prune(finishedBefore, PRUNE_BATCH),
        () => store.settlements.prune(finishedBefore, PRUNE_BATCH),
        () => store.usage.prune(after(now, -ENDED_WINDOW_MS), PRUNE_BATCH),
        () => store.outbox.prune(after(now, -DELIVERED_MS), PRUNE_BATCH),
        () => store.outbox.pruneDead(after(now, -kept), PRUNE_BATCH),
      ];
      for (const prune of batches) await pruneAll(prune);
    },
  );
  every(3, () => KEY_USES_EVERY_MS * (0.75 + random() / 2), deps.tellKeyUses);
  every(2, () => EXPIRE_EVERY_MS * (0.75 + random() / 2), deps.expireOverdue);
  return () => {
    stopped = true;
    for (const cancel of cancels) cancel();
  };
}
