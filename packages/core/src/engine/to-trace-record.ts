import type { Refusal, TraceRecord } from '@invoke/contract';
import { DEFAULT_TENANT } from '../domain/access/to-principal.js';
import type { Principal } from '../domain/access/principal.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { presentExecution, toTraceSteps } from '../domain/execution/present-execution.js';
import type { EpochMs } from '../domain/time.js';
import { redact, redactText } from '../domain/trace/redact.js';
import type { CallContext, CallInput } from './context.js';

/** What may be kept of a call that did not become an execution. */
export function toTraceRecord(ctx: CallContext, endedAt: EpochMs): TraceRecord {
  const { request, requestId } = ctx.input;
  const { principal, identity, tool, known } = ctx;
  const refusal = ctx.stop?.kind === 'refused' ? ctx.stop.refusal : null;
  return {
    trace_id: ctx.traceId,
    execution_id: known?.id ?? null,
    request_id: requestId,
    tenant: principal?.tenant ?? DEFAULT_TENANT,
    key_id: principal?.keyId ?? null,
    agent_id: identity?.agentId ?? request.agent_id ?? null,
    tool: tool?.id ?? redactText(request.tool),
    action: request.action ?? tool?.card.action ?? null,
    env: identity?.env ?? request.env ?? null,
    workflow: request.workflow ?? null,
    status: refusal?.code ?? (known === null ? 'pending' : presentExecution(known, false).status),
    code: refusal?.code ?? known?.outcome?.code ?? null,
    replayed: ctx.stop?.kind === 'answered' && ctx.stop.how === 'replay',
    entity: request.entity_resolution ?? null,
    // What is answered by an execution has its params there; strangers' params are not kept.
    params: principal === null || refusal === null ? null : redact(request.params, tool?.card.sensitive),
    // Of a call that an earlier one answers, what let it pass is told there.
    steps: refusal === null ? ctx.steps.filter((step) => step.status !== 'passed') : ctx.steps,
    started_at: ctx.startedAt,
    ended_at: endedAt,
  };
}

/** The trace of an execution, told from its row. @param sensitive JSON Pointers of the tool's card */
export function toTraceOfExecution(record: ExecutionRecord, sensitive: readonly string[]): TraceRecord {
  const { status } = presentExecution(record, true);
  return {
    trace_id: record.traceId,
    execution_id: record.id,
    request_id: record.request.requestId,
    tenant: record.tenant,
    key_id: record.keyId,
    agent_id: record.agentId,
    tool: record.tool,
    action: record.action,
    env: record.env,
    workflow: record.workflow,
    status,
    code: record.outcome?.code ?? null,
    replayed: false,
    entity: record.request.entityResolution,
    params: redact(record.request.params, sensitive),
    steps: toTraceSteps(record),
    started_at: record.createdAt,
    ended_at: record.finishedAt ?? record.updatedAt,
  };
}

/** A request to act that was refused before it was understood. */
export interface UnreadCall {
  readonly credential: CallInput['credential'];
  readonly requestId: string;
  readonly refusal: Refusal;
  /** What could be read of it, unchecked. */
  readonly body: Readonly<Record<string, unknown>>;
}

export function toUnreadTrace(
  { requestId, refusal, body }: UnreadCall,
  principal: Principal | null,
  { traceId, at }: { readonly traceId: string; readonly at: EpochMs },
): TraceRecord {
  const name = (value: unknown) =>
    typeof value === 'string' ? redactText(value.slice(0, LONGEST_NAME)) : null;
  const known = principal !== null;
  return {
    trace_id: traceId,
    execution_id: null,
    request_id: requestId,
    tenant: principal?.tenant ?? DEFAULT_TENANT,
    key_id: principal?.keyId ?? null,
    agent_id: known ? name(body['agent_id']) : null,
    tool: (known ? name(body['tool']) : null) ?? '',
    action: null,
    env: null,
    workflow: null,
    status: refusal.code,
    code: refusal.code,
    replayed: false,
    entity: null,
    params: known ? redact(body['params'] ?? null) : null,
    steps: [
      { step: 'request_refused', status: 'stopped', at, detail: `${refusal.code}: ${refusal.message}` },
    ],
    started_at: at,
    ended_at: at,
  };
}

const LONGEST_NAME = 256;
