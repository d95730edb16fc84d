import { between, type EpochMs } from '../time.js';

/** What a database shows of its own past. */
export interface HistoryMark {
  /** Names its past: another one after a failover to a copy that was promoted, or after a restore. */
  readonly line: string;
  /** Only grows within a line: how often this gateway has looked, as the database knows it. */
  readonly position: number;
}

/** What is kept about the past, in the database itself. */
export interface HistoryRecord {
  readonly line: string;
  /** When a gateway last looked; how old what is stored is when it comes back from a backup. */
  readonly seenAt: EpochMs;
  /** When the past was last found to be another one; null where it never was. */
  readonly changedAt: EpochMs | null;
  /** Nothing is begun until somebody has confirmed what was restored. */
  readonly quarantined: boolean;
}

export interface HistoryFacts {
  readonly now: EpochMs;
  readonly mark: HistoryMark;
  /** Null in a database that no gateway has looked at. */
  readonly record: HistoryRecord | null;
  /** What this gateway saw the last time; null where it has just started. */
  readonly seen: HistoryMark | null;
  /** Something beside the database knows that it had a past. */
  readonly hadPast: boolean;
  /** Whether the store can lose what it has acknowledged by itself, as a server does that fails over to a copy. */
  readonly mayForget: boolean;
}

/** A gap longer than this is no failover: somebody has put back what was stored a while ago. */
const LONGEST_FAILOVER_MS = 300_000;

/**
 * The record as it is from now on. Where the database has gone back, calls that it does not know may have been made: after a
 * failover, which loses moments, they are looked up before they are made; after a restore, which loses hours, they wait for
 * somebody who knows. A store that cannot forget by itself has no failovers: there somebody has put back a copy, however new,
 * or has taken away what was there.
 */
export function decideHistory(facts: HistoryFacts): HistoryRecord {
  const { now, mark, record, seen, hadPast, mayForget } = facts;
  const { line } = mark;
  if (record === null) {
    const emptied = hadPast || seen !== null;
    return { line, seenAt: now, changedAt: emptied ? now : null, quarantined: emptied && !mayForget };
  }
  const wentBack = seen !== null && seen.line === line && seen.position > mark.position;
  if (record.line === line && !wentBack) return { ...record, seenAt: now };
  const restored = !mayForget || between(record.seenAt, now) > LONGEST_FAILOVER_MS;
  return { line, seenAt: now, changedAt: now, quarantined: record.quarantined || restored };
}
