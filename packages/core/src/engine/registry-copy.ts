import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { RegistrySnapshot, RegistryStore } from '../ports/registry-store.js';
import { StorageUnavailable } from '../ports/store.js';

/** What the registry holds as this process knows it, kept fresh by polling the registry's revision. */
export interface RegistryCopy {
  /** Empty before the first answer. */
  snapshot(): RegistrySnapshot;
  /**
   * Null where what is known here is at most as old as was promised; else asks, and rejects where nobody answers: to wait
   * for with whatever must not be decided by what was true long ago.
   */
  fresh(): Promise<void> | null;
  refresh(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export interface RegistryCopyPorts {
  readonly registry: RegistryStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often a replica asks for changes... */
const POLL_MS = 2_000;
/** ...and for how long an answer may be relied upon, counted from when it was asked for; what is promised is 5 s. */
const FRESH_MS = 4_500;

const EMPTY: RegistrySnapshot = {
  revision: -1,
  providers: [],
  tools: [],
  policies: [],
  workflows: [],
  keys: [],
};

/** @param taken told of every snapshot that takes the place of the one before */
export function createRegistryCopy(
  ports: RegistryCopyPorts,
  taken: (snapshot: RegistrySnapshot) => void,
): RegistryCopy {
  const { registry, clock } = ports;
  let snapshot = EMPTY;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let stopPolling: (() => void) | null = null;

  async function refresh(): Promise<void> {
    const asked = clock.monotonic();
    const loaded = await registry.load();
    // Of two that were under way at once, the later answer may be the older one. Told by when they were asked for, because
    // the revision itself goes back with a database that is restored.
    if (asked < loadedAt) return;
    loadedAt = asked;
    snapshot = loaded;
    freshUntil = Math.max(freshUntil, asked + FRESH_MS);
    taken(loaded);
  }

  async function askOnce(): Promise<void> {
    const asked = clock.monotonic();
    if ((await registry.revision()) !== snapshot.revision) await refresh();
    else freshUntil = Math.max(freshUntil, asked + FRESH_MS);
  }

  /** One question at a time: whoever comes while it is under way waits for its answer. */
  function ask(): Promise<void> {
    asking ??= askOnce().finally(() => (asking = null));
    return asking;
  }

  return {
    snapshot: () => snapshot,
    fresh() {
      if (clock.monotonic() < freshUntil) return null;
      return ask().then(() => {
        if (clock.monotonic() < freshUntil) return;
        throw new StorageUnavailable('It cannot be found out now whether keys were revoked.');
      });
    },
    refresh,
    async start() {
      await refresh();
      stopPolling = startPolling(ask, ports);
    },
    stop: () => stopPolling?.(),
  };
}

/** Asks again and again, until the function that is returned is called. */
function startPolling(ask: () => Promise<void>, { clock, log }: RegistryCopyPorts): () => void {
  let stopped = false;
  let cancel = next();

  function next(): () => void {
    return clock.schedule(POLL_MS, () => void poll());
  }

  async function poll(): Promise<void> {
    try {
      await ask();
    } catch (error) {
      log.warn('registry_not_read', { error: String(error) });
    }
    if (!stopped) cancel = next();
  }

  return () => {
    stopped = true;
    cancel();
  };
}
