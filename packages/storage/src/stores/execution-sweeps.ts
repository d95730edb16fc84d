import type { EpochMs, ExecutionRecord } from '@invoke/core/domain';
import type { Pruning } from '@invoke/core/ports';
import { sql, type RawBuilder } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { EXECUTION_COLUMN_NAMES, toExecutionRecord, type ExecutionRow } from './execution-row.js';
import { isOrphan } from './is-orphan.js';
import { DRIVEN, DRIVEN_BELOW, FINISHED, SCARCE_BELOW, TOMBSTONE_RANK } from './state-rank.js';

/**
 * The orphans are read first and then changed only where they are still in the version that was read: of two gateways
 * that see the same orphan one gets it, and a row that changed hands in between is left alone. FOR UPDATE SKIP LOCKED
 * would return the newer version of such a row, judged by the older list of who is alive: it is not used here.
 *
 * The open ones are few, and found by their index: it is used because its condition is said once more, and because `+n`
 * keeps SQLite from walking the table in the order of n instead.
 */
export function* takeOver(
  dialect: Dialect,
  sweep: { owner: string; token: string; limit: number; again: boolean },
): Script<readonly ExecutionRecord[]> {
  const { build, tables } = dialect;
  if (sweep.again) {
    const mine = yield* takenBy(dialect, sweep);
    if (mine.length > 0) return mine;
  }
  // In RETURNING, SQLite knows the table by its own name only.
  const t = tables.executions;
  const rows = yield* ask<ExecutionRow & { n: number }>(
    build
      .with(
        (cte) => cte('orphan').materialized(),
        (qb) =>
          qb
            .selectFrom(`${tables.executions} as o`)
            .select(['o.n', 'o.epoch', 'o.seq'])
            .where('o.state_rank', '<', sql.lit(DRIVEN_BELOW))
            .where('o.state_rank', '<', sql.lit(SCARCE_BELOW))
            // What a newer gateway is in the middle of is not taken over by one that does not know what that is.
            .where('o.state', 'in', DRIVEN)
            .where('o.owner', 'is distinct from', sweep.owner)
            .where(isOrphan(dialect, 'o.owner'))
            .orderBy(sql`+o.n`)
            .limit(sweep.limit),
      )
      .updateTable(t)
      .from('orphan')
      .set((eb) => ({
        owner: sweep.owner,
        token: sweep.token,
        epoch: eb(`${t}.epoch`, '+', 1),
        seq: eb(`${t}.seq`, '+', 1),
      }))
      .whereRef(`${t}.n`, '=', 'orphan.n')
      .whereRef(`${t}.epoch`, '=', 'orphan.epoch')
      .whereRef(`${t}.seq`, '=', 'orphan.seq')
      .returning(EXECUTION_COLUMN_NAMES.map((name) => `${t}.${name}` as const))
      .returning(`${t}.n`)
      .$castTo<ExecutionRow & { n: number }>(),
  );
  return rows.toSorted((a, b) => a.n - b.n).map(toExecutionRecord);
}

export function* ownedBy(
  { build, tables }: Dialect,
  { owner, limit }: { owner: string; limit: number },
): Script<readonly ExecutionRecord[]> {
  const rows = yield* ask<ExecutionRow>(
    build
      .selectFrom(tables.executions)
      .select(EXECUTION_COLUMN_NAMES)
      .where('state_rank', '<', sql.lit(DRIVEN_BELOW))
      .where('state_rank', '<', sql.lit(SCARCE_BELOW))
      .where('owner', '=', owner)
      .orderBy(sql`+n`)
      .limit(limit),
  );
  return rows.map(toExecutionRecord);
}

/** What an earlier run of the same sweep has taken over: its commit went through, and its answer was lost. */
function* takenBy(
  { build, tables }: Dialect,
  sweep: { owner: string; token: string },
): Script<readonly ExecutionRecord[]> {
  const rows = yield* ask<ExecutionRow>(
    build
      .selectFrom(tables.executions)
      .select(EXECUTION_COLUMN_NAMES)
      .where('state_rank', '<', sql.lit(DRIVEN_BELOW))
      .where('state_rank', '<', sql.lit(SCARCE_BELOW))
      .where('owner', '=', sweep.owner)
      .where('token', '=', sweep.token)
      .orderBy(sql`+n`),
  );
  return rows.map(toExecutionRecord);
}

/**
 * A tombstone is what the row becomes, not another row: its key stays in the same unique index, so no claim can slip
 * through between the two. Where there is no key to refuse, nothing is left.
 */
export function* prune(dialect: Dialect, { now, keptMs, tombstoneMs, limit }: Pruning): Script<number> {
  const { build, tables } = dialect;
  const oldest = build
    .selectFrom(tables.executions)
    .select('n')
    .where('state_rank', '>=', sql.lit(FINISHED.from))
    .where('state_rank', '<', sql.lit(FINISHED.below))
    .where('finished_at', '<', before(dialect, now, keptMs))
    .orderBy('finished_at')
    .orderBy('n')
    .limit(limit);
  const pruned = yield* ask(
    build
      .updateTable(tables.executions)
      .set((eb) => ({
        state_rank: TOMBSTONE_RANK,
        tombstone_until: eb
          .case()
          .when('key_digest', 'is', null)
          .then(sql.lit(0))
          .else(sql<number>`(select ${dialect.now()} + ${tombstoneMs})`)
          .end(),
        seq: eb('seq', '+', 1),
        idempotency_key: null,
        tool: '',
        tool_version: '',
        action: null,
        agent_id: null,
        workflow: null,
        key_id: '',
        entity_id: null,
        trace_id: '',
        request: '',
        journal: '',
        result_text: null,
        outcome: null,
        owner: null,
        token: '',
      }))
      .where('n', 'in', oldest)
      .where('state_rank', '>=', sql.lit(FINISHED.from))
      .where('state_rank', '<', sql.lit(FINISHED.below))
      .returning('id'),
  );
  yield* ask(
    build
      .deleteFrom(tables.executions)
      .where('state_rank', '=', sql.lit(TOMBSTONE_RANK))
      .where('tombstone_until', '=', sql.lit(0)),
  );
  return pruned.length;
}

export function* dropTombstones(dialect: Dialect, now: EpochMs, limit: number): Script<number> {
  const { build, tables } = dialect;
  const served = build
    .selectFrom(tables.executions)
    .select('n')
    .where('state_rank', '=', sql.lit(TOMBSTONE_RANK))
    .where('tombstone_until', '<', before(dialect, now, 0))
    .orderBy('tombstone_until')
    .orderBy('n')
    .limit(limit);
  const dropped = yield* ask(build.deleteFrom(tables.executions).where('n', 'in', served).returning('id'));
  return dropped.length;
}

/**
 * So long before `now`, or before what the store's clock shows where that is earlier. In a query of its own, so that an index can
 * be asked for it: what is read anew for every row, no index knows.
 */
function before(dialect: Dialect, now: EpochMs, ms: number): RawBuilder<number> {
  const own = dialect.now();
  return sql<number>`(select (case when ${own} < ${now} then ${own} else ${now} end) - ${ms})`;
}
