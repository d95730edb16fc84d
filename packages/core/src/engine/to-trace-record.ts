import type { Refusal, TraceRecord } from '@invoke/contract';
import { DEFAULT_TENANT } from '../domain/access/to-principal.js';
import type { Principal } from '../domain/access/principal.js';
import { presentExecution } from '../domain/execution/present-execution.js';
import type { EpochMs } from '../domain/time.js';
import { redact, redactText } from '../domain/trace/redact.js';
import type { CallContext, CallInput } from './context.js';

/** What of a call may be kept for people to read. */
export function toTraceRecord(ctx: CallContext, endedAt: EpochMs): TraceRecord {
  const { request, requestId } = ctx.input;
  const record = ctx.run?.record ?? ctx.known;
  const refusal = ctx.stop?.kind === 'refused' ? ctx.stop.refusal : null;
  const known = ctx.principal !== null || record !== null;
  const status =
    refusal !== null ? refusal.code : record === null ? 'pending' : presentExecution(record, true).status;
  return {
    trace_id: ctx.traceId,
    execution_id: record?.id ?? null,
    request_id: requestId,
    tenant: ctx.principal?.tenant ?? record?.tenant ?? DEFAULT_TENANT,
    key_id: ctx.principal?.keyId ?? record?.keyId ?? null,
    agent_id: ctx.identity?.agentId ?? record?.agentId ?? request.agent_id ?? null,
    tool: ctx.tool?.id ?? redactText(request.tool),
    action: request.action ?? ctx.tool?.card.action ?? null,
    env: ctx.identity?.env ?? request.env ?? null,
    workflow: request.workflow ?? null,
    status,
    code: refusal?.code ?? record?.outcome?.code ?? null,
    replayed: ctx.stop?.kind === 'answered' && ctx.stop.how === 'replay',
    entity: request.entity_resolution ?? null,
    params: known ? redact(request.params, ctx.tool?.card.sensitive) : null,
    steps: ctx.steps,
    started_at: ctx.startedAt,
    ended_at: endedAt,
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
