import type { Generated } from 'kysely';

/** One row per execution; of a pruned one only its key, its fingerprint and its state are left (a tombstone). */
export interface ExecutionsTable {
  /** Counts up in order of acceptance; pages are cut by it. */
  n: Generated<number>;
  id: string;
  tenant: string;
  env: string;
  key_digest: string | null;
  idempotency_key: string | null;
  fingerprint: string;
  tool: string;
  tool_version: string;
  action: string | null;
  agent_id: string | null;
  workflow: string | null;
  key_id: string;
  entity_id: string | null;
  trace_id: string;
  request: string;
  state: string;
  /** Orders the states so that each index is made of one range: see stores/state-rank.ts. */
  state_rank: number;
  epoch: number;
  seq: number;
  owner: string | null;
  token: string;
  journal: string;
  result_text: string | null;
  outcome: string | null;
  not_before_at: number | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
  /** Set on tombstones only: how long the key is refused. */
  tombstone_until: Generated<number | null>;
}

export interface IncarnationsTable {
  id: string;
  host: string;
  pid: number;
  version: string;
  lease_until: number;
}

export interface ProvidersTable {
  id: string;
  tenant: string;
  slug: string;
  name: string;
  owner_email: string | null;
  webhook_secret: string | null;
  created_at: number;
  updated_at: number;
}

/** The current version of each tool. */
export interface ToolsTable {
  tenant: string;
  id: string;
  provider_id: string;
  definition: string;
}

/** Every version that ever was: recorded executions name theirs. */
export interface ToolVersionsTable {
  tenant: string;
  version: string;
  definition: string;
}

/** Trace ids are UUIDv7: they order by time. */
export interface TracesTable {
  /** Empty where nobody knows whose request it was. */
  tenant: string;
  trace_id: string;
  execution_id: string | null;
  agent_id: string | null;
  tool: string;
  status: string;
  record: string;
}

/** What the queries need, and the record as a whole. */
export interface ApprovalsTable {
  n: Generated<number>;
  id: string;
  tenant: string;
  execution_id: string;
  kind: string;
  state: string;
  version: number;
  agent_id: string | null;
  key_id: string;
  expires_at: number;
  /** Random; names the write that made this version. */
  token: string;
  record: string;
}

export interface OutboxTable {
  n: Generated<number>;
  id: string;
  tenant: string;
  channel: string;
  topic: string;
  body: string;
  created_at: number;
  attempts: number;
  /** On the clock of the store. While somebody delivers it, the end of the lease. */
  due_at: number;
  /** `delivered`, `dead`, or null while it is to be delivered. */
  ended: string | null;
  ended_at: number | null;
  why: string | null;
}

export interface SettlementsTable {
  n: Generated<number>;
  tenant: string;
  provider: string;
  event_id: string;
  execution_id: string | null;
  /** Random; names the write that made it. */
  token: string;
  record: string;
  received_at: Generated<number>;
  /** 1: it has to be judged again. */
  open: Generated<number>;
}

export interface BudgetUseTable {
  tenant: string;
  budget: string;
  subject: string;
  window_start: number;
  window_end: number;
  calls: number;
  /** A double, as the numbers of JSON are. */
  amount: number;
  /** Random; names the last reservation. */
  token: string;
}

export interface PoliciesTable {
  tenant: string;
  record: string;
}

export interface WorkflowsTable {
  tenant: string;
  id: string;
  record: string;
}

/** Ids are UUIDv7: they order by time. */
export interface ApiKeysTable {
  id: string;
  tenant: string;
  version: number;
  revoked: number;
  last_used_at: number | null;
  record: string;
}

export interface SettingsTable {
  name: string;
  value: string;
}

/** One row: the revision of the registry. */
export interface RegistryTable {
  id: number;
  revision: number;
}

export interface SchemaTable {
  version: number;
  name: string;
}

export interface Tables {
  executions: ExecutionsTable;
  incarnations: IncarnationsTable;
  providers: ProvidersTable;
  tools: ToolsTable;
  tool_versions: ToolVersionsTable;
  traces: TracesTable;
  settings: SettingsTable;
  registry: RegistryTable;
  approvals: ApprovalsTable;
  outbox: OutboxTable;
  settlements: SettlementsTable;
  budget_use: BudgetUseTable;
  policies: PoliciesTable;
  workflows: WorkflowsTable;
  api_keys: ApiKeysTable;
  schema: SchemaTable;
}

/** The table names as the queries write them: typed as the key, prefixed at run time. */
export type TableNames = { readonly [Name in keyof Tables]: Name };

export const DEFAULT_TABLE_PREFIX = 'invoke_';

/** Errors: throws on a prefix that is not `[a-z_][a-z0-9_]{0,30}`; it becomes part of SQL text. */
export function createTableNames(prefix: string): TableNames {
  if (!/^[a-z_][a-z0-9_]{0,30}$/.test(prefix)) {
    throw new Error(`The table prefix ${JSON.stringify(prefix)} is not of the form [a-z_][a-z0-9_]{0,30}.`);
  }
  const names = {
    executions: 'executions',
    incarnations: 'incarnations',
    providers: 'providers',
    tools: 'tools',
    tool_versions: 'tool_versions',
    traces: 'traces',
    settings: 'settings',
    registry: 'registry',
    approvals: 'approvals',
    outbox: 'outbox',
    settlements: 'settlements',
    budget_use: 'budget_use',
    policies: 'policies',
    workflows: 'workflows',
    api_keys: 'api_keys',
    schema: 'schema',
  } as const satisfies TableNames;
  return Object.fromEntries(Object.values(names).map((name) => [name, prefix + name])) as TableNames;
}
