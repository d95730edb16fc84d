import { PolicyDocument, WorkflowDefinition } from '@invoke/contract';
import type {
  ApprovalRecord,
  Charge,
  Checkpoint,
  EpochMs,
  PolicyRecord,
  SettlementRecord,
  WorkflowRecord,
} from '@invoke/core/domain';
import type { ApprovalQuery, OutboxMessage } from '@invoke/core/ports';
import { NOW } from './records.js';

const CHECKPOINT: Checkpoint = {
  nonce: 'n0nce',
  executionId: 'exec_1',
  tool: 'crm_update_customer',
  toolVersion: 'c0ffee',
  action: 'crm.update',
  params: { customer_id: 'cust_123', amount: 12.5, text: 'a\u0000b ü€𝄞' },
  variables: null,
  toolOutputs: null,
  entityResolution: null,
  agentId: 'agent-1',
  env: 'prod',
  workflow: null,
  resource: null,
  contract: {
    intent: null,
    condition: null,
    conditions: null,
    threshold: 'strict',
    allowedAction: null,
    stateRefetch: null,
  },
  state: { plan: 'gold' },
  frozenAt: NOW,
  expiresAt: (NOW + 60_000) as EpochMs,
};

/** Waits for a decision, and is what `execution` of the same id waits for. */
export function approval(fields: Partial<ApprovalRecord> & { id: string }): ApprovalRecord {
  return {
    tenant: 'acme',
    kind: 'approval',
    state: 'pending',
    version: 1,
    executionId: 'exec_1',
    tool: 'crm_update_customer',
    agentId: 'agent-1',
    requestedBy: 'key_1',
    riskLevel: 'high',
    reason: 'the tool asks for approval',
    checkpoint: CHECKPOINT,
    digest: 'sha256:f00d',
    failure: null,
    approversNeeded: 1,
    votes: [],
    drift: [],
    previousId: null,
    nextId: null,
    outcome: null,
    decidedBy: null,
    reviewedBy: null,
    comment: null,
    createdAt: NOW,
    expiresAt: CHECKPOINT.expiresAt,
    decidedAt: null,
    ...fields,
  };
}

/** The same approval, decided. */
export function decided(record: ApprovalRecord, fields: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    ...record,
    state: 'executed',
    version: record.version + 1,
    outcome: 'executed',
    decidedBy: 'key_2',
    decidedAt: (NOW + 500) as EpochMs,
    ...fields,
  };
}

export function approvalPage(fields: Partial<ApprovalQuery> = {}): ApprovalQuery {
  return { tenant: 'acme', limit: 50, before: null, state: null, agentId: null, ...fields };
}

export function message(id: string, fields: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id,
    tenant: 'acme',
    channel: 'events',
    topic: 'approval.requested',
    body: { approval_id: 'appr_1', text: 'a\u0000b ü€𝄞' },
    createdAt: NOW,
    ...fields,
  };
}

export function settlement(fields: Partial<SettlementRecord> = {}): SettlementRecord {
  return {
    tenant: 'acme',
    provider: 'payments',
    eventId: 'evt_1',
    executionId: 'exec_1',
    tool: 'crm_update_customer',
    verdict: 'applied',
    contradiction: false,
    detail: 'charge.succeeded',
    receivedAt: NOW,
    open: false,
    ...fields,
  };
}

/** One call, and no limit, in a window of an hour. */
export function charge(fields: Partial<Charge> = {}): Charge {
  return {
    tenant: 'acme',
    budget: 'daily',
    subject: 'key_1',
    windowStart: NOW,
    windowEnd: (NOW + 3_600_000) as EpochMs,
    amount: 0,
    maxCalls: null,
    maxAmount: null,
    ...fields,
  };
}

export function policy(fields: Partial<PolicyRecord> = {}): PolicyRecord {
  const rule = { when: 'action == "crm.delete"', effect: 'deny', reason: 'never' } as const;
  return {
    tenant: 'acme',
    document: PolicyDocument.parse({ rules: [rule] }),
    updatedBy: 'key_1',
    updatedAt: NOW,
    ...fields,
  };
}

export function workflow(id: string, fields: Partial<WorkflowRecord> = {}): WorkflowRecord {
  const step = { step: 'looked_up', title: 'Look it up', kind: 'search', query: '${input.query}' } as const;
  return {
    tenant: 'acme',
    definition: WorkflowDefinition.parse({ id, title: 'A workflow', steps: [step] }),
    updatedBy: 'key_1',
    updatedAt: NOW,
    ...fields,
  };
}
