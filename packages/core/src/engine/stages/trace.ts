import { PROCEED } from '../../domain/decision.js';
import { toTraceRecord } from '../to-trace-record.js';
import { defineStage } from '../stage.js';

/** The trace of a call, also of one that was refused. It is queued; nothing waits for it. */
export const trace = defineStage('trace', {
  decide: () => PROCEED,
  apply(ctx, decision, deps) {
    deps.store.traces.append(toTraceRecord(ctx, deps.clock.now()));
    return decision;
  },
});
