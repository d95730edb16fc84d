import type { HistoryMark } from '../domain/history/decide-history.js';
import type { EpochMs } from '../domain/time.js';

/** How far what is stored can be believed. Instants are on the store's own clock. */
export interface HistoryReport {
  /** What the store is now; to be handed in the next time. */
  readonly mark: HistoryMark;
  readonly now: EpochMs;
  /** When its past was last found to be another one; null where it never was. */
  readonly changedAt: EpochMs | null;
  /** It was restored from a backup, and nobody has confirmed that yet. */
  readonly quarantined: boolean;
}

/**
 * Whether the store still is the one that acknowledged what it acknowledged. A database that fails over to an asynchronous
 * copy, or comes back from a backup, forgets commits: it cannot tell which, but it can tell that it did.
 */
export interface HistoryStore {
  /** Whether it can lose what it has acknowledged while a gateway runs. A file that one process holds open cannot. */
  readonly mayForget: boolean;
  /**
   * Looks, and notes what was found for all gateways.
   * @param seen what this gateway saw the last time; null where it has just started
   */
  look(seen: HistoryMark | null): Promise<HistoryReport>;
  /** Ends a quarantine; the change counts from now on. */
  confirm(): Promise<void>;
  /**
   * Calls `changed` as soon as a connection shows another past than the last look. From then on claims and transitions wait
   * until `resume`: nothing is begun on a past that nobody has looked at.
   */
  watch(changed: () => void): void;
  resume(): void;
}
