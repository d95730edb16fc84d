import type { JsonObject } from '@invoke/contract';
import type { ApprovalRecord } from '../approval/approval-record.js';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { NEVER } from '../time.js';
import { redact, redactText } from '../trace/redact.js';
import { shorten } from './visible.js';

/** Standard Webhooks wants payloads below 20 KB. */
const LONGEST_PARAMS = 2_000;
const LONGEST_TEXT = 500;

/** What a message says of an approval. @param sensitive JSON Pointers into the params; null: not known, so none are told */
export function toApprovalData(approval: ApprovalRecord, sensitive: readonly string[] | null): JsonObject {
  const { checkpoint, failure } = approval;
  return {
    id: approval.id,
    kind: approval.kind,
    status: approval.state,
    execution_id: approval.executionId,
    tool: approval.tool,
    action: checkpoint.action,
    fallback: checkpoint.fallback?.tool ?? null,
    agent_id: approval.agentId,
    env: checkpoint.env,
    entity_id: checkpoint.entityResolution?.entity_id ?? null,
    reason: freeText(approval.reason),
    risk_level: approval.riskLevel,
    params_preview: sensitive === null ? null : previewOf(checkpoint.params, sensitive),
    digest: approval.digest,
    failure: failure === null ? null : { ...failure, message: freeText(failure.message) },
    approvals_needed: approval.approversNeeded,
    approvals_given: approval.votes.length,
    previous_id: approval.previousId,
    next_id: approval.nextId,
    outcome: approval.outcome,
    decided_by: approval.decidedBy,
    created_at: approval.createdAt,
    expires_at: approval.expiresAt === NEVER ? null : approval.expiresAt,
    decided_at: approval.decidedAt,
  };
}

/** What a message says of an execution: where it stands, not what was sent or answered. */
export function toExecutionData(execution: ExecutionRecord): JsonObject {
  const { outcome } = execution;
  return {
    execution_id: execution.id,
    status: execution.state,
    decision: outcome?.decision ?? null,
    final_outcome: outcome?.final ?? null,
    tool: execution.tool,
    action: execution.action,
    agent_id: execution.agentId,
    env: execution.env,
    entity_id: execution.entityId,
    created_at: execution.createdAt,
    updated_at: execution.updatedAt,
    finished_at: execution.finishedAt,
  };
}

/** The params as one line of JSON, masked and cut. */
export function previewOf(params: JsonObject, sensitive: readonly string[]): string {
  return shorten(JSON.stringify(redact(params, sensitive)), LONGEST_PARAMS);
}

/** Free text may quote what a tool or a caller said. */
export function freeText(text: string): string {
  return shorten(redactText(text), LONGEST_TEXT);
}
