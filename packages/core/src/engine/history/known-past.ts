import type { HistoryMark } from '../../domain/history/decide-history.js';
import { after, between, type EpochMs } from '../../domain/time.js';
import type { Clock } from '../../ports/clock.js';
import type { HistoryReport } from '../../ports/history-store.js';
import type { Log } from '../../ports/log.js';

/** How far what is stored can be believed. */
export interface HistoryView {
  /** The store has gone back a moment ago: it may not know of calls that were made. First attempts look before they act. */
  doubted(): boolean;
  /** How long ago that was, at least; without end where it never did. Milliseconds. */
  changedAgoMs(): number;
  /** It was restored, and nobody has confirmed that: nothing new is begun. */
  quarantined(): boolean;
  /** What the clock of the store shows by now: as the last look has found it, and counted on since then. */
  storeNow(): EpochMs;
}

export interface KnownPast extends HistoryView {
  /** What the last look has shown; null where nobody has looked yet. */
  mark(): HistoryMark | null;
  /** Takes what a look has shown. True: the past has become another one since the last look. */
  take(report: HistoryReport): boolean;
}

/** @param horizonMs for how long after a change of the past it is doubted */
export function createKnownPast({ clock, log }: { clock: Clock; log: Log }, horizonMs: number): KnownPast {
  let last: HistoryReport | null = null;
  let changedMono = Number.NEGATIVE_INFINITY;
  let lookedMono = 0;

  function isAnother({ mark, changedAt }: HistoryReport): boolean {
    if (last === null) return false;
    return last.mark.line !== mark.line || last.changedAt !== changedAt;
  }

  function quarantined(): boolean {
    return last?.quarantined ?? false;
  }

  return {
    doubted: () => quarantined() || clock.monotonic() < changedMono + horizonMs,
    changedAgoMs: () => clock.monotonic() - changedMono,
    quarantined,
    storeNow: () =>
      last === null ? clock.now() : after(last.now, Math.floor(clock.monotonic() - lookedMono)),
    mark: () => last?.mark ?? null,
    take(report) {
      const another = isAnother(report);
      if (another) log.error('history_changed', { before: last?.mark.line, now: report.mark.line });
      if (report.quarantined && !quarantined()) {
        log.error('restored_from_backup', { what: 'nothing new is begun until somebody confirms it' });
      }
      last = report;
      lookedMono = clock.monotonic();
      if (report.changedAt !== null) {
        changedMono = clock.monotonic() - between(report.changedAt, report.now);
      }
      return another;
    },
  };
}
