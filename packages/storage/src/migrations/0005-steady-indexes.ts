import type { Migration } from './migration.js';

/**
 * SQLite writes a partial index anew for every row whose update touches a column of its condition: with `state_rank < 60`
 * the outcome of a call rewrote four indexes in which it changed nothing. A row is a tombstone exactly where
 * `tombstone_until` is set, and no call ever changes that. Postgres judges by the columns that are indexed as well, and
 * writes all of them anew for other reasons: nothing is rebuilt there.
 */
export const steadyIndexes: Migration = {
  version: 5,
  name: 'steady indexes',
  statements: (t, { rewritesByCondition }) =>
    rewritesByCondition
      ? ['by_tenant', 'by_tool', 'by_agent', 'by_time']
          .map((name) => `drop index if exists ${t.executions}_${name}`)
          .concat(
            `create index if not exists ${t.executions}_by_tenant on ${t.executions} (tenant, n) where tombstone_until is null`,
            `create index if not exists ${t.executions}_by_tool on ${t.executions} (tenant, tool, n) where tombstone_until is null`,
            `create index if not exists ${t.executions}_by_agent on ${t.executions} (tenant, agent_id, n) where agent_id is not null and tombstone_until is null`,
            `create index if not exists ${t.executions}_by_time on ${t.executions} (tenant, created_at) where tombstone_until is null`,
          )
      : [],
};
