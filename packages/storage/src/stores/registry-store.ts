import type {
  EpochMs,
  PolicyRecord,
  ProviderRecord,
  ToolDefinition,
  WorkflowRecord,
} from '@invoke/core/domain';
import type { RegistrySnapshot, RegistryStore } from '@invoke/core/ports';
import type { Selectable } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import type { ProvidersTable } from '../tables.js';
import { findKey, listKeys, liveKeys, saveKey, touchKeys } from './key-rows.js';
import { nextRevision, readRevision } from './revision.js';

type SavedTool = Awaited<ReturnType<RegistryStore['saveTool']>>;

export function createRegistryStore(dialect: Dialect): RegistryStore {
  return {
    revision: () => dialect.read(() => readRevision(dialect)),
    load: () => dialect.read(() => load(dialect)),
    saveProvider: (provider) => dialect.write(() => saveProvider(dialect, provider)),
    saveTool: (tool) => dialect.write(() => saveTool(dialect, tool)),
    savePolicy: (policy) => dialect.write(() => savePolicy(dialect, policy)),
    saveWorkflow: (workflow) => dialect.write(() => saveWorkflow(dialect, workflow)),
    saveKey: (key) => dialect.write((again) => saveKey(dialect, key, again)),
    keys: (tenant, limit) => dialect.read(() => listKeys(dialect, tenant, limit)),
    key: (tenant, id) => dialect.read(() => findKey(dialect, tenant, id)),
    touchKeys: (uses) => dialect.write(() => touchKeys(dialect, uses)),
    toolVersion: (tenant, version) => dialect.read(() => toolVersion(dialect, tenant, version)),
  };
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
  const policies = yield* ask(build.selectFrom(tables.policies).select('record').orderBy('tenant'));
  const workflows = yield* ask(
    build.selectFrom(tables.workflows).select('record').orderBy('tenant').orderBy('id'),
  );
  const keys = yield* liveKeys(dialect);
  return {
    revision,
    providers: providers.map(toProvider),
    tools: tools.map((row) => JSON.parse(row.definition) as ToolDefinition),
    policies: policies.map((row) => JSON.parse(row.record) as PolicyRecord),
    workflows: workflows.map((row) => JSON.parse(row.record) as WorkflowRecord),
    keys,
  };
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
        webhook_secret: provider.webhookSecret,
        created_at: provider.createdAt,
        updated_at: provider.updatedAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'slug']).doUpdateSet({
          name: provider.name,
          owner_email: provider.ownerEmail,
          webhook_secret: provider.webhookSecret,
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

function* savePolicy(dialect: Dialect, policy: PolicyRecord): Script<void> {
  const { build, tables } = dialect;
  const record = JSON.stringify(policy);
  yield* ask(
    build
      .insertInto(tables.policies)
      .values({ tenant: policy.tenant, record })
      .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ record })),
  );
  yield* nextRevision(dialect);
}

function* saveWorkflow(dialect: Dialect, workflow: WorkflowRecord): Script<void> {
  const { build, tables } = dialect;
  const record = JSON.stringify(workflow);
  yield* ask(
    build
      .insertInto(tables.workflows)
      .values({ tenant: workflow.tenant, id: workflow.definition.id, record })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ record })),
  );
  yield* nextRevision(dialect);
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
    webhookSecret: row.webhook_secret,
    createdAt: row.created_at as EpochMs,
    updatedAt: row.updated_at as EpochMs,
  };
}
