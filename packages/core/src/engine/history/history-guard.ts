import type { HistoryMark } from '../../domain/history/decide-history.js';
import { between } from '../../domain/time.js';
import type { Clock } from '../../ports/clock.js';
import type { HistoryReport, HistoryStore } from '../../ports/history-store.js';
import type { Log } from '../../ports/log.js';

/** How far what is stored can be believed. */
export interface HistoryView {
  /** The store has gone back a moment ago: it may not know of calls that were made. First attempts look before they act. */
  doubted(): boolean;
  /** How long ago that was, at least; without end where it never did. Milliseconds. */
  changedAgoMs(): number;
  /** It was restored, and nobody has confirmed that: nothing new is begun. */
  quarantined(): boolean;
  /** Asks the store now, and puts back what it has lost; rejects where it does not answer. */
  look(): Promise<void>;
}

export interface HistoryGuard extends HistoryView {
  start(): Promise<void>;
  stop(): void;
}

export interface HistoryGuardPorts {
  readonly history: HistoryStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HistoryGuardOptions {
  readonly everyMs: number;
  /** For how long after a change of the past first attempts look before they act. */
  readonly horizonMs: number;
  /** An operator says that what was restored is what they want. */
  readonly confirmRestored: boolean;
  /** Puts back what the store has lost; returns how many. */
  readonly reinstateLost: () => Promise<number>;
}

const AGAIN_MS = 250;
const MOST_FAILURES = 20;

/**
 * Asks the store now and then, and whenever a connection leads to another past, whether it still is what it was. Where it is
 * not, everything that was acknowledged to this gateway is verified before any call goes on.
 */
export function createHistoryGuard(ports: HistoryGuardPorts, options: HistoryGuardOptions): HistoryGuard {
  const { history, clock, log } = ports;
  let seen: HistoryMark | null = null;
  let changedAt: number | null = null;
  let isQuarantined = false;
  let changedMono = Number.NEGATIVE_INFINITY;
  /** A change was found, and what was lost by it has not been put back yet. */
  let unverified = false;
  let failures = 0;
  let looking: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let stopped = false;

  function take(report: HistoryReport): void {
    const before = seen?.line ?? report.mark.line;
    if (seen !== null && (before !== report.mark.line || report.changedAt !== changedAt)) {
      log.error('history_changed', { before, now: report.mark.line });
      unverified = true;
    }
    if (report.quarantined && !isQuarantined) {
      log.error('restored_from_backup', { what: 'nothing new is begun until somebody confirms it' });
    }
    ({ mark: seen, changedAt, quarantined: isQuarantined } = report);
    if (report.changedAt === null) return;
    changedMono = clock.monotonic() - between(report.changedAt, report.now);
  }

  async function lookOnce(): Promise<void> {
    take(await history.look(seen));
    if (unverified) await verify();
    history.resume();
  }

  async function verify(): Promise<void> {
    try {
      const lost = await options.reinstateLost();
      log.warn('history_verified', { lost });
    } catch (error) {
      failures += 1;
      // Calls wait for this: what cannot be put back for whatever reason must not stop a gateway for ever.
      if (failures < MOST_FAILURES) throw error;
      log.error('history_not_verified', { error: String(error) });
    }
    failures = 0;
    unverified = false;
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => (looking = null));
    return looking;
  }

  async function lookAndGoOn(): Promise<void> {
    let pauseMs = options.everyMs;
    try {
      await look();
    } catch (error) {
      log.warn('history_not_read', { error: String(error) });
      pauseMs = Math.min(pauseMs, AGAIN_MS);
    }
    if (!stopped) schedule(pauseMs);
  }

  function schedule(pauseMs: number): void {
    cancel?.();
    cancel = clock.schedule(pauseMs, () => void lookAndGoOn());
  }

  return {
    doubted: () => isQuarantined || clock.monotonic() < changedMono + options.horizonMs,
    changedAgoMs: () => clock.monotonic() - changedMono,
    quarantined: () => isQuarantined,
    look,
    async start() {
      await look();
      if (options.confirmRestored && isQuarantined) {
        await history.confirm();
        log.warn('restored_confirmed');
        await look();
      }
      history.watch(() => void lookAndGoOn());
      schedule(options.everyMs);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
