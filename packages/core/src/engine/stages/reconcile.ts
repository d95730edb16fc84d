import { PROCEED, type Decision } from '../../domain/decision.js';
import { decideReconcile, type ReconcileStep } from '../../domain/reconcile/decide-reconcile.js';
import { filled } from '../context.js';
import { acceptVerdict, lookOnce, reconcileFacts } from '../lookups.js';
import { waitUnlessSettled } from '../settlement/wait-unless-settled.js';
import { defineActingStage } from '../stage.js';
import { mustReconcile } from './execute.js';

const LOOK_AGAIN: Decision = { kind: 'repeat', from: 'reconcile' };
const NEXT_STEP: Decision = { kind: 'repeat', from: 'execute' };

/** One round: look once, or take what has been found out back to execute. A late answer of the tool ends the search. */
export const reconcile = defineActingStage<boolean, ReconcileStep | null>('reconcile', {
  gather: (ctx, deps) => mustReconcile(ctx, deps),
  decide: (ctx, needed, deps) => (needed ? decideReconcile(reconcileFacts(filled(ctx, 'run'), deps)) : null),
  async apply(ctx, step, deps) {
    const run = filled(ctx, 'run');
    if (step === null) return PROCEED;
    if (step.kind === 'verdict') {
      acceptVerdict(run, step.verdict);
      return NEXT_STEP;
    }
    if (await waitUnlessSettled(run, step.waitMs, deps)) return NEXT_STEP;
    return (await lookOnce(run, ctx.input.traceparent, deps)) ? LOOK_AGAIN : PROCEED;
  },
});
