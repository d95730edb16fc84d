import type { ApprovalRecord } from '@invoke/core/domain';
import type { ApprovalQuery, ApprovalStore, ExecutionStore } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { decide, escalate, freeze, isMoved } from './approval-writes.js';
import { claimOrRecall } from './claim-or-recall.js';
import { toExecutionRow } from './execution-row.js';
import type { KeyFilter } from './key-filter.js';
import { writeToken } from './write-token.js';

export function createApprovalStore(
  dialect: Dialect,
  { recall }: Pick<ExecutionStore, 'recall'>,
  keys: KeyFilter | null = null,
): ApprovalStore {
  return {
    freeze(record, approval, messages) {
      if (record.keyDigest !== null) keys?.add(record.keyDigest);
      const frozen = { execution: toExecutionRow(record), approval, messages, token: writeToken() };
      const tryClaim = () => dialect.write((again) => freeze(dialect, frozen, again));
      return claimOrRecall(record, { tryClaim, recall });
    },
    escalate(move, approval, messages) {
      const escalation = { move, approval, messages, token: writeToken() };
      return dialect.write((again) => escalate(dialect, escalation, again), { keeps: isMoved });
    },
    decide(move) {
      const decision = { ...move, token: writeToken() };
      return dialect.write((again) => decide(dialect, decision, again), { keeps: isMoved });
    },
    find: (tenant, id) => dialect.read(() => find(dialect, tenant, id)),
    ofExecution: (tenant, executionId) => dialect.read(() => ofExecution(dialect, tenant, executionId)),
    list: (query) => dialect.read(() => list(dialect, query)),
    expired: (limit) => dialect.read(() => expired(dialect, limit)),
    countPending: (tenant, by) => dialect.read(() => countPending(dialect, tenant, by)),
  };
}

/** As the partial indexes say it. */
const PENDING = sql.lit('pending');
const APPROVAL = sql.lit('approval');

function* find({ build, tables }: Dialect, tenant: string, id: string): Script<ApprovalRecord | null> {
  const rows = yield* ask(
    build.selectFrom(tables.approvals).select('record').where('id', '=', id).where('tenant', '=', tenant),
  );
  return rows.map(toRecord)[0] ?? null;
}

function* ofExecution(
  { build, tables }: Dialect,
  tenant: string,
  executionId: string,
): Script<ApprovalRecord | null> {
  const rows = yield* ask(
    build
      .selectFrom(tables.approvals)
      .select('record')
      .where('execution_id', '=', executionId)
      .where('tenant', '=', tenant)
      .orderBy('n', 'desc')
      .limit(1),
  );
  return rows.map(toRecord)[0] ?? null;
}

function* list({ build, tables }: Dialect, query: ApprovalQuery): Script<readonly ApprovalRecord[]> {
  let page = build
    .selectFrom(tables.approvals)
    .select('record')
    .where('tenant', '=', query.tenant)
    .orderBy('n', 'desc')
    .limit(query.limit);
  if (query.before !== null) {
    const last = build.selectFrom(tables.approvals).select('n').where('id', '=', query.before);
    page = page.where('n', '<', last);
  }
  if (query.state !== null) page = page.where('state', '=', query.state);
  if (query.agentId !== null) page = page.where('agent_id', '=', query.agentId);
  return (yield* ask(page)).map(toRecord);
}

function* expired({ build, tables, now }: Dialect, limit: number): Script<readonly ApprovalRecord[]> {
  const rows = yield* ask(
    build
      .selectFrom(tables.approvals)
      .select('record')
      .where('state', '=', PENDING)
      .where('kind', '=', APPROVAL)
      // Read once, so that it bounds the walk over the index: a clock that is read for each row cannot.
      .where('expires_at', '<=', build.selectNoFrom(now().as('now')))
      .orderBy('expires_at')
      .orderBy('n')
      .limit(limit),
  );
  return rows.map(toRecord);
}

function* countPending(
  { build, tables }: Dialect,
  tenant: string,
  { agentId, keyId }: { readonly agentId: string | null; readonly keyId: string },
): Script<number> {
  const pending = build
    .selectFrom(tables.approvals)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', PENDING)
    .where('kind', '=', APPROVAL)
    .where('tenant', '=', tenant);
  const rows = yield* ask(
    agentId === null
      ? pending.where('agent_id', 'is', null).where('key_id', '=', keyId)
      : pending.where('agent_id', '=', agentId),
  );
  return rows[0]?.count ?? 0;
}

function toRecord(row: { readonly record: string }): ApprovalRecord {
  return JSON.parse(row.record) as ApprovalRecord;
}
