import { StorageUnavailable, type Clock } from '@invoke/core/ports';
import type Database from 'better-sqlite3';
import {
  DummyDriver,
  Kysely,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
} from 'kysely';
import type { TableNames, Tables } from '../tables.js';
import type { BatchQuery, BatchSource, Dialect, Lane, Past } from './dialect.js';
import { rememberFile } from './file-in-place.js';
import { createGroupCommit, type GroupCommit } from './group-commit.js';
import type { GroupConnection } from './run-together.js';
import type { Script } from './script.js';
import { createSqlitePast } from './sqlite-past.js';
import type { SqliteConnection } from './sqlite-connection.js';
import { toUnavailable } from './to-unavailable.js';
import type { Value } from './writer-protocol.js';

const TAKE_BACK = 'rollback to script; release script';

export function createSqliteDialect(
  connection: SqliteConnection,
  tables: TableNames,
  clock: Pick<Clock, 'now'>,
): Dialect {
  const { db, writer = null } = connection;
  const build = createBuilder();
  const group = createGroupCommit(toGroupConnection(db), writer);
  const execute = createExecutor(db);
  const whyNotInPlace = rememberFile(connection.file);

  function flaw(): string | null {
    const why = whyNotInPlace();
    if (why !== null) group.condemn(why);
    return group.flaw;
  }

  /** A read sees the last commit: the process is alone and nothing is open between turns. */
  function readNow<T>(work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(toUnavailable(error));
    }
  }

  return {
    build,
    tables,
    soleOwner: true,
    now: () => sql<number>`${clock.now()}`,
    hasTable: (name) => sql<number>`exists (select 1 from sqlite_master where name = ${name})`,
    ddl: {
      text: 'text',
      int: 'integer',
      real: 'real',
      serial: 'integer primary key',
      tail: ' strict',
      addColumn: 'add column',
      rewritesByCondition: true,
    },
    migrationLock: [],
    hardening: () => [],
    lane<Item extends object, Row>(query: BatchQuery<Item, Row>): Lane<Item, Row> {
      return query.written === undefined
        ? readLane(db, query, readNow)
        : writeLane(db, query as WriteQuery<Item, Row>, group);
    },
    read: (script) => readNow(() => drive(script(), execute)),
    write: (script, options) =>
      group.add(() => atomically(db, () => drive(script(false), execute), options?.keeps)),
    beforeCommit: (hook) => group.beforeCommit(hook),
    past: unlessFlawed(createSqlitePast(`${connection.file}.seen`, tables), flaw),
    flaw: () => Promise.resolve(flaw()),
    async close() {
      await group.close();
      connection.close();
    },
  };
}

/** Nothing is said of the past of a file that nobody would find. */
function unlessFlawed(past: Past, flaw: () => string | null): Past {
  return {
    ...past,
    *line() {
      const why = flaw();
      if (why !== null) throw new StorageUnavailable(why);
      return yield* past.line();
    },
  };
}

type WriteQuery<Item extends object, Row> = BatchQuery<Item, Row> &
  Required<Pick<BatchQuery<Item, Row>, 'written'>>;

function readLane<Item extends object, Row>(
  db: Database.Database,
  query: BatchQuery<Item, Row>,
  readNow: (work: () => Row | null) => Promise<Row | null>,
): Lane<Item, Row> {
  const asked = prepare(db, query, query.query);
  return (item) => readNow(() => (asked.statement().get(...asked.bind(item)) as Row | undefined) ?? null);
}

function writeLane<Item extends object, Row>(
  db: Database.Database,
  query: WriteQuery<Item, Row>,
  group: GroupCommit,
): Lane<Item, Row> {
  const asked = prepare(db, query, query.query);
  const written = prepare(db, query, query.written);
  return (item) => {
    const values = asked.bind(item);
    const done = { [query.key]: item[query.key] } as Row;
    const read = (changes: number) => (changes > 0 ? done : null);
    return group.addWrite<Row | null>({
      sql: asked.text,
      values,
      read,
      run(again) {
        const row = read(asked.statement().run(...values).changes);
        if (row !== null || !again) return row;
        return written.statement().get(...written.bind(item)) === undefined ? null : done;
      },
    });
  };
}

/**
 * Compiles the query once, with the names of the columns standing in for the values that are bound later. The statement
 * itself is prepared when it is first used: before the migrations there are no tables.
 */
function prepare<Item extends object, Row>(
  db: Database.Database,
  query: BatchQuery<Item, Row>,
  part: BatchQuery<Item, Row>['query'],
) {
  const { sql: text, parameters } = part(boundDirectly(query)).compile();
  const columns = parameters as readonly (keyof Item & string)[];
  let prepared: Database.Statement<unknown[]> | null = null;
  return {
    text,
    bind: (item: Item) => columns.map((column) => item[column] as Value),
    statement: () => (prepared ??= db.prepare<unknown[]>(text)),
  };
}

/**
 * One row of values and no RETURNING: SQLite would take anything more for a statement that may change many rows, and copy
 * every page that it touches in case it has to undo it (measured: half of the time of a write).
 */
function boundDirectly<Item extends object, Row>(query: BatchQuery<Item, Row>): BatchSource<Item> {
  return {
    value: (column) => sql`${column}`,
    all: sql`values (${sql.join(Object.keys(query.columns))})`,
    many: false,
    table: sql<Item>`(select 1)`.as('s'),
  };
}

function createBuilder(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

function toGroupConnection(db: Database.Database): GroupConnection {
  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback: () => void rollback.run(),
    inTransaction: () => db.inTransaction,
  };
}

type Execute = (query: CompiledQuery) => readonly unknown[];

/** Statements are kept by their text: there are as many as there are queries in the stores. */
function createExecutor(db: Database.Database): Execute {
  const statements = new Map<string, Database.Statement<unknown[]>>();
  return (query) => {
    let statement = statements.get(query.sql);
    if (statement === undefined) {
      statement = db.prepare<unknown[]>(query.sql);
      statements.set(query.sql, statement);
    }
    if (statement.reader) return statement.all(...query.parameters);
    statement.run(...query.parameters);
    return [];
  };
}

function drive<T>(script: Script<T>, execute: Execute): T {
  let step = script.next([]);
  while (step.done !== true) step = script.next(execute(step.value));
  return step.value;
}

/** All of it or nothing, within the transaction of the group. */
function atomically<T>(db: Database.Database, work: () => T, keeps: (result: T) => boolean = () => true): T {
  db.exec('savepoint script');
  try {
    const result = work();
    db.exec(keeps(result) ? 'release script' : TAKE_BACK);
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec(TAKE_BACK);
    throw error;
  }
}
