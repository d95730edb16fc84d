import type { Migration } from './migration.js';

type Statements = Migration['statements'];

/**
 * Keys that are made through the API, and what pruning needs.
 * - api_keys: they are few and read as a whole, so there is no index but for the newest of a tenant.
 * - settlements: by when they came; outbox: what was given up, by when that was.
 */
export const replicas: Migration = {
  version: 3,
  name: 'replicas',
  statements: (t, words) => [...keys(t, words), ...pruning(t, words)],
};

const keys: Statements = (t, { text, int, tail }) => [
  `create table if not exists ${t.api_keys} (
  id ${text} not null primary key,
  tenant ${text} not null,
  version ${int} not null,
  revoked ${int} not null,
  last_used_at ${int},
  record ${text} not null
)${tail}`,
  `create index if not exists ${t.api_keys}_by_tenant on ${t.api_keys} (tenant, id)`,
];

/** A row that was there before counts as old: it goes as soon as its execution has gone. */
const pruning: Statements = (t, { int, addColumn }) => [
  `alter table ${t.settlements} ${addColumn} received_at ${int} not null default 0`,
  `create index if not exists ${t.settlements}_by_time on ${t.settlements} (received_at, n)`,
  `create index if not exists ${t.outbox}_dead on ${t.outbox} (ended_at, n) where ended = 'dead'`,
];
