import { CompiledQuery, sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { MIGRATIONS, SCHEMA_VERSION } from './migrations.js';

/** Building an index on a large table takes its time. */
const PATIENCE_MS = 600_000;

/**
 * Brings the schema to SCHEMA_VERSION. Any number of gateways may do this at once. Where there is nothing to do, nothing
 * is locked and no right to create tables is needed.
 * Errors: throws when the schema is newer than this program, and not one that it can work on.
 */
export async function migrate(dialect: Dialect): Promise<void> {
  const version = await dialect.read(() => findVersion(dialect));
  if (version > SCHEMA_VERSION && !(await dialect.read(() => isReadable(dialect))))
    throw new Error(tooNew(version));
  if (version < SCHEMA_VERSION) await dialect.write(() => catchUp(dialect), { patienceMs: PATIENCE_MS });
}

function* findVersion(dialect: Dialect): Script<number> {
  const table = dialect.tables.schema;
  const there = yield* ask(dialect.build.selectNoFrom(dialect.hasTable(table).as('there')));
  if (!there[0]?.there) return 0;
  const version = yield* readVersion(dialect);
  // Its rows are written together with it.
  if (version === 0) throw new Error(hidden(table));
  return version;
}

function* readVersion({ build, tables }: Dialect): Script<number> {
  const rows = yield* ask(
    build.selectFrom(tables.schema).select('version').orderBy('version', 'desc').limit(1),
  );
  return rows[0]?.version ?? 0;
}

function* catchUp(dialect: Dialect): Script<void> {
  const { build, tables, ddl } = dialect;
  for (const query of dialect.migrationLock) yield query;
  yield CompiledQuery.raw(
    `create table if not exists ${tables.schema} (version ${ddl.int} not null primary key, name ${ddl.text} not null)${ddl.tail}`,
  );
  // Somebody else may have been first while we waited for the lock, and be at work on the tables by now.
  const version = yield* readVersion(dialect);
  if (version >= SCHEMA_VERSION) return;
  for (const migration of MIGRATIONS.slice(version)) {
    for (const statement of migration.statements(tables, ddl)) yield CompiledQuery.raw(statement);
    yield* ask(
      build.insertInto(tables.schema).values({ version: sql.lit(migration.version), name: migration.name }),
    );
  }
  yield* noteReadableBy(dialect);
  for (const query of dialect.hardening()) yield query;
}

/** The oldest schema version whose programs can work on the present one: kept by whoever migrates, read by whoever is older. */
const READABLE_BY = 'schema_readable_by';

function* noteReadableBy({ build, tables }: Dialect): Script<void> {
  const value = String(MIGRATIONS.findLast(({ breaks }) => breaks === true)?.version ?? 1);
  yield* ask(
    build
      .insertInto(tables.settings)
      .values({ name: READABLE_BY, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );
}

/** In a rolling deploy a gateway of before may have to start once more. */
function* isReadable({ build, tables }: Dialect): Script<boolean> {
  const rows = yield* ask(build.selectFrom(tables.settings).select('value').where('name', '=', READABLE_BY));
  return rows[0] !== undefined && Number(rows[0].value) <= SCHEMA_VERSION;
}

function tooNew(version: number): string {
  return (
    `The database has schema version ${version}, and this program knows versions up to ${SCHEMA_VERSION}: ` +
    'it was written by a newer Invoke. Update this one.'
  );
}

function hidden(table: string): string {
  return (
    `The table ${table} shows no rows: row level security hides the tables from this role. ` +
    'Connect as their owner or as a role with BYPASSRLS.'
  );
}
