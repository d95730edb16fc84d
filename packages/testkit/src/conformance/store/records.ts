import { CapabilityCard, type ExecutionState, type TraceRecord } from '@invoke/contract';
import type { EpochMs, ExecutionRecord, Journal, ProviderRecord, ToolDefinition } from '@invoke/core/domain';
import type { ExecutionQuery, Incarnation, TraceQuery, Transition } from '@invoke/core/ports';

/** Records with everything filled in, so that a test names only what it is about. */

export const NOW = 1_700_000_000_000 as EpochMs;

export const EMPTY_JOURNAL: Journal = { attempts: [], lookups: [], steps: [] };

export function execution(fields: Partial<ExecutionRecord> & { id: string }): ExecutionRecord {
  return {
    tenant: 'acme',
    env: 'prod',
    keyDigest: `digest-of-${fields.id}`,
    idempotencyKey: `key-of-${fields.id}`,
    fingerprint: 'v1:f00d',
    tool: 'crm_update_customer',
    toolVersion: 'c0ffee',
    action: 'crm.update',
    agentId: 'agent-1',
    workflow: null,
    keyId: 'key_1',
    entityId: null,
    traceId: `trace-of-${fields.id}`,
    request: {
      requestId: 'req_1',
      params: { customer_id: 'cust_123', amount: 12.5 },
      failurePolicy: { retry: 2 },
      reconcile: null,
      fallback: null,
      entityResolution: null,
      executionState: null,
      resource: null,
      policy: null,
      charges: [],
    },
    state: 'running',
    epoch: 0,
    seq: 0,
    owner: 'inc-1',
    token: `token-of-${fields.id}`,
    journal: EMPTY_JOURNAL,
    resultText: null,
    outcome: null,
    notBeforeAt: null,
    createdAt: NOW,
    updatedAt: NOW,
    finishedAt: null,
    ...fields,
  };
}

export function move(
  record: Pick<ExecutionRecord, 'id' | 'state' | 'epoch' | 'seq'>,
  state: ExecutionState,
  fields: Partial<Transition> = {},
): Transition {
  return {
    id: record.id,
    from: { state: record.state, epoch: record.epoch, seq: record.seq },
    state,
    owner: null,
    token: `${record.id}-${record.epoch}-${record.seq}-${state}`,
    journal: {
      attempts: [],
      lookups: [],
      steps: [{ step: 'execute', status: 'ok', at: NOW, detail: 'done' }],
    },
    resultText: '{"ok":true}',
    outcome: { final: 'completed', decision: null, code: null, message: null },
    notBeforeAt: null,
    updatedAt: (NOW + 1000) as EpochMs,
    finishedAt: (NOW + 1000) as EpochMs,
    ...fields,
  };
}

export function page(fields: Partial<ExecutionQuery> = {}): ExecutionQuery {
  return { tenant: 'acme', limit: 50, before: null, state: null, tool: null, agentId: null, ...fields };
}

export function tracePage(fields: Partial<TraceQuery> = {}): TraceQuery {
  return {
    tenant: 'acme',
    limit: 50,
    before: null,
    tool: null,
    agentId: null,
    status: null,
    executionId: null,
    ...fields,
  };
}

export function incarnation(id: string): Incarnation {
  return { id, host: 'host-1', pid: 4711, version: '0.1.0' };
}

export function provider(fields: Partial<ProviderRecord> = {}): ProviderRecord {
  return {
    id: 'prov_1',
    tenant: 'acme',
    slug: 'crm',
    name: 'CRM',
    ownerEmail: 'ops@example.com',
    webhookSecret: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...fields,
  };
}

export function tool(fields: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    id: 'crm_update_customer',
    key: 'crm.crm_update_customer',
    name: 'crm_update_customer',
    tenant: 'acme',
    provider: { id: 'prov_1', slug: 'crm' },
    version: 'c0ffee',
    card: CapabilityCard.parse({ name: 'Update customer', input_schema: { type: 'object' } }),
    binding: { kind: 'mcp', url: 'http://127.0.0.1:9/mcp', tool: 'crm_update_customer' },
    riskLevel: 'medium',
    approvalRequired: false,
    updatedAt: NOW,
    ...fields,
  };
}

export function trace(fields: Partial<TraceRecord> & { trace_id: string }): TraceRecord {
  return {
    execution_id: null,
    request_id: 'req_1',
    tenant: 'acme',
    key_id: 'key_1',
    agent_id: 'agent-1',
    tool: 'crm_update_customer',
    action: null,
    env: 'prod',
    workflow: null,
    status: 'completed',
    code: null,
    replayed: false,
    entity: null,
    params: { customer_id: 'cust_123' },
    steps: [{ step: 'execute', status: 'ok', at: NOW }],
    started_at: NOW,
    ended_at: NOW + 20,
    ...fields,
  };
}
