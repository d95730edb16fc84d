import type { EpochMs, ProviderRecord, ToolDefinition } from '@invoke/core/domain';
import type { RegistrySnapshot, RegistryStore } from '@invoke/core/ports';
import { sql, type Selectable } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import type { ProvidersTable } from '../tables.js';

type SavedTool = Awaited<ReturnType<RegistryStore['saveTool']>>;

export function createRegistryStore(dialect: Dialect): RegistryStore {
  return {
    revision: () => dialect.read(() => readRevision(dialect)),
    load: () => dialect.read(() => load(dialect)),
    saveProvider: (provider) => dialect.write(() => saveProvider(dialect, provider)),
    saveTool: (tool) => dialect.write(() => saveTool(dialect, tool)),
    toolVersion: (tenant, version) => dialect.read(() => toolVersion(dialect, tenant, version)),
  };
}

function* readRevision({ build, tables }: Dialect): Script<number> {
  const rows = yield* ask(build.selectFrom(tables.registry).select('revision'));
  return rows[0]?.revision ?? 0;
}

/**
 * The revision is read first: what follows may be newer than it says, and is then loaded once more, but never older.
 * Tools come before providers, because a tool's provider is saved before it.
 */
function* load(dialect: Dialect): Script<RegistrySnapshot> {
  const { build, tables } = dialect;
  const revision = yield* readRevision(dialect);
  const tools = yield* ask(
    build.selectFrom(tables.tools).select('definition').orderBy('tenant').orderBy('id'),
  );
  const providers = yield* ask(
    build.selectFrom(tables.providers).selectAll().orderBy('tenant').orderBy('slug'),
  );
  return {
    revision,
    providers: providers.map(toProvider),
    tools: tools.map((row) => JSON.parse(row.definition) as ToolDefinition),
  };
}

/** Last in every change of the registry: who reads a revision can also read all that led to it. */
function* nextRevision({ build, tables }: Dialect): Script<void> {
  yield* ask(
    build
      .insertInto(tables.registry)
      .values({ id: 1, revision: 1 })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ revision: sql<number>`${sql.ref(`${tables.registry}.revision`)} + 1` }),
      ),
  );
}

function* saveProvider(dialect: Dialect, provider: ProviderRecord): Script<ProviderRecord> {
  const { build, tables } = dialect;
  const rows = yield* ask(
    build
      .insertInto(tables.providers)
      .values({
        id: provider.id,
        tenant: provider.tenant,
        slug: provider.slug,
        name: provider.name,
        owner_email: provider.ownerEmail,
        created_at: provider.createdAt,
        updated_at: provider.updatedAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'slug']).doUpdateSet({
          name: provider.name,
          owner_email: provider.ownerEmail,
          updated_at: provider.updatedAt,
        }),
      )
      .returningAll(),
  );
  yield* nextRevision(dialect);
  return toProvider(rows[0] as Selectable<ProvidersTable>);
}

function* saveTool(dialect: Dialect, tool: ToolDefinition): Script<SavedTool> {
  const { build, tables } = dialect;
  const definition = JSON.stringify(tool);
  const row = { tenant: tool.tenant, id: tool.id, provider_id: tool.provider.id, definition };
  const created = yield* ask(
    build
      .insertInto(tables.tools)
      .values(row)
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
      .returning('id'),
  );
  if (created.length === 0) {
    const updated = yield* ask(
      build
        .updateTable(tables.tools)
        .set({ definition })
        .where('tenant', '=', tool.tenant)
        .where('id', '=', tool.id)
        .where('provider_id', '=', tool.provider.id)
        .returning('id'),
    );
    if (updated.length === 0) return { kind: 'conflict' };
  }
  yield* ask(
    build
      .insertInto(tables.tool_versions)
      .values({ tenant: tool.tenant, version: tool.version, definition })
      .onConflict((conflict) => conflict.columns(['tenant', 'version']).doNothing()),
  );
  yield* nextRevision(dialect);
  return { kind: 'saved', created: created.length > 0 };
}

function* toolVersion(
  { build, tables }: Dialect,
  tenant: string,
  version: string,
): Script<ToolDefinition | null> {
  const rows = yield* ask(
    build
      .selectFrom(tables.tool_versions)
      .select('definition')
      .where('tenant', '=', tenant)
      .where('version', '=', version),
  );
  return rows[0] === undefined ? null : (JSON.parse(rows[0].definition) as ToolDefinition);
}

function toProvider(row: Selectable<ProvidersTable>): ProviderRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    slug: row.slug,
    name: row.name,
    ownerEmail: row.owner_email,
    createdAt: row.created_at as EpochMs,
    updatedAt: row.updated_at as EpochMs,
  };
}
