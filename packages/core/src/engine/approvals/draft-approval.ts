import type { JsonObject, RiskLevel } from '@invoke/contract';
import type { ApprovalRecord, Checkpoint, FrozenContract } from '../../domain/approval/approval-record.js';
import type { Freeze } from '../../domain/approval/decide-freeze.js';
import { toReviewFailure } from '../../domain/approval/review-failure.js';
import { riskiest, UNKNOWN_RISK } from '../../domain/approval/riskiest.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { canonicalJson } from '../../domain/json/canonical-json.js';
import { NEVER } from '../../domain/time.js';
import type { EngineDeps } from '../deps.js';

/** The digest of what is frozen: what an approver confirms, and what is compared again before anything is sent. */
export function digestOf(checkpoint: Checkpoint, { digest }: Pick<EngineDeps, 'digest'>): string {
  return `sha256:${digest.sha256(canonicalJson(checkpoint))}`;
}

/** The approval that an execution waits for. @param state state of the world as it is now, where anybody said */
export function draftApproval(
  record: ExecutionRecord,
  { freeze, state }: { readonly freeze: Freeze; readonly state: JsonObject | null },
  deps: EngineDeps,
): ApprovalRecord {
  const { reason, contract, approversNeeded, expiresAt } = freeze;
  const checkpoint = checkpointOf(record, { contract, state, expiresAt }, deps);
  return { ...base(record, checkpoint, deps), kind: 'approval', reason, approversNeeded };
}

/** The approval that takes the place of one whose world has changed: the same call, frozen with live state. */
export function draftSuccessor(
  previous: ApprovalRecord,
  { record, state }: { readonly record: ExecutionRecord; readonly state: JsonObject | null },
  deps: EngineDeps,
): ApprovalRecord {
  const { contract, expiresAt } = previous.checkpoint;
  const checkpoint = checkpointOf(record, { contract, state, expiresAt }, deps);
  return {
    ...base(record, checkpoint, deps),
    kind: 'approval',
    reason: previous.reason,
    approversNeeded: previous.approversNeeded,
    previousId: previous.id,
  };
}

const NO_CONTRACT: FrozenContract = {
  intent: null,
  condition: null,
  conditions: null,
  threshold: 'strict',
  allowedAction: null,
  stateRefetch: null,
};

/** The case of an execution that the machine cannot end: a human says what became of it. */
export function draftReview(record: ExecutionRecord, deps: EngineDeps): ApprovalRecord {
  const checkpoint = checkpointOf(record, { contract: NO_CONTRACT, state: null, expiresAt: NEVER }, deps);
  const failure = toReviewFailure(record);
  const reason =
    failure.effect === 'none'
      ? `the call failed without effect: ${failure.message}`
      : `it is not known whether the call took effect: ${failure.message}`;
  return { ...base(record, checkpoint, deps), kind: 'review', reason, approversNeeded: 1, failure };
}

function checkpointOf(
  record: ExecutionRecord,
  { contract, state, expiresAt }: Pick<Checkpoint, 'contract' | 'state' | 'expiresAt'>,
  { ids, clock }: EngineDeps,
): Checkpoint {
  const { request } = record;
  return {
    nonce: ids.token(),
    executionId: record.id,
    tool: record.tool,
    toolVersion: record.toolVersion,
    action: record.action,
    params: request.params,
    variables: request.executionState?.variables ?? null,
    toolOutputs: request.executionState?.tool_outputs ?? null,
    entityResolution: request.entityResolution,
    agentId: record.agentId,
    env: record.env,
    workflow: record.workflow,
    resource: request.resource,
    fallback: request.fallback,
    failurePolicy: request.failurePolicy,
    contract,
    state,
    frozenAt: clock.now(),
    expiresAt,
  };
}

function riskOf({ tenant, tool, request }: ExecutionRecord, { tools }: EngineDeps): RiskLevel {
  const ids = request.fallback === null ? [tool] : [tool, request.fallback.tool];
  const found = ids.map((id) => tools.catalogue().find(tenant, id));
  return riskiest(found.map((f) => (f.kind === 'found' ? f.tool.riskLevel : UNKNOWN_RISK)));
}

function base(record: ExecutionRecord, checkpoint: Checkpoint, deps: EngineDeps) {
  return {
    id: deps.ids.approval(),
    tenant: record.tenant,
    state: 'pending',
    version: 1,
    executionId: record.id,
    tool: record.tool,
    agentId: record.agentId,
    requestedBy: record.keyId,
    riskLevel: riskOf(record, deps),
    checkpoint,
    digest: digestOf(checkpoint, deps),
    failure: null,
    votes: [],
    drift: [],
    previousId: null,
    nextId: null,
    outcome: null,
    decidedBy: null,
    reviewedBy: null,
    comment: null,
    createdAt: checkpoint.frozenAt,
    expiresAt: checkpoint.expiresAt,
    decidedAt: null,
  } as const;
}
