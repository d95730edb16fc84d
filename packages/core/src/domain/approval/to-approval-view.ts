import type { ApprovalView } from '@invoke/contract';
import { redact } from '../trace/redact.js';
import { NEVER } from '../time.js';
import type { ApprovalRecord } from './approval-record.js';

/** What an approver is shown: what is frozen, without what the card calls sensitive. @param sensitive JSON Pointers */
export function toApprovalView(record: ApprovalRecord, sensitive: readonly string[]): ApprovalView {
  const { checkpoint } = record;
  const { contract } = checkpoint;
  const shown = <T>(value: T): T => (value === null ? value : (redact(value) as T));
  return {
    id: record.id,
    kind: record.kind,
    status: record.state,
    execution_id: record.executionId,
    tool: record.tool,
    action: checkpoint.action,
    agent_id: record.agentId,
    intent: contract.intent,
    reason: record.reason,
    risk_level: record.riskLevel,
    params: redact(checkpoint.params, sensitive) as ApprovalView['params'],
    digest: record.digest,
    entity_id: checkpoint.entityResolution?.entity_id ?? null,
    entity_resolution: checkpoint.entityResolution,
    variables: shown(checkpoint.variables),
    tool_outputs: shown(checkpoint.toolOutputs),
    condition: contract.condition,
    conditions: contract.conditions,
    threshold: contract.conditions === null ? null : contract.threshold,
    allowed_action: contract.allowedAction,
    frozen_state: shown(checkpoint.state),
    fallback: checkpoint.fallback?.tool ?? null,
    failure_policy: shown(checkpoint.failurePolicy ?? null),
    drift: [...record.drift],
    failure: record.failure,
    approvals_needed: record.approversNeeded,
    approvals_given: record.votes.length,
    previous_id: record.previousId,
    next_id: record.nextId,
    requested_by: record.requestedBy,
    outcome: record.outcome,
    decided_by: record.decidedBy,
    reviewed_by: record.reviewedBy,
    comment: record.comment,
    created_at: record.createdAt,
    expires_at: record.expiresAt === NEVER ? null : record.expiresAt,
    decided_at: record.decidedAt,
  };
}
