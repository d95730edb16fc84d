import {
  decideBeginning,
  type Beginning,
  type BeginningFacts,
} from '../../domain/history/decide-beginning.js';
import type { Clock } from '../../ports/clock.js';
import type { HistoryStore } from '../../ports/history-store.js';
import type { Log } from '../../ports/log.js';
import { StorageUnavailable } from '../../ports/store.js';
import { createKnownPast, type HistoryView } from './known-past.js';
import { createVerification, type Verification } from './verification.js';
import type { Remembering } from './verification-rounds.js';

/** What is stored, as it is asked before it is built on. */
export interface History extends HistoryView {
  /** False: what was acknowledged to this gateway may be lost, and has not been put back. Nothing that writes is begun. */
  verified(): boolean;
  /** Whether a call that writes may be begun, by a caller who waits this long. */
  beginning(patienceMs: number): Beginning;
  /** Asks the store now, and puts back what it has lost; rejects where that is not known. */
  look(): Promise<void>;
}

export interface HistoryGuard extends History {
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
  readonly remembering: Remembering;
}

const AGAIN_MS = 250;

/**
 * Asks the store now and then, and whenever a connection leads to another past, whether it still is what it was. Where it is
 * not, everything that was acknowledged to this gateway is verified before any call that writes is begun.
 */
export function createHistoryGuard(ports: HistoryGuardPorts, options: HistoryGuardOptions): HistoryGuard {
  const { history, clock, log } = ports;
  const past = createKnownPast(ports, options.horizonMs);
  const verification = createVerification({ clock, log, remembering: options.remembering });
  let looking: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let stopped = false;

  async function lookOnce(): Promise<void> {
    if (past.take(await history.look(past.mark()))) verification.ask();
    const step = await verification.settle();
    if (step.kind === 'verified' || step.othersGoOn) history.resume();
    if (step.kind === 'again') throw new StorageUnavailable('What was acknowledged is not verified yet.');
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
    doubted: past.doubted,
    changedAgoMs: past.changedAgoMs,
    quarantined: past.quarantined,
    storeNow: past.storeNow,
    verified: verification.done,
    beginning: (patienceMs) => beginning(past, verification, { lookEveryMs: options.everyMs, patienceMs }),
    look,
    async start() {
      await look();
      if (options.confirmRestored && past.quarantined()) {
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

function beginning(
  past: HistoryView,
  verification: Verification,
  waits: Pick<BeginningFacts, 'lookEveryMs' | 'patienceMs'>,
): Beginning {
  const [changedAgoMs, quarantined] = [past.changedAgoMs(), past.quarantined()];
  return decideBeginning({ changedAgoMs, quarantined, verified: verification.done(), ...waits });
}
