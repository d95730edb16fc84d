import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestPostgres } from '@invoke/testkit/stores';
import type { StoredEvidence } from './evidence.js';
import { toEvidence, type RawRows } from './to-evidence.js';

/** A database under gateways that fail, seen from beside them. */
export interface FaultyDatabase extends AsyncDisposable {
  /** What gateways need to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Has the database itself keep every version of every execution. To be called when the tables are there. */
  witness(): Promise<void>;
  evidence(): Promise<StoredEvidence>;
  /** Executions that some gateway still has to drive. */
  openExecutions(): Promise<number>;
}

const VERSIONS = 'faults_versions';
const COLUMNS = 'id, epoch, seq, state, attempts, at';
const DRIVEN = `'accepted', 'running', 'retry_wait', 'unknown', 'reconciling'`;
const QUERIES = {
  executions:
    'select id, idempotency_key, tool, state, outcome, result_text, epoch, journal from invoke_executions order by n',
  versions: `select ${COLUMNS} from ${VERSIONS} order by n`,
  approvals: 'select id, execution_id, kind, state from invoke_approvals order by n',
  messages: `select id, topic, body, ended from invoke_outbox where channel = 'events' order by n`,
  open: `select count(*) as open from invoke_executions where state in (${DRIVEN})`,
} as const;

/** A fresh database on a server. @param port of a line to the server, where gateways are to go through one */
export async function faultyPostgres(server: TestPostgres, port?: number): Promise<FaultyDatabase> {
  const direct = await server.createDatabase();
  const url = new URL(direct);
  if (port !== undefined) url.port = String(port);
  const query = async (sql: string) => (await server.query(sql, direct)) as RawRows;
  return {
    env: { DATABASE_URL: url.href },
    async witness() {
      await query(`
        create table ${VERSIONS} (n bigint generated always as identity, id text, epoch bigint, seq bigint, state text, attempts int, at float8);
        create function ${VERSIONS}_keep() returns trigger language plpgsql as $$ begin
          insert into ${VERSIONS} (${COLUMNS}) values (new.id, new.epoch, new.seq, new.state,
            json_array_length(new.journal::json -> 'attempts'), extract(epoch from clock_timestamp()) * 1000);
          return null;
        end $$;
        create trigger ${VERSIONS}_keep after insert or update on invoke_executions
          for each row execute function ${VERSIONS}_keep();`);
    },
    async evidence() {
      return toEvidence({
        executions: await query(QUERIES.executions),
        versions: await query(QUERIES.versions),
        approvals: await query(QUERIES.approvals),
        messages: await query(QUERIES.messages),
      });
    },
    openExecutions: async () => Number((await query(QUERIES.open))[0]?.['open']),
    // It goes with the server.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A folder for one SQLite file, which outlives the gateways over it. */
export async function faultySqlite(): Promise<FaultyDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invoke-faults-'));
  const withFile = <T>(use: (file: DatabaseSync) => T): T => {
    const file = new DatabaseSync(join(dataDir, 'invoke.db'));
    try {
      file.exec('pragma busy_timeout = 5000');
      return use(file);
    } finally {
      file.close();
    }
  };
  const query = (sql: string) => withFile((file) => file.prepare(sql).all() as RawRows);
  return {
    env: { INVOKE_DATA_DIR: dataDir },
    async witness() {
      const keep = `insert into ${VERSIONS} (${COLUMNS}) values (new.id, new.epoch, new.seq, new.state,
        json_array_length(new.journal, '$.attempts'), unixepoch('subsec') * 1000);`;
      withFile((file) =>
        file.exec(`
          create table ${VERSIONS} (n integer primary key, id text, epoch int, seq int, state text, attempts int, at real);
          create trigger ${VERSIONS}_new after insert on invoke_executions begin ${keep} end;
          create trigger ${VERSIONS}_moved after update on invoke_executions begin ${keep} end;`),
      );
    },
    async evidence() {
      return toEvidence({
        executions: query(QUERIES.executions),
        versions: query(QUERIES.versions),
        approvals: query(QUERIES.approvals),
        messages: query(QUERIES.messages),
      });
    },
    openExecutions: async () => Number(query(QUERIES.open)[0]?.['open']),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  };
}
