import type { HistoryMark } from '@invoke/core/domain';
import type { Clock } from '@invoke/core/ports';

export interface MemoryStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** As on SQLite, where one process owns the data: whoever enlists is alone. Off by default, as on Postgres. */
  readonly soleOwner?: boolean;
  /** What the store shows of its past; always the same where it is left out. */
  readonly mark?: () => HistoryMark;
}
