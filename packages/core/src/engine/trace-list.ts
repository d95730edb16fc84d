import { EXECUTION_STATE, type ExecutionState, type TraceRecord } from '@invoke/contract';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { presentExecution } from '../domain/execution/present-execution.js';
import type { EngineDeps } from './deps.js';
import { toTraceOfExecution } from './to-trace-record.js';

/** Where a page of traces ends: traces come from two places, and each has its own end. */
export interface TracePosition {
  readonly traceId: string | null;
  readonly executionId: string | null;
}

export interface TraceFilter {
  /** 1 to 200. */
  readonly limit: number;
  readonly before: TracePosition;
  readonly tool: string | null;
  readonly agentId: string | null;
  readonly status: string | null;
  readonly executionId: string | null;
}

export interface TracePage {
  readonly records: readonly TraceRecord[];
  /** Null on the last page. */
  readonly next: TracePosition | null;
}

/**
 * The newest traces: of calls that were refused or replayed (they have traces of their own) and of executions (their rows
 * tell the story), merged by when they began.
 */
export async function listTraces(tenant: string, filter: TraceFilter, deps: EngineDeps): Promise<TracePage> {
  const { store } = deps;
  await store.traces.flush();
  const { limit, before, tool, agentId, status, executionId } = filter;
  const [own, executions] = await Promise.all([
    store.traces.list({ tenant, limit, before: before.traceId, tool, agentId, status, executionId }),
    executionsOf(tenant, filter, deps),
  ]);
  const found = [
    ...own.map((trace) => ({ trace, from: 'own' as const })),
    ...executions.records.map((e) => ({
      trace: toTraceOfExecution(e, sensitiveOf(e, deps)),
      from: 'execution' as const,
    })),
  ];
  const page = found.sort((a, b) => newestFirst(a.trace, b.trace)).slice(0, limit);
  const next = positionAfter(page, before);
  if (page.length === limit) return { records: page.map((p) => p.trace), next };
  const more = executions.scannedTo === null ? null : { ...next, executionId: executions.scannedTo };
  return { records: page.map((p) => p.trace), next: more };
}

function newestFirst(a: TraceRecord, b: TraceRecord): number {
  return b.started_at - a.started_at || (a.trace_id < b.trace_id ? 1 : -1);
}

function positionAfter(
  page: readonly { readonly trace: TraceRecord; readonly from: 'own' | 'execution' }[],
  before: TracePosition,
): TracePosition {
  const last = (from: 'own' | 'execution') => page.findLast((p) => p.from === from)?.trace;
  return {
    traceId: last('own')?.trace_id ?? before.traceId,
    executionId: last('execution')?.execution_id ?? before.executionId,
  };
}

interface Scanned {
  readonly records: readonly ExecutionRecord[];
  /** The last one looked at, where there may be more. */
  readonly scannedTo: string | null;
}

async function executionsOf(tenant: string, filter: TraceFilter, { store }: EngineDeps): Promise<Scanned> {
  const { limit, before, tool, agentId, status } = filter;
  if (filter.executionId !== null) {
    const one = before.executionId === null ? await store.executions.find(tenant, filter.executionId) : null;
    return { records: one === null || !fits(one, filter) ? [] : [one], scannedTo: null };
  }
  const query = { tenant, limit, before: before.executionId, tool, agentId };
  const lists = await Promise.all(
    statesOf(status).map((state) => store.executions.list({ ...query, state })),
  );
  const full = lists.filter((list) => list.length === limit);
  return {
    records: lists.flat().filter((record) => fits(record, filter)),
    scannedTo: full.length === 1 ? (full[0]?.at(-1)?.id ?? null) : null,
  };
}

function fits(record: ExecutionRecord, { status, tool, agentId }: TraceFilter): boolean {
  return (
    (status === null || presentExecution(record, true).status === status) &&
    (tool === null || record.tool === tool) &&
    (agentId === null || record.agentId === agentId)
  );
}

/** In which states an execution may be for a call status; none for the code of a refusal, `null` for all of them. */
function statesOf(status: string | null): readonly (ExecutionState | null)[] {
  if (status === null) return [null];
  if (status === 'outcome_reconciled') return [EXECUTION_STATE.completed];
  const fit = Object.values(EXECUTION_STATE).filter((state) =>
    [true, false].some(
      (fresh) => presentExecution({ state, outcome: null } as ExecutionRecord, fresh).status === status,
    ),
  );
  return fit;
}

function sensitiveOf(record: ExecutionRecord, { tools }: EngineDeps): readonly string[] {
  const found = tools.catalogue().find(record.tenant, record.tool);
  return found.kind === 'found' ? found.tool.card.sensitive : [];
}
