import { PROCEED } from '../../domain/decision.js';
import { toTraceRecord } from '../to-trace-record.js';
import { defineStage } from '../stage.js';

/**
 * The trace of a call that did not become an execution: refused, or answered by an earlier one. The trace of an execution
 * is told from its own row, so that nothing is written twice. It is queued; nothing waits for it.
 */
export const trace = defineStage('trace', {
  decide: () => PROCEED,
  apply(ctx, decision, deps) {
    const isTold = ctx.run !== null || ctx.known?.traceId === ctx.traceId;
    if (!isTold) deps.store.traces.append(toTraceRecord(ctx, deps.clock.now()));
    return decision;
  },
});
