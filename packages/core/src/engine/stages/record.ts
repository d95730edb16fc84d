import { EXECUTION_STATE, FINAL_OUTCOME } from '@invoke/contract';
import { PROCEED } from '../../domain/decision.js';
import { decisionAfterFailure } from '../../domain/execution/decision-after-failure.js';
import { eventsToComplete, eventsToFail, eventsToReview } from '../../domain/execution/events-to.js';
import type { ExecutionOutcome } from '../../domain/execution/execution-record.js';
import { askForRecheck } from '../rechecks.js';
import { write, type Change, type Run } from '../run.js';
import { defineActingStage } from '../stage.js';

/** Writes how the execution ended, before anybody is told. */
export const record = defineActingStage<undefined, Change | null>('record', {
  decide: (ctx) => (ctx.run === null || ctx.run.lost ? null : finalChange(ctx.run)),
  async apply(ctx, change, deps) {
    if (ctx.run === null || change === null) return PROCEED;
    const asked = askForRecheck(ctx.run, deps);
    if (asked !== null) await asked;
    await write(ctx.run, change, deps);
    return PROCEED;
  },
});

function finalChange(run: Run): Change | null {
  const { final, record: row } = run;
  switch (final?.kind) {
    case undefined:
      return null;
    case 'complete': {
      const byLookup = final.by === 'lookup';
      return {
        events: eventsToComplete(row.state, final.by),
        resultText: byLookup ? run.evidence : (run.heard?.resultText ?? null),
        outcome: {
          final: byLookup ? FINAL_OUTCOME.outcome_reconciled : FINAL_OUTCOME.completed,
          decision: byLookup ? 'do_not_retry' : 'execute',
          code: null,
          message: null,
        },
      };
    }
    case 'fail':
      return {
        events: eventsToFail(row.state),
        resultText: run.heard?.resultText ?? null,
        outcome: failureOutcome(
          run,
          FINAL_OUTCOME.failed,
          decisionAfterFailure(run.heard?.judgement ?? null),
        ),
      };
    case 'review':
      return {
        events: eventsToReview(row.state),
        outcome: failureOutcome(run, EXECUTION_STATE.needs_review, reviewDecision(run)),
      };
  }
}

function reviewDecision(run: Run): string {
  return run.record.request.failurePolicy?.on_failure === 'escalate' ? 'escalated' : 'review';
}

/** The words for how an execution ended without success. */
function failureOutcome({ heard }: Run, final: string, decision: string): ExecutionOutcome {
  const code = heard?.judgement.code ?? 'upstream_unavailable';
  return { final, decision, code, message: heard?.judgement.message ?? null };
}
