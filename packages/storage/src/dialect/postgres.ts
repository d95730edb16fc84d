import {
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { TableNames, Tables } from '../tables.js';
import { hardenPostgres } from '../migrations/harden-postgres.js';
import type { BatchQuery, BatchSource, Dialect, Lane } from './dialect.js';
import type { ArrayColumn } from './postgres-arrays.js';
import { createPostgresLane } from './postgres-lane.js';
import { createPostgresPast } from './postgres-past.js';
import { createPostgresSessions, PATIENCE_MS, persist, WAIT_FOR_STANDBY } from './postgres-sessions.js';
import type { PostgresOptions, PostgresSessions } from './postgres-sessions.js';
import { SessionFailure, type Session } from './postgres-session.js';
import { postgresFlaw } from './postgres-flaw.js';
import type { Script } from './script.js';
import { toUnavailable } from './to-unavailable.js';

/** Nobody holds a row for longer than one statement; who waits for it holds up the whole batch. */
const LOCK_TIMEOUT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** The server is given this much longer to say so itself. */
const GRACE_MS = 5_000;

export function createPostgresDialect(options: PostgresOptions, tables: TableNames): Dialect {
  const past = createPostgresPast();
  const sessions = createPostgresSessions(options, past);
  const build = createBuilder();
  return {
    build,
    tables,
    soleOwner: false,
    // Not now(), which stands still within a transaction, and not our own clock, which is another one on each gateway.
    now: () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    hasTable: (name) => sql<number>`case when to_regclass(${name}) is null then 0 else 1 end`,
    ddl: {
      text: 'text collate "C"',
      int: 'bigint',
      real: 'double precision',
      serial: 'bigint generated always as identity primary key',
      tail: '',
      addColumn: 'add column if not exists',
      rewritesByCondition: false,
    },
    migrationLock: [sql`select pg_advisory_xact_lock(hashtext(${tables.schema}))`.compile(build)],
    hardening: () => hardenPostgres(tables).map((statement) => CompiledQuery.raw(statement)),
    lane<Item extends object, Row>(query: BatchQuery<Item, Row>): Lane<Item, Row> {
      const compile = (part: BatchQuery<Item, Row>['query']) => part(fromArrays(query)).compile().sql;
      const lane = createPostgresLane(sessions, {
        query: compile(query.query),
        columns: columnsOf(query),
        written: query.written === undefined ? null : confirming(compile(query.written)),
        key: query.key,
      });
      return lane as unknown as Lane<Item, Row>;
    },
    read: (script) => transact(sessions, { mode: 'read only', script, patienceMs: PATIENCE_MS }),
    write: (script, options) =>
      transact(sessions, { mode: 'read write', script, patienceMs: PATIENCE_MS, ...options }),
    // A statement of its own takes the traces along: there is no commit to share.
    beforeCommit: () => {},
    past,
    flaw: () => sessions.use('cold', (session) => postgresFlaw(session, tables)),
    close: () => sessions.close(),
  };
}

function columnsOf<Item extends object>({
  columns,
}: Pick<BatchQuery<Item, unknown>, 'columns'>): ArrayColumn[] {
  return Object.entries<ArrayColumn['type']>(columns).map(([name, type]) => ({ name, type }));
}

/**
 * The items arrive as one array per column, so that the statement is the same for any number of them. The settings hold for the
 * statement's own transaction.
 */
function fromArrays<Item extends object, Row>(query: BatchQuery<Item, Row>): BatchSource<Item> {
  const names = Object.keys(query.columns).map((name) => sql.ref(name));
  const arrays = columnsOf(query).map(({ name, type }) => sql`${name}::${sql.raw(type)}[]`);
  const settings =
    query.written === undefined
      ? sql``
      : sql`, set_config('synchronous_commit', 'on', true) as durable, set_config('lock_timeout', ${sql.lit(String(LOCK_TIMEOUT_MS))}, true) as patience`;
  const table =
    sql<Item>`(select ${sql.join(names.map((name) => sql`item.${name}`))} from unnest(${sql.join(arrays)}) as item(${sql.join(names)})${settings})`.as<'s'>(
      's',
    );
  return {
    value: (column) => sql.ref(`s.${column}`),
    all: sql`select * from ${table}`,
    many: true,
    table,
  };
}

/** What is found is told only when the standby has it as well. */
function confirming(written: string): string {
  return `select w.*, ${WAIT_FOR_STANDBY} as durable from (${written}) as w`;
}

interface Transaction<T> {
  readonly mode: 'read only' | 'read write';
  readonly script: (again: boolean) => Script<T>;
  readonly patienceMs: number;
  readonly keeps?: (result: T) => boolean;
}

async function transact<T>(sessions: PostgresSessions, transaction: Transaction<T>): Promise<T> {
  try {
    const until = performance.now() + transaction.patienceMs;
    return await persist(until, (lost) =>
      sessions.use('cold', (session) => runOnce(session, transaction, lost)),
    );
  } catch (error) {
    throw error instanceof SessionFailure ? toUnavailable(error) : error;
  }
}

async function runOnce<T>(session: Session, transaction: Transaction<T>, lost: boolean): Promise<T> {
  const { mode, patienceMs, keeps = () => true } = transaction;
  const longer = Math.max(0, patienceMs - PATIENCE_MS);
  const statementMs = STATEMENT_TIMEOUT_MS + longer;
  const ask = (text: string, values?: readonly unknown[]) =>
    session.query(text, values, statementMs + GRACE_MS);
  await ask(
    `begin ${mode}; set local synchronous_commit = on; ` +
      `set local lock_timeout = ${LOCK_TIMEOUT_MS + longer}; set local statement_timeout = ${statementMs}`,
  );
  try {
    const script = transaction.script(lost);
    let step = script.next([]);
    while (step.done !== true) step = script.next(await ask(step.value.sql, step.value.parameters));
    if (lost && mode === 'read write') await ask(`select ${WAIT_FOR_STANDBY}`);
    await ask(keeps(step.value) ? 'commit' : 'rollback');
    return step.value;
  } catch (error) {
    // A connection that is lost or in doubt is closed, and the server rolls back by itself.
    if (error instanceof SessionFailure && error.kind !== 'connection') await ask('rollback');
    throw error;
  }
}

function createBuilder(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
