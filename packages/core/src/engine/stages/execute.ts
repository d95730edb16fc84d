import { decideNextStep, type NextStep } from '../../domain/execution/next-step.js';
import { PROCEED, type Decision } from '../../domain/decision.js';
import { startAttempt, sendAttempt, stepFacts } from '../attempts.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { hasTurnedOut } from '../has-turned-out.js';
import { lookFirst } from '../history/look-first.js';
import { takeEventVerdict } from '../settlement/take-event-verdict.js';
import { defineActingStage } from '../stage.js';

type Act = NextStep | { readonly kind: 'look_first' } | { readonly kind: 'send' } | { readonly kind: 'stop' };

const AGAIN: Decision = { kind: 'repeat', from: 'execute' };

/** One round: send the attempt that is already durable, or make the next one durable and send it, or stop. */
export const execute = defineActingStage<undefined, Act>('execute', {
  decide(ctx, _facts, deps) {
    const run = filled(ctx, 'run');
    if (run.lost) return { kind: 'stop' };
    if (run.unsent && run.lookFirst && run.lookupTool !== null) return { kind: 'look_first' };
    return run.unsent ? { kind: 'send' } : decideNextStep(stepFacts(run, deps));
  },
  async apply(ctx, act, deps) {
    const run = filled(ctx, 'run');
    switch (act.kind) {
      case 'look_first':
        await lookFirst(run, ctx.input.traceparent, deps);
        return AGAIN;
      case 'send':
        await sendAttempt(run, ctx.input.traceparent, deps);
        await takeEventVerdict(run, deps);
        return AGAIN;
      case 'attempt':
        return (await startAttempt(run, act, deps)) ? AGAIN : PROCEED;
      case 'fail':
      case 'review':
        if (await hasTurnedOut(run, 0, deps)) return AGAIN;
        run.final = act;
        return PROCEED;
      case 'complete':
        run.final = act;
        return PROCEED;
      case 'reconcile':
      case 'stop':
        return PROCEED;
    }
  },
});

/** Whether the reconcile stage has something to find out. */
export function mustReconcile(ctx: CallContext, deps: EngineDeps): boolean {
  const run = filled(ctx, 'run');
  return !run.lost && run.final === null && decideNextStep(stepFacts(run, deps)).kind === 'reconcile';
}
