import type { TraceRecord } from '@invoke/contract';

export interface FailureReport {
  /** The worst ones first, and of equals the newest. */
  readonly failures: readonly Pick<
    TraceRecord,
    'trace_id' | 'execution_id' | 'tool' | 'status' | 'code' | 'started_at'
  >[];
  readonly worst: TraceRecord | null;
  /** How many traces were looked at. */
  readonly scanned: number;
}

/** How bad it is when a call ends so; the higher the worse. What went well or only waits is not here. */
const SEVERITY: ReadonlyMap<string, number> = new Map([
  ['unknown', 4],
  ['needs_review', 4],
  ['failed', 3],
  ['replan_required', 2],
  ['blocked', 2],
  ['expired', 2],
  ['cancelled', 1],
  ['rejected', 1],
  ['denied', 1],
]);
/** A request that was refused: nothing happened. */
const REFUSED = 1;

/** The calls that did not go well, out of the newest traces. */
export function toFailureReport(traces: readonly TraceRecord[], limit: number): FailureReport {
  const found = traces
    .flatMap((trace) => {
      const severity = severityOf(trace);
      return severity === null ? [] : [{ trace, severity }];
    })
    .sort((a, b) => b.severity - a.severity || b.trace.started_at - a.trace.started_at);
  return {
    failures: found.slice(0, limit).map(({ trace }) => {
      const { trace_id, execution_id, tool, status, code, started_at } = trace;
      return { trace_id, execution_id, tool, status, code, started_at };
    }),
    worst: found[0]?.trace ?? null,
    scanned: traces.length,
  };
}

function severityOf({ status, code, replayed }: TraceRecord): number | null {
  // A repeat of a call is not another failure.
  if (replayed) return null;
  return SEVERITY.get(status) ?? (code === null ? null : REFUSED);
}
