import type { Migration } from './migration.js';

type Statements = Migration['statements'];

/**
 * Indexes cost a page write each on the hot path, so there is one only where a query would otherwise walk the table:
 * - executions: by key, by id, newest of a tenant / tool / agent, everything that is not `completed` by state (also what
 *   take-over asks), entities in doubt, what can be pruned, tombstones by their end.
 * - traces: newest of a tenant (their key: the ids order by time), newest of a tool, by status where it is not `completed`,
 *   by execution.
 * The numbers are those of stores/state-rank.ts. Text is compared byte by byte on both databases.
 */
export const initial: Migration = {
  version: 1,
  name: 'initial',
  statements: (t, words) => [executions, tools, traces, settings].flatMap((part) => part(t, words)),
};

const executions: Statements = (t, { text, int, serial, tail }) => [
  `create table if not exists ${t.executions} (
  n ${serial},
  id ${text} not null unique,
  tenant ${text} not null,
  env ${text} not null,
  key_digest ${text} unique,
  idempotency_key ${text},
  fingerprint ${text} not null,
  tool ${text} not null,
  tool_version ${text} not null,
  action ${text},
  agent_id ${text},
  workflow ${text},
  key_id ${text} not null,
  entity_id ${text},
  trace_id ${text} not null,
  request ${text} not null,
  state ${text} not null,
  state_rank ${int} not null,
  epoch ${int} not null,
  seq ${int} not null,
  owner ${text},
  token ${text} not null,
  journal ${text} not null,
  result_text ${text},
  outcome ${text},
  not_before_at ${int},
  created_at ${int} not null,
  updated_at ${int} not null,
  finished_at ${int},
  tombstone_until ${int}
)${tail}`,
  `create index if not exists ${t.executions}_by_tenant on ${t.executions} (tenant, n) where state_rank < 60`,
  `create index if not exists ${t.executions}_by_tool on ${t.executions} (tenant, tool, n) where state_rank < 60`,
  `create index if not exists ${t.executions}_by_agent on ${t.executions} (tenant, agent_id, n) where agent_id is not null and state_rank < 60`,
  `create index if not exists ${t.executions}_by_state on ${t.executions} (state_rank, tenant, n) where state_rank < 50`,
  `create index if not exists ${t.executions}_in_doubt on ${t.executions} (tenant, env, entity_id) where entity_id is not null and state_rank >= 10 and state_rank < 30`,
  `create index if not exists ${t.executions}_finished on ${t.executions} (finished_at, n) where state_rank >= 40 and state_rank < 60`,
  `create index if not exists ${t.executions}_tombstones on ${t.executions} (tombstone_until, n) where state_rank = 60`,
];

const tools: Statements = (t, { text, int, tail }) => [
  `create table if not exists ${t.incarnations} (
  id ${text} not null primary key,
  host ${text} not null,
  pid ${int} not null,
  version ${text} not null,
  lease_until ${int} not null
)${tail}`,
  `create table if not exists ${t.providers} (
  id ${text} not null primary key,
  tenant ${text} not null,
  slug ${text} not null,
  name ${text} not null,
  owner_email ${text},
  webhook_secret ${text},
  created_at ${int} not null,
  updated_at ${int} not null,
  unique (tenant, slug)
)${tail}`,
  `create table if not exists ${t.tools} (
  tenant ${text} not null,
  id ${text} not null,
  provider_id ${text} not null,
  definition ${text} not null,
  primary key (tenant, id)
)${tail}`,
  `create table if not exists ${t.tool_versions} (
  tenant ${text} not null,
  version ${text} not null,
  definition ${text} not null,
  primary key (tenant, version)
)${tail}`,
];

const traces: Statements = (t, { text, tail }) => [
  `create table if not exists ${t.traces} (
  tenant ${text} not null,
  trace_id ${text} not null,
  execution_id ${text},
  agent_id ${text},
  tool ${text} not null,
  status ${text} not null,
  record ${text} not null,
  primary key (tenant, trace_id)
)${tail}`,
  `create index if not exists ${t.traces}_by_tool on ${t.traces} (tenant, tool, trace_id)`,
  `create index if not exists ${t.traces}_by_status on ${t.traces} (tenant, status, trace_id) where status <> 'completed'`,
  `create index if not exists ${t.traces}_by_execution on ${t.traces} (execution_id, trace_id) where execution_id is not null`,
];

const settings: Statements = (t, { text, int, tail }) => [
  `create table if not exists ${t.settings} (
  name ${text} not null primary key,
  value ${text} not null
)${tail}`,
  `create table if not exists ${t.registry} (
  id ${int} not null primary key,
  revision ${int} not null
)${tail}`,
];
