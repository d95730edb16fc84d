import type { Migration } from './migration.js';

type Statements = Migration['statements'];

/**
 * What people decide on, what is told to the outside, what providers say, what is spent, and what was set up for it.
 * - executions: newest of a tenant by time, for reports of usage.
 * - approvals: by id, newest of a tenant / state / agent / execution; the pending ones of somebody, and by their end.
 * - outbox: by id, what is to be delivered by when it is due, what was delivered by when that was.
 * - budget_use: by its key, and by the end of the window.
 */
export const control: Migration = {
  version: 2,
  name: 'control',
  statements: (t, words) =>
    [approvals, outbox, settlements, budgets, rules].flatMap((part) => part(t, words)),
};

const approvals: Statements = (t, { text, int, serial, tail }) => [
  `create table if not exists ${t.approvals} (
  n ${serial},
  id ${text} not null unique,
  tenant ${text} not null,
  execution_id ${text} not null,
  kind ${text} not null,
  state ${text} not null,
  version ${int} not null,
  agent_id ${text},
  key_id ${text} not null,
  expires_at ${int} not null,
  token ${text} not null,
  record ${text} not null
)${tail}`,
  `create index if not exists ${t.approvals}_by_tenant on ${t.approvals} (tenant, n)`,
  `create index if not exists ${t.approvals}_by_state on ${t.approvals} (tenant, state, n)`,
  `create index if not exists ${t.approvals}_by_agent on ${t.approvals} (tenant, agent_id, n) where agent_id is not null`,
  `create index if not exists ${t.approvals}_by_execution on ${t.approvals} (execution_id, n)`,
  `create index if not exists ${t.approvals}_pending_of on ${t.approvals} (tenant, agent_id, key_id) where state = 'pending' and kind = 'approval'`,
  `create index if not exists ${t.approvals}_pending_until on ${t.approvals} (expires_at, n) where state = 'pending' and kind = 'approval'`,
];

const outbox: Statements = (t, { text, int, serial, tail }) => [
  `create table if not exists ${t.outbox} (
  n ${serial},
  id ${text} not null unique,
  tenant ${text} not null,
  channel ${text} not null,
  topic ${text} not null,
  body ${text} not null,
  created_at ${int} not null,
  attempts ${int} not null,
  due_at ${int} not null,
  ended ${text},
  ended_at ${int},
  why ${text}
)${tail}`,
  `create index if not exists ${t.outbox}_due on ${t.outbox} (due_at, n) where ended is null`,
  `create index if not exists ${t.outbox}_delivered on ${t.outbox} (ended_at, n) where ended = 'delivered'`,
];

const settlements: Statements = (t, { text, serial, tail }) => [
  `create table if not exists ${t.settlements} (
  n ${serial},
  tenant ${text} not null,
  provider ${text} not null,
  event_id ${text} not null,
  execution_id ${text},
  token ${text} not null,
  record ${text} not null,
  unique (tenant, provider, event_id)
)${tail}`,
  `create index if not exists ${t.settlements}_by_execution on ${t.settlements} (execution_id, n) where execution_id is not null`,
];

const budgets: Statements = (t, { text, int, real, tail }) => [
  `create table if not exists ${t.budget_use} (
  tenant ${text} not null,
  budget ${text} not null,
  subject ${text} not null,
  window_start ${int} not null,
  window_end ${int} not null,
  calls ${int} not null,
  amount ${real} not null,
  token ${text} not null,
  primary key (tenant, budget, subject, window_start)
)${tail}`,
  `create index if not exists ${t.budget_use}_by_end on ${t.budget_use} (window_end)`,
  `create index if not exists ${t.executions}_by_time on ${t.executions} (tenant, created_at) where state_rank < 60`,
];

const rules: Statements = (t, { text, tail }) => [
  `create table if not exists ${t.policies} (
  tenant ${text} not null primary key,
  record ${text} not null
)${tail}`,
  `create table if not exists ${t.workflows} (
  tenant ${text} not null,
  id ${text} not null,
  record ${text} not null,
  primary key (tenant, id)
)${tail}`,
];
