import { after, durationMs } from '../domain/time.js';
import type { EngineDeps } from './deps.js';

const PRUNE_EVERY_MS = 60_000;
const PRUNE_BATCH = 500;

/**
 * What has to happen without anybody asking: taking over from gateways that are gone (every half lease, spread at random),
 * and pruning what has been kept long enough, in small batches. Returns what ends it.
 */
export function startHousekeeping(deps: EngineDeps & { readonly sweep: () => Promise<number> }): () => void {
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

  every(0, () => (config.leaseMs / 2) * (0.75 + random() / 2), deps.sweep);
  every(
    1,
    () => PRUNE_EVERY_MS * (0.75 + random() / 2),
    async () => {
      const now = clock.now();
      const finishedBefore = after(now, durationMs(-config.retentionMs));
      let pruned = PRUNE_BATCH;
      while (pruned === PRUNE_BATCH && !stopped) {
        pruned = await store.executions.prune(finishedBefore, after(now, config.tombstoneMs), PRUNE_BATCH);
      }
      await store.executions.dropTombstones(now, PRUNE_BATCH);
    },
  );
  return () => {
    stopped = true;
    for (const cancel of cancels) cancel();
  };
}
