import {
  ERROR_CATALOGUE,
  EXECUTION_STATE,
  EXECUTION_STATUS,
  type CallStatus,
  type ErrorCode,
  type ExecutionState,
  type ExecutionStatus,
  type ExecutionView,
  type TraceStep,
} from '@invoke/contract';
import type { ExecutionRecord } from './execution-record.js';
import { isTerminal } from './execution-state.js';

/** The public answer to a call, for every entry path alike. */
export interface PublicOutcome {
  /** HTTP status. */
  readonly http: number;
  readonly status: CallStatus;
  readonly success: boolean;
  readonly decision: string | null;
  /** Set where the answer is a problem document. */
  readonly problem: { readonly code: ErrorCode; readonly message: string } | null;
  /** Whether this answer will never change. */
  readonly settled: boolean;
}

const STATUS_OF: Readonly<Record<ExecutionState, CallStatus>> = {
  [EXECUTION_STATE.accepted]: 'pending',
  [EXECUTION_STATE.awaiting_approval]: 'pending_approval',
  [EXECUTION_STATE.running]: 'pending',
  [EXECUTION_STATE.retry_wait]: 'pending',
  [EXECUTION_STATE.unknown]: 'unknown',
  [EXECUTION_STATE.reconciling]: 'unknown',
  [EXECUTION_STATE.needs_review]: 'needs_review',
  [EXECUTION_STATE.completed]: 'completed',
  [EXECUTION_STATE.failed]: 'failed',
  [EXECUTION_STATE.blocked]: 'blocked',
  [EXECUTION_STATE.denied]: 'denied',
  [EXECUTION_STATE.rejected]: 'rejected',
  [EXECUTION_STATE.cancelled]: 'cancelled',
  [EXECUTION_STATE.expired]: 'expired',
  [EXECUTION_STATE.replan_required]: 'replan_required',
};

/** A tool that answers "I failed" has answered: that is no fault of the way to it. */
const OK_THOUGH_FAILED: readonly ErrorCode[] = ['upstream_rejected'];

/**
 * What a caller is told. `fresh`: to the caller whose call this is, an outcome that nobody could settle is an error; who
 * asks again sees where it stands.
 */
export function presentExecution(record: ExecutionRecord, fresh: boolean): PublicOutcome {
  const { state, outcome } = record;
  const base = { decision: outcome?.decision ?? null, settled: isTerminal(state), problem: null };
  if (state === EXECUTION_STATE.completed) {
    const status = outcome?.final === 'outcome_reconciled' ? 'outcome_reconciled' : 'completed';
    return { ...base, http: 200, status, success: true };
  }
  if (state === EXECUTION_STATE.failed) {
    const code = outcome?.code ?? 'upstream_unavailable';
    if (OK_THOUGH_FAILED.includes(code)) return { ...base, http: 200, status: 'failed', success: false };
    return {
      ...base,
      http: ERROR_CATALOGUE[code].status,
      status: 'failed',
      success: false,
      problem: problemOf(record, code),
    };
  }
  if (state === EXECUTION_STATE.needs_review && fresh && outcome?.decision !== 'escalated') {
    const code = outcome?.code ?? 'upstream_timeout';
    return {
      ...base,
      http: ERROR_CATALOGUE[code].status,
      status: 'unknown',
      success: false,
      problem: problemOf(record, code),
    };
  }
  return { ...base, http: isTerminal(state) ? 200 : 202, status: STATUS_OF[state], success: false };
}

function problemOf(record: ExecutionRecord, code: ErrorCode): { code: ErrorCode; message: string } {
  return { code, message: record.outcome?.message ?? ERROR_CATALOGUE[code].title };
}

/** The state that a word names: the inner one, or the one for outside. */
export function stateOfStatus(word: ExecutionState | ExecutionStatus): ExecutionState {
  return word === EXECUTION_STATUS.awaiting_approval ? EXECUTION_STATE.awaiting_approval : word;
}

/** The execution as GET /executions/{id} shows it; `parse` reads the recorded result. */
export function toExecutionView(record: ExecutionRecord, parse: (text: string) => unknown): ExecutionView {
  const { outcome, journal } = record;
  return {
    execution_id: record.id,
    workflow_id: record.workflow,
    status: EXECUTION_STATUS[record.state],
    approval_id: outcome?.approvalId ?? null,
    decision: outcome?.decision ?? null,
    final_outcome: outcome?.final ?? null,
    idempotency_key: record.idempotencyKey,
    tool: record.tool,
    action: record.action,
    agent_id: record.agentId,
    env: record.env,
    entity_id: record.entityId,
    result: record.resultText === null ? null : parse(record.resultText),
    error: outcome?.code == null ? null : { code: outcome.code, message: outcome.message ?? '' },
    attempts: journal.attempts.map((a) => ({
      n: a.n,
      role: a.role,
      tool: a.tool,
      state: a.state,
      certainty: a.certainty,
      reason: a.reason,
      started_at: a.startedAt,
      ended_at: a.endedAt,
    })),
    lookups: [...journal.lookups],
    trace: toTraceSteps(record),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    finished_at: record.finishedAt,
  };
}

/** The story of an execution, oldest step first, told from its journal. */
export function toTraceSteps(record: ExecutionRecord): TraceStep[] {
  const steps: TraceStep[] = [{ step: 'request_received', status: 'completed', at: record.createdAt }];
  for (const a of record.journal.attempts) {
    steps.push({
      step: 'attempt_started',
      status: 'completed',
      at: a.startedAt,
      detail: `attempt ${a.n} (${a.role}) of ${a.tool}`,
    });
    if (a.endedAt !== null)
      steps.push({ step: 'attempt_ended', status: a.state, at: a.endedAt, detail: a.reason ?? a.state });
  }
  for (const l of record.journal.lookups)
    steps.push({ step: 'outcome_looked_up', status: l.verdict, at: l.at, detail: l.evidence });
  steps.push(...record.journal.steps);
  steps.sort((a, b) => a.at - b.at);
  if (record.outcome?.final === 'outcome_reconciled' && record.finishedAt !== null) {
    steps.push({ step: 'unknown_outcome_reconciled', status: 'completed', at: record.finishedAt });
    steps.push({ step: 'duplicate_retry_blocked', status: 'completed', at: record.finishedAt });
  }
  if (record.finishedAt !== null) {
    steps.push({ step: `execution_${record.state}`, status: 'completed', at: record.finishedAt });
  }
  return steps;
}
