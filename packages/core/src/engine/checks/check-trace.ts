import type { Refusal, StateRefetch, TraceRecord, TraceStep } from '@invoke/contract';
import { agentOf } from '../../domain/access/decide-scope.js';
import { redact, redactText } from '../../domain/trace/redact.js';
import type { EpochMs } from '../../domain/time.js';
import type { EngineDeps } from '../deps.js';
import type { Asking } from './check-request.js';

/** The story of one check, while it is told. */
export interface CheckTrace {
  readonly traceId: string;
  note(step: string, status: string, detail?: string): void;
  /** Writes it. Called once, when the answer is known. */
  end(ending: { readonly status: string; readonly refusal: Refusal | null }): void;
}

/** What is told of the request itself. */
export interface CheckSubject {
  /** Stands where a call has its tool, when no tool was used. */
  readonly check: string;
  readonly intent: string;
  readonly request: {
    readonly state_refetch?: StateRefetch | undefined;
    readonly agent_id?: string | undefined;
    readonly env?: string | undefined;
    readonly workflow?: string | undefined;
    readonly [field: string]: unknown;
  };
}

/** Begins the trace of a request that looks and does not act. */
export function beginCheckTrace(
  { check, intent, request }: CheckSubject,
  { principal, meta }: Asking,
  { store, clock, ids }: Pick<EngineDeps, 'store' | 'clock' | 'ids'>,
): CheckTrace {
  const traceId = ids.trace();
  const startedAt = clock.now();
  const steps: TraceStep[] = [{ step: 'request_received', status: 'completed', at: startedAt }];
  const toRecord = (status: string, refusal: Refusal | null, endedAt: EpochMs): TraceRecord => ({
    trace_id: traceId,
    execution_id: null,
    request_id: meta.requestId,
    tenant: principal.tenant,
    key_id: principal.keyId,
    agent_id: agentOf(principal, request.agent_id),
    tool: redactText(request.state_refetch?.tool ?? check),
    action: intent,
    env: request.env ?? null,
    workflow: request.workflow ?? null,
    status,
    code: refusal?.code ?? null,
    replayed: false,
    entity: null,
    params: redact(request),
    steps,
    started_at: startedAt,
    ended_at: endedAt,
  });
  return {
    traceId,
    note(step, status, detail) {
      const at = clock.now();
      steps.push({ step, status, at, ...(detail === undefined ? {} : { detail: redactText(detail) }) });
    },
    end({ status, refusal }) {
      store.traces.append(toRecord(status, refusal, clock.now()));
    },
  };
}

/** Ends a trace with a refusal. */
export function endRefused(
  trace: CheckTrace,
  refusal: Refusal,
): { readonly kind: 'refused'; readonly refusal: Refusal; readonly traceId: string } {
  trace.note('request_refused', 'stopped', `${refusal.code}: ${refusal.message}`);
  trace.end({ status: refusal.code, refusal });
  return { kind: 'refused', refusal, traceId: trace.traceId };
}
