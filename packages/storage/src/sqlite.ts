import { join } from 'node:path';
import type { EpochMs } from '@invoke/core/domain';
import type { Clock, Log } from '@invoke/core/ports';
import { openSqliteConnection } from './dialect/sqlite-connection.js';
import { createSqliteDialect } from './dialect/sqlite.js';
import { openStore, type DatabaseStore } from './stores/store.js';
import { createTableNames, DEFAULT_TABLE_PREFIX } from './tables.js';

/** A folder, in which the database is called invoke.db, or a file. What is not there is made, for its owner alone. */
export type SqliteStoreOptions = ({ readonly dataDir: string } | { readonly file: string }) & {
  /** Tells the time for leases; the wall clock by default. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Told of traces that had to be dropped. */
  readonly log?: Log;
  /** Put before the name of every table: `[a-z_][a-z0-9_]{0,30}`; `invoke_` by default. */
  readonly tablePrefix?: string;
};

/**
 * The Store on one SQLite file, for one process at a time. Writes are durable when they resolve (`synchronous=FULL`) and
 * share their commits: one per turn of the event loop.
 * Errors: throws when another process uses the file (naming its pid), when the file cannot be used, or when its schema is
 * newer than this program.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<DatabaseStore> {
  const tables = createTableNames(options.tablePrefix ?? DEFAULT_TABLE_PREFIX);
  const file = 'file' in options ? options.file : join(options.dataDir, 'invoke.db');
  const clock = options.clock ?? { now: () => Date.now() as EpochMs };
  const dialect = createSqliteDialect(openSqliteConnection(file), tables, clock);
  return openStore(dialect, options.log);
}

export type { DatabaseStore } from './stores/store.js';
