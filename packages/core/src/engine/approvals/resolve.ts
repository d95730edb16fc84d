import { EXECUTION_STATE, FINAL_OUTCOME, type ResolveRequest } from '@invoke/contract';
import { alreadyDecided, refuseDecision, refuseSecondVote } from '../../domain/approval/decide-vote.js';
import { refuse } from '../../domain/decision.js';
import { withNote, withVerdict } from '../../domain/execution/journal.js';
import { chargesToGiveBack } from '../../domain/budget/charges-to-give-back.js';
import type { ApprovalMove } from '../../ports/approval-store.js';
import { awaitEnd } from '../answer.js';
import type { EngineDeps } from '../deps.js';
import { release } from '../budgets/release.js';
import { changed, toTransition } from '../run.js';
import { fallbackOf } from '../begin-run.js';
import { holdBack } from '../history/hold-back.js';
import { announce } from './announce.js';
import { countVote } from './count-vote.js';
import type { DecisionInput } from './decision-input.js';
import {
  closeSettled,
  findCaseFor,
  lost,
  notFound,
  refused,
  type Case,
  type Decided,
  type Parts,
} from './decided.js';
import { judgeRetry } from './judge-retry.js';
import { decideAndDrive, letGo } from './let-go.js';
import { digestOf } from './draft-approval.js';
import { endApproval, type Decider } from './end-approval.js';

interface Reviewing extends Case {
  readonly decider: Decider;
}

/** @property digest What was shown to whoever said yes or no (see `toResolution`). */
type Resolving = ResolveRequest & { readonly digest?: string | undefined };

/** A human says what became of a call: it took effect, it did not, or it did not and is to be tried again. */
export async function resolve(input: DecisionInput<Resolving>, parts: Parts): Promise<Decided> {
  const { principal, id, request } = input;
  const { deps } = parts;
  const found = await findCaseFor(principal, id, deps);
  if (found === null) return notFound();
  const { approval, record } = found;
  const storedDigest = digestOf(approval.checkpoint, deps);
  const shownDigest = request.digest ?? null;
  const refusal = refuseDecision({ approval, principal, shownDigest, storedDigest }, 'review');
  if (refusal !== null) return refused(refusal, record.id);
  if (approval.state !== 'pending') return refused(alreadyDecided(approval), record.id);
  const decider = { principal, reviewedBy: request.reviewed_by ?? null, comment: request.comment ?? null };
  const { resolution, result } = request;
  return resolution === 'retry'
    ? retryReviewed({ approval, record, decider, waitMs: input.waitMs }, parts)
    : settleReviewed({ approval, record, decider }, { resolution, result }, deps);
}

/**
 * Another attempt, because a human says that nothing happened. That word is not a licence of its own: the call is held against
 * rights and rules as they are now, and where these ask for several people, several have to say so.
 */
async function retryReviewed(
  { approval, record, decider, waitMs }: Reviewing & { readonly waitMs: number },
  parts: Parts,
): Promise<Decided> {
  const { deps, drivers } = parts;
  if (record.state !== EXECUTION_STATE.needs_review) return closeSettled({ approval, record }, deps);
  const tool = await deps.tools.version(record.tenant, record.toolVersion);
  if (tool === null) {
    const message = `The definition of ${record.tool} that this call was made with is gone: say applied or not_applied.`;
    return refused(refuse('tool_not_callable', message).refusal, record.id);
  }
  const reach = { tool, fallback: await fallbackOf(record, deps) };
  const second = refuseSecondVote(approval, decider.principal);
  if (second !== null) return refused(second, record.id);
  const retry = await judgeRetry({ record, reach, approvers: approval.votes.length + 1 }, deps);
  if (retry.kind === 'refused') return refused(retry.refusal, record.id);
  if (retry.kind === 'more_approvers') {
    const counted = await countVote({ approval, record, decider, needed: retry.needed }, deps);
    return counted.kind === 'counted' ? counted.decided : lost({ approval, record }, deps);
  }
  const doubtful = await holdBack(reach, deps.config.callDeadlineMs, deps);
  if (doubtful !== null) return refused(doubtful.refusal, record.id);
  const freed = await letGo(record, { tool, approval, by: decider }, deps);
  const ended = endApproval(approval, {
    state: 'resolved',
    outcome: 'executed',
    at: deps.clock.now(),
    decider,
  });
  const decision: ApprovalMove = {
    approval: ended,
    move: toTransition(record, freed.record),
    fresh: null,
    messages: announce('approval.decided', { approval: ended, execution: freed.record }, deps),
  };
  const moved = await decideAndDrive(decision, freed, parts);
  if (moved.kind === 'lost') return lost({ approval, record }, deps);
  const execution = await awaitEnd(freed.record, waitMs, { drivers, deps });
  return { kind: 'decided', outcome: 'executed', approval: ended, execution, reason: null, drift: [] };
}

/** The recorded answer is from now on what a human found out. */
async function settleReviewed(
  { approval, record, decider }: Reviewing,
  { resolution, result }: { readonly resolution: 'applied' | 'not_applied'; readonly result: unknown },
  deps: EngineDeps,
): Promise<Decided> {
  if (record.state !== EXECUTION_STATE.needs_review) return closeSettled({ approval, record }, deps);
  const applied = resolution === 'applied';
  const message =
    decider.comment ?? `a reviewer has found that it ${applied ? 'took effect' : 'had no effect'}`;
  const execution = changed(
    record,
    {
      events: [applied ? 'effect_found' : 'given_up_without_effect'],
      resultText: applied && result !== undefined ? JSON.stringify(result) : null,
      outcome: {
        final: applied ? FINAL_OUTCOME.outcome_reconciled : FINAL_OUTCOME.failed,
        decision: applied ? 'do_not_retry' : 'retry_allowed',
        code: applied ? null : (record.outcome?.code ?? 'upstream_unavailable'),
        message,
        approvalId: approval.id,
      },
      journal: withNote(withVerdict(record.journal, applied ? 'applied' : 'absent'), {
        step: 'review_resolved',
        at: deps.clock.now(),
        detail: `${approval.id} by ${decider.principal.keyId}: ${resolution}`,
      }),
    },
    deps,
  );
  const ended = endApproval(approval, {
    state: 'resolved',
    outcome: 'resolved',
    at: deps.clock.now(),
    decider,
  });
  const moved = await deps.store.approvals.decide({
    approval: ended,
    move: toTransition(record, execution),
    fresh: null,
    messages: announce('approval.decided', { approval: ended, execution }, deps),
  });
  if (moved.kind === 'lost') return lost({ approval, record }, deps);
  await release(chargesToGiveBack(execution), deps);
  return { kind: 'decided', outcome: 'resolved', approval: ended, execution, reason: message, drift: [] };
}
