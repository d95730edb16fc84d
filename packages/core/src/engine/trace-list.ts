import { EXECUTION_STATE, type ExecutionState, type JsonObject, type TraceRecord } from '@invoke/contract';
import type { Principal } from '../domain/access/principal.js';
import { isInSight, toRecordedCall, type RecordedCall } from '../domain/access/within-limits.js';
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

/** How much is read for one page, however little of it may be seen: the next one goes on from there. */
const MOST_READS = 5;

/**
 * The newest traces that this key may see: of calls that were refused or replayed (they have traces of their own) and of
 * executions (their rows tell the story), merged by when they began.
 */
export async function listTraces(
  principal: Principal,
  filter: TraceFilter,
  deps: EngineDeps,
): Promise<TracePage> {
  await deps.store.traces.flush();
  const records: TraceRecord[] = [];
  let { before } = filter;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const { found, next } = await readTraces(principal.tenant, { ...filter, before }, deps);
    for (const [i, { trace, call }] of found.entries()) {
      if (maySee(principal, { trace, call }, deps)) records.push(trace);
      if (records.length === filter.limit) {
        return { records, next: positionAfter(found.slice(0, i + 1), before) };
      }
    }
    if (next === null) return { records, next };
    before = next;
  }
  return { records, next: before };
}

/** What a key has asked for itself it may see; of the rest, what its limits reach. */
function maySee(
  principal: Principal,
  { trace, call }: Pick<Found, 'trace' | 'call'>,
  { tools }: EngineDeps,
): boolean {
  const isOwnRequest = call === null && trace.key_id === principal.keyId;
  const recorded = call ?? toTracedCall(trace);
  return (
    isOwnRequest || isInSight(principal, recorded, (name) => tools.catalogue().find(principal.tenant, name))
  );
}

function toTracedCall({ tool, action, params, agent_id, env, workflow }: TraceRecord): RecordedCall {
  const named = (params ?? {}) as JsonObject;
  return { tool, action, params: named, agentId: agent_id, env, workflow, resource: null };
}

interface Found {
  readonly trace: TraceRecord;
  /** Null for traces of their own. */
  readonly call: RecordedCall | null;
}

interface Read {
  readonly found: readonly Found[];
  readonly next: TracePosition | null;
}

async function readTraces(tenant: string, filter: TraceFilter, deps: EngineDeps): Promise<Read> {
  const { limit, before, tool, agentId, status, executionId } = filter;
  const [own, executions] = await Promise.all([
    deps.store.traces.list({ tenant, limit, before: before.traceId, tool, agentId, status, executionId }),
    executionsOf(tenant, filter, deps),
  ]);
  const all: readonly Found[] = [
    ...own.map((trace) => ({ trace, call: null })),
    ...executions.records.map((e) => ({
      trace: toTraceOfExecution(e, sensitiveOf(e, deps)),
      call: toRecordedCall(e),
    })),
  ];
  const found = all.toSorted((a, b) => newestFirst(a.trace, b.trace)).slice(0, limit);
  const next = positionAfter(found, before);
  if (found.length === limit) return { found, next };
  const more = executions.scannedTo === null ? null : { ...next, executionId: executions.scannedTo };
  return { found, next: more };
}

function newestFirst(a: TraceRecord, b: TraceRecord): number {
  return b.started_at - a.started_at || (a.trace_id < b.trace_id ? 1 : -1);
}

function positionAfter(found: readonly Found[], before: TracePosition): TracePosition {
  const own = found.findLast(({ call }) => call === null);
  const execution = found.findLast(({ call }) => call !== null);
  return {
    traceId: own?.trace.trace_id ?? before.traceId,
    executionId: execution?.trace.execution_id ?? before.executionId,
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
