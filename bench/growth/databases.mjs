import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startOwnPostgres } from '../subjects/postgres.mjs';
/** @import { DatabaseStore } from '@invoke/storage/sqlite' */
/** @import { GatewayOptions } from '../subjects/gateway.mjs' */

/**
 * A kind of database to grow stores in.
 * @typedef {object} Databases
 * @property {string} name
 * @property {(label: string) => Promise<Place>} create A new, empty one.
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} Place
 * @property {() => Promise<DatabaseStore>} open
 * @property {GatewayOptions} options To start a gateway on it.
 * @property {() => Promise<void>} settle What the database would do by itself some time later: called when it is filled.
 * @property {() => Promise<readonly Size[]>} sizes
 *
 * @typedef {{ readonly what: string, readonly bytes: number }} Size
 */

/** @param {string} dir @returns {Promise<Databases>} */
export async function sqliteDatabases(dir) {
  const { createSqliteStore } = await import('@invoke/storage/sqlite');
  return {
    name: 'SQLite',
    async create(label) {
      const dataDir = mkdtempSync(join(dir, `sqlite-${label}-`));
      return {
        open: () => createSqliteStore({ dataDir }),
        options: { dataDir },
        settle: async () => {},
        /* Of a closed store: its log is a part of the file then. */
        async sizes() {
          const files = readdirSync(dataDir).map((file) => statSync(join(dataDir, file)).size);
          return [{ what: 'the file', bytes: files.reduce((sum, size) => sum + size, 0) }];
        },
      };
    },
    stop: async () => {},
  };
}

const SIZES = `select relname as what, pg_total_relation_size(oid) as bytes from pg_class
where relkind = 'r' and relname = 'invoke_executions'`;

/** @param {string} dir @returns {Promise<Databases>} */
export async function postgresDatabases(dir) {
  const { createPostgresStore } = await import('@invoke/storage/postgres');
  const server = await startOwnPostgres(dir);
  return {
    name: 'PostgreSQL',
    async create(label) {
      const databaseUrl = await server.createDatabase(label);
      return {
        open: () => createPostgresStore({ connectionString: databaseUrl }),
        options: { databaseUrl },
        settle: async () => void (await server.query(label, 'vacuum (analyze)')),
        async sizes() {
          const rows = await server.query(label, SIZES);
          return rows.map(({ what, bytes }) => ({ what: String(what), bytes: Number(bytes) }));
        },
      };
    },
    stop: server.stop,
  };
}
