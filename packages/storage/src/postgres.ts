import type { Log } from '@invoke/core/ports';
import { createPostgresDialect } from './dialect/postgres.js';
import { openStore, type DatabaseStore } from './stores/store.js';
import { createTableNames, DEFAULT_TABLE_PREFIX } from './tables.js';

export interface PostgresStoreOptions {
  /** `postgres://...`; direct, or through a pooler in session or transaction mode. Always the primary. */
  readonly connectionString: string;
  /** Connections for the statements that every call runs; 3 by default. Two more serve everything else. */
  readonly connections?: number;
  /** Told of lost connections and of traces that had to be dropped. */
  readonly log?: Log;
  /** Put before the name of every table: `[a-z_][a-z0-9_]{0,30}`; `invoke_` by default. */
  readonly tablePrefix?: string;
}

/**
 * The Store on one Postgres, for any number of gateways. Writes are durable when they resolve; those of the same kind that
 * wait for each other share a statement. An answer that is lost with its connection is asked for again, for some seconds.
 * Errors: throws when the schema is newer than this program; StorageUnavailable when the database does not answer.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<DatabaseStore> {
  const tables = createTableNames(options.tablePrefix ?? DEFAULT_TABLE_PREFIX);
  const { connectionString, log } = options;
  const dialect = createPostgresDialect(
    { connectionString, connections: options.connections ?? 3, log },
    tables,
  );
  return openStore(dialect, log);
}

export type { DatabaseStore } from './stores/store.js';
