import type { ExecutionRecord, ExecutionOutcome, Journal, StoredRequest } from '@invoke/core/domain';
import type { EpochMs } from '@invoke/core/domain';
import type { ExecutionState } from '@invoke/contract';
import type { Transition } from '@invoke/core/ports';
import type { Selectable } from 'kysely';
import type { BatchQuery } from '../dialect/dialect.js';
import type { ExecutionsTable } from '../tables.js';
import { STATE_RANK } from './state-rank.js';

/** Everything of a row but what the database fills in. */
export type ExecutionRow = Omit<Selectable<ExecutionsTable>, 'n' | 'tombstone_until'>;

/** One transition, flat: `from_...` is the version that it is allowed from. */
export interface TransitionRow {
  readonly id: string;
  readonly from_state: string;
  readonly from_epoch: number;
  readonly from_seq: number;
  readonly state: string;
  readonly state_rank: number;
  readonly owner: string | null;
  readonly token: string;
  readonly journal: string;
  readonly result_text: string | null;
  readonly outcome: string | null;
  readonly not_before_at: number | null;
  readonly updated_at: number;
  readonly finished_at: number | null;
}

export const EXECUTION_COLUMNS = {
  id: 'text',
  tenant: 'text',
  env: 'text',
  key_digest: 'text',
  idempotency_key: 'text',
  fingerprint: 'text',
  tool: 'text',
  tool_version: 'text',
  action: 'text',
  agent_id: 'text',
  workflow: 'text',
  key_id: 'text',
  entity_id: 'text',
  trace_id: 'text',
  request: 'text',
  state: 'text',
  state_rank: 'bigint',
  epoch: 'bigint',
  seq: 'bigint',
  owner: 'text',
  token: 'text',
  journal: 'text',
  result_text: 'text',
  outcome: 'text',
  not_before_at: 'bigint',
  created_at: 'bigint',
  updated_at: 'bigint',
  finished_at: 'bigint',
} as const satisfies BatchQuery<ExecutionRow, ExecutionRow>['columns'];

export const EXECUTION_COLUMN_NAMES = Object.keys(EXECUTION_COLUMNS) as readonly (keyof ExecutionRow)[];

export const TRANSITION_COLUMNS = {
  id: 'text',
  from_state: 'text',
  from_epoch: 'bigint',
  from_seq: 'bigint',
  state: 'text',
  state_rank: 'bigint',
  owner: 'text',
  token: 'text',
  journal: 'text',
  result_text: 'text',
  outcome: 'text',
  not_before_at: 'bigint',
  updated_at: 'bigint',
  finished_at: 'bigint',
} as const satisfies BatchQuery<TransitionRow, TransitionRow>['columns'];

export function toExecutionRow(record: ExecutionRecord): ExecutionRow {
  return {
    id: record.id,
    tenant: record.tenant,
    env: record.env,
    key_digest: record.keyDigest,
    idempotency_key: record.idempotencyKey,
    fingerprint: record.fingerprint,
    tool: record.tool,
    tool_version: record.toolVersion,
    action: record.action,
    agent_id: record.agentId,
    workflow: record.workflow,
    key_id: record.keyId,
    entity_id: record.entityId,
    trace_id: record.traceId,
    request: JSON.stringify(record.request),
    state: record.state,
    state_rank: STATE_RANK[record.state],
    epoch: record.epoch,
    seq: record.seq,
    owner: record.owner,
    token: record.token,
    journal: JSON.stringify(record.journal),
    result_text: record.resultText,
    outcome: record.outcome === null ? null : JSON.stringify(record.outcome),
    not_before_at: record.notBeforeAt,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    finished_at: record.finishedAt,
  };
}

export function toTransitionRow(move: Transition): TransitionRow {
  return {
    id: move.id,
    from_state: move.from.state,
    from_epoch: move.from.epoch,
    from_seq: move.from.seq,
    state: move.state,
    state_rank: STATE_RANK[move.state],
    owner: move.owner,
    token: move.token,
    journal: JSON.stringify(move.journal),
    result_text: move.resultText,
    outcome: move.outcome === null ? null : JSON.stringify(move.outcome),
    not_before_at: move.notBeforeAt,
    updated_at: move.updatedAt,
    finished_at: move.finishedAt,
  };
}

export function toExecutionRecord(row: ExecutionRow): ExecutionRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    env: row.env,
    keyDigest: row.key_digest,
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    tool: row.tool,
    toolVersion: row.tool_version,
    action: row.action,
    agentId: row.agent_id,
    workflow: row.workflow,
    keyId: row.key_id,
    entityId: row.entity_id,
    traceId: row.trace_id,
    request: JSON.parse(row.request) as StoredRequest,
    state: row.state as ExecutionState,
    epoch: row.epoch,
    seq: row.seq,
    owner: row.owner,
    token: row.token,
    journal: JSON.parse(row.journal) as Journal,
    resultText: row.result_text,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as ExecutionOutcome),
    notBeforeAt: row.not_before_at as EpochMs | null,
    createdAt: row.created_at as EpochMs,
    updatedAt: row.updated_at as EpochMs,
    finishedAt: row.finished_at as EpochMs | null,
  };
}
