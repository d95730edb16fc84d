import type { ExecutionState } from '@invoke/contract';
import type { EpochMs, ExecutionRecord } from '@invoke/core/domain';
import type { ExecutionQuery, ExecutionStore, Recalled, TransitionResult } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { claimOrRecall } from './claim-or-recall.js';
import { claimQuery, recallQuery, transitionQuery, type RecalledRow } from './execution-queries.js';
import {
  EXECUTION_COLUMN_NAMES,
  toExecutionRecord,
  toExecutionRow,
  toTransitionRow,
  type ExecutionRow,
} from './execution-row.js';
import { dropTombstones, ownedBy, prune, takeOver } from './execution-sweeps.js';
import { isOrphan } from './is-orphan.js';
import type { KeyFilter } from './key-filter.js';
import { reinstate } from './reinstate.js';
import {
  ENDED_OTHERWISE,
  SCARCE_BELOW,
  STATE_RANK,
  TOMBSTONE_RANK,
  UNSETTLED,
  WRITING_BELOW,
} from './state-rank.js';

/** @param keys which keys are in the store; null where others write to it as well */
export function createExecutionStore(dialect: Dialect, keys: KeyFilter | null = null): ExecutionStore {
  const claimLane = dialect.lane(claimQuery(dialect));
  const transitionLane = dialect.lane(transitionQuery(dialect));
  const recallLane = dialect.lane(recallQuery(dialect));

  function recall(keyDigest: string): Promise<Recalled> {
    return recallLane({ key_digest: keyDigest }).then((row) => (row === null ? NONE : toRecalled(row)));
  }

  return {
    recall,
    foresee: (keyDigest) => (keys === null ? 'unknown' : keys.mayHave(keyDigest) ? 'perhaps' : 'absent'),
    claim(record) {
      if (record.keyDigest !== null) keys?.add(record.keyDigest);
      const row = toExecutionRow(record);
      const tryClaim = () => claimLane(row).then((won) => won !== null);
      return claimOrRecall(record, { tryClaim, recall });
    },
    transition: (move) => transitionLane(toTransitionRow(move)).then((row) => (row === null ? LOST : MOVED)),
    find: (tenant, id) => dialect.read(() => find(dialect, tenant, id)),
    list: (query) => dialect.read(() => list(dialect, query)),
    unsettledWriteTo: (tenant, env, entityId) =>
      dialect.read(() => unsettledWriteTo(dialect, { tenant, env, entityId })),
    takeOver: (owner, token, limit) =>
      dialect.write((again) => takeOver(dialect, { owner, token, limit, again })),
    ownedBy: (owner, limit) => dialect.read(() => ownedBy(dialect, { owner, limit })),
    reinstate(record, over) {
      if (record.keyDigest !== null) keys?.add(record.keyDigest);
      return dialect.write((again) => reinstate(dialect, { record, over, again }));
    },
    prune: (pruning) => dialect.write(() => prune(dialect, pruning)),
    dropTombstones: (now, limit) => dialect.write(() => dropTombstones(dialect, now, limit)),
  };
}

const MOVED: TransitionResult = { kind: 'moved' };
const LOST: TransitionResult = { kind: 'lost' };
const NONE: Recalled = { kind: 'none' };

function toRecalled(row: RecalledRow): Exclude<Recalled, { kind: 'none' }> {
  if (row.state_rank !== TOMBSTONE_RANK) return { kind: 'execution', record: toExecutionRecord(row) };
  return {
    kind: 'tombstone',
    tombstone: {
      keyDigest: row.key_digest as string,
      fingerprint: row.fingerprint,
      executionId: row.id,
      state: row.state as ExecutionState,
      until: row.tombstone_until as EpochMs,
    },
  };
}

function* find({ build, tables }: Dialect, tenant: string, id: string): Script<ExecutionRecord | null> {
  const rows = yield* ask<ExecutionRow>(
    build
      .selectFrom(tables.executions)
      .select(EXECUTION_COLUMN_NAMES)
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('state_rank', '<', sql.lit(TOMBSTONE_RANK)),
  );
  return rows[0] === undefined ? null : toExecutionRecord(rows[0]);
}

function* list({ build, tables }: Dialect, query: ExecutionQuery): Script<readonly ExecutionRecord[]> {
  let page = build
    .selectFrom(tables.executions)
    .select(EXECUTION_COLUMN_NAMES)
    .where('tenant', '=', query.tenant)
    // The same twice, as the indexes of the two databases say it: only then are they used.
    .where('state_rank', '<', sql.lit(TOMBSTONE_RANK))
    .where('tombstone_until', 'is', null)
    .orderBy('n', 'desc')
    .limit(query.limit);
  if (query.before !== null) {
    const last = build.selectFrom(tables.executions).select('n').where('id', '=', query.before);
    page = page.where('n', '<', last);
  }
  if (query.state !== null) {
    const rank = STATE_RANK[query.state];
    page = page.where('state_rank', '=', rank);
    // Said once more as the index says it: only then does SQLite use it.
    if (rank < SCARCE_BELOW) page = page.where('state_rank', '<', sql.lit(SCARCE_BELOW));
    if (rank >= ENDED_OTHERWISE.from && rank < ENDED_OTHERWISE.below && query.tool !== null) {
      page = page.where('state_rank', '>=', sql.lit(ENDED_OTHERWISE.from));
    }
  }
  if (query.tool !== null) page = page.where('tool', '=', query.tool);
  if (query.agentId !== null) page = page.where('agent_id', '=', query.agentId);
  const rows = yield* ask<ExecutionRow>(page);
  return rows.map(toExecutionRecord);
}

function* unsettledWriteTo(
  dialect: Dialect,
  entity: { tenant: string; env: string; entityId: string },
): Script<string | null> {
  const { build, tables } = dialect;
  const rows = yield* ask(
    build
      .selectFrom(tables.executions)
      .select('id')
      .where('tenant', '=', entity.tenant)
      .where('env', '=', entity.env)
      .where('entity_id', '=', entity.entityId)
      .where('state_rank', '<', sql.lit(WRITING_BELOW))
      .where(({ eb, or, and }) =>
        or([
          eb('state_rank', '>=', sql.lit(UNSETTLED.from)),
          // Until somebody takes it over, its state is what its gateway has last said of it.
          and([eb('state_rank', '=', sql.lit(STATE_RANK.running)), isOrphan(dialect, 'owner')]),
        ]),
      )
      .orderBy('n')
      .limit(1),
  );
  return rows[0]?.id ?? null;
}
