import type { Clock } from '../ports/clock.js';
import type { Ids } from '../ports/ids.js';
import type { Log } from '../ports/log.js';
import type { IncarnationStore } from '../ports/incarnation-store.js';
import { StorageUnavailable } from '../ports/store.js';
import { durationMs } from '../domain/time.js';
import type { LeaseView } from './deps.js';

export interface Lease extends LeaseView {
  start(): Promise<void>;
  /** Ends the lease at once, so that others need not wait for it, where the store is there to be told. */
  stop(): Promise<void>;
}

export interface LeasePorts {
  readonly incarnations: IncarnationStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface LeaseOptions {
  readonly leaseMs: number;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Called when this incarnation has lost its lease and lives on as a new one: its old executions are orphans now. */
  readonly onRebirth: () => void;
}

/** Part of the lease that is never used, for the time between asking and being asked. */
const MARGIN = 0.2;

/**
 * This incarnation's right to act, renewed three times per lease. It counts from when a renewal was *asked for*, on the
 * monotonic clock, so that neither a slow store nor a clock step can make it look longer than the store believes.
 */
export function createLease(ports: LeasePorts, options: LeaseOptions): Lease {
  const { incarnations, clock, ids, log } = ports;
  const { leaseMs, host, pid, version } = options;
  let owner = ids.token();
  let heldUntil = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;
  let stopped = false;

  async function enlist(): Promise<void> {
    const asked = clock.monotonic();
    await incarnations.enlist({ id: owner, host, pid, version }, durationMs(leaseMs));
    heldUntil = asked + leaseMs * (1 - MARGIN);
  }

  async function renew(): Promise<void> {
    const asked = clock.monotonic();
    try {
      if (await incarnations.renew(owner, durationMs(leaseMs))) {
        heldUntil = asked + leaseMs * (1 - MARGIN);
      } else if (!stopped) {
        log.warn('lease_lost', { owner });
        owner = ids.token();
        await enlist();
        options.onRebirth();
      }
    } catch (error) {
      log.error('lease_not_renewed', { owner, error: String(error) });
    }
    if (!stopped) cancel = clock.schedule(leaseMs / 3, () => void renew());
  }

  /** A store that is out of reach does not keep a gateway from ending: the lease runs out by itself. */
  async function retire(): Promise<void> {
    try {
      await incarnations.retire(owner);
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      log.warn('lease_not_ended', { owner, error: String(error) });
    }
  }

  return {
    get owner() {
      return owner;
    },
    held: () => clock.monotonic() < heldUntil,
    async start() {
      await enlist();
      cancel = clock.schedule(leaseMs / 3, () => void renew());
    },
    async stop() {
      stopped = true;
      cancel?.();
      heldUntil = Number.NEGATIVE_INFINITY;
      await retire();
    },
  };
}
