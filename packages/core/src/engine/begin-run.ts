import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { lastAttempt } from '../domain/execution/journal.js';
import { invariant } from '../domain/invariant.js';
import { DEFAULT_LOOKUP_PLAN } from '../domain/reconcile/decide-reconcile.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { EngineDeps } from './deps.js';
import type { Run } from './run.js';

interface Beginning {
  readonly primary: ToolDefinition;
  readonly fallback: ToolDefinition | null;
  /** The last attempt is recorded and has certainly not been sent. */
  readonly unsent: boolean;
}

/** A run over a row that is ours. */
export function beginRun(record: ExecutionRecord, beginning: Beginning, deps: EngineDeps): Run {
  const { primary, fallback, unsent } = beginning;
  const run: Run = {
    record,
    primary,
    fallback,
    lookupTool: lookupToolOf(record, deps),
    journal: record.journal,
    unsent,
    lookFirst: unsent && primary.card.effect === 'write' && deps.history.doubted(),
    heard: null,
    verdict: null,
    evidence: null,
    settledMono: 0,
    attemptMono: 0,
    answer: null,
    late: null,
    final: null,
    lost: false,
    stalled: null,
  };
  startSettling(run, primary, deps);
  return run;
}

/**
 * Counts the settle time from now on: from when an attempt is prepared, again from the instant at which its bytes may leave
 * (its write may have taken long), and again from a take-over, because the gateway that is gone may have sent at its last
 * moment.
 */
export function startSettling(run: Run, tool: ToolDefinition, deps: EngineDeps): void {
  const settleMs = run.record.request.reconcile?.settle_ms ?? DEFAULT_LOOKUP_PLAN.settleMs;
  const timeoutMs = tool.card.timeout_ms;
  run.attemptMono = deps.clock.monotonic();
  run.settledMono = run.attemptMono + timeoutMs + settleMs;
}

/** The tool of the last attempt. */
export function toolOfLast(run: Run): ToolDefinition {
  if (lastAttempt(run.journal)?.role !== 'fallback') return run.primary;
  invariant(run.fallback !== null, 'a fallback that was called is judged by its own card');
  return run.fallback;
}

/** The fallback as it was when the call was accepted; null where there is none, or its definition is gone. */
export async function fallbackOf(
  { tenant, request }: Pick<ExecutionRecord, 'tenant' | 'request'>,
  { tools }: Pick<EngineDeps, 'tools'>,
): Promise<ToolDefinition | null> {
  return request.fallback === null ? null : tools.version(tenant, request.fallback.version);
}

function lookupToolOf(record: ExecutionRecord, { tools }: EngineDeps): ToolDefinition | null {
  const spec = record.request.reconcile;
  if (spec === null) return null;
  const found = tools.catalogue().find(record.tenant, spec.state_refetch.tool);
  return found.kind === 'found' && found.tool.card.effect === 'read' ? found.tool : null;
}
