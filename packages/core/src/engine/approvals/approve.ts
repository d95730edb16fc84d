import type { ApproveRequest } from '@invoke/contract';
import { decideVote, toResolution } from '../../domain/approval/decide-vote.js';
import { refuse } from '../../domain/decision.js';
import { withNote } from '../../domain/execution/journal.js';
import type { ApprovalMove } from '../../ports/approval-store.js';
import { awaitEnd } from '../answer.js';
import type { EngineDeps } from '../deps.js';
import { changed, toTransition } from '../run.js';
import { holdBack } from '../history/hold-back.js';
import { announce } from './announce.js';
import { countVote } from './count-vote.js';
import type { DecisionInput } from './decision-input.js';
import {
  endBoth,
  findCase,
  findCaseFor,
  lost,
  notFound,
  refused,
  stoppedOutcome,
  type Case,
  type Decided,
  type Parts,
} from './decided.js';
import { decideAndDrive, letGo } from './let-go.js';
import { digestOf, draftSuccessor } from './draft-approval.js';
import { endApproval, type Decider } from './end-approval.js';
import { resolve } from './resolve.js';
import { thaw, type Thawed } from './thaw.js';
import { waitingOutcome } from './waiting-outcome.js';

interface Approving extends Case {
  readonly decider: Decider;
  readonly input: DecisionInput<ApproveRequest>;
}

/** A yes. It counts for exactly what was frozen, once, and only while the world is as the approver was shown. */
export async function approve(input: DecisionInput<ApproveRequest>, parts: Parts): Promise<Decided> {
  const { principal, id, request } = input;
  const { deps } = parts;
  const found = await findCaseFor(principal, id, deps);
  if (found === null) return notFound();
  const { approval, record } = found;
  const resolution = toResolution(approval, 'yes');
  if (resolution !== null) return resolve({ ...input, request: { ...request, resolution } }, parts);
  const decider = { principal, reviewedBy: request.reviewed_by ?? null, comment: request.comment ?? null };
  const vote = decideVote({
    approval,
    principal,
    shownDigest: request.digest ?? null,
    storedDigest: storedDigest(found, deps),
  });
  if (vote.kind === 'refused') return refused(vote.refusal, record.id);
  const approving = { ...found, decider, input };
  if (vote.kind === 'too_late') return tooLate(approving, parts);
  const overdue = await endedAsOverdue(approving, parts);
  if (overdue !== null) return overdue;
  if (vote.kind === 'one_of_several') return oneOfSeveral(approving, approval.approversNeeded, parts);
  return revalidate(approving, parts);
}

/**
 * Where its time looks over by our clock, it is ended at once, before any tool is asked; null where the store's clock, which
 * counts, says that it is not. A clock of ours that is behind changes nothing: the statement that decides looks again.
 */
async function endedAsOverdue(approving: Approving, parts: Parts): Promise<Decided | null> {
  if (approving.approval.expiresAt > parts.deps.clock.now()) return null;
  const ended = await endOverdue(approving, parts);
  return ended.kind === 'refused' ? null : ended;
}

/**
 * The digest of what is stored now. What is shown stands in the checkpoint, and what would be sent in the execution: where
 * somebody has changed either of them, it is not the digest that was given out.
 */
function storedDigest({ approval, record }: Case, deps: EngineDeps): string {
  const { checkpoint } = approval;
  const { params, fallback, failurePolicy } = record.request;
  // Those of earlier versions do not hold what follows a failure; a call that has a fallback is not carried out on them.
  const after = checkpoint.fallback === undefined ? {} : { fallback, failurePolicy };
  const sent = { ...checkpoint, params, toolVersion: record.toolVersion, ...after };
  const shown = digestOf(checkpoint, deps);
  return shown === approval.digest ? digestOf(sent, deps) : shown;
}

async function tooLate(approving: Approving, parts: Parts): Promise<Decided> {
  const { approval, record } = approving;
  if (approval.state === 'expired') {
    const decided = { kind: 'decided', outcome: 'cancelled', reason: TOO_LATE, drift: [] } as const;
    return { ...decided, approval, execution: record };
  }
  const ended = await endOverdue(approving, parts);
  return ended.kind === 'refused' ? lostOrLate(approving, parts) : ended;
}

const TOO_LATE = 'its time was over before it was approved';

/** Refused where somebody else was first, or where it is in time by the store's clock. */
async function endOverdue({ approval, record, decider }: Approving, { deps }: Parts): Promise<Decided> {
  const stopped = {
    events: ['approval_expired'],
    outcome: stoppedOutcome('expired', TOO_LATE, approval.id),
  } as const;
  const ending = { state: 'expired', outcome: 'cancelled', at: deps.clock.now(), decider } as const;
  return endBoth({ approval, record }, { ending, stopped, when: 'overdue' }, deps);
}

/** Somebody else was first. Where that was whoever ends what is overdue, it was approved too late, as if they had not been. */
async function lostOrLate(approving: Approving, parts: Parts): Promise<Decided> {
  const { approval, record } = approving;
  const found = await findCase(approval.tenant, approval.id, parts.deps);
  if (found?.approval.state === 'expired') return tooLate({ ...approving, ...found }, parts);
  return lost({ approval, record }, parts.deps);
}

async function oneOfSeveral(approving: Approving, needed: number, parts: Parts): Promise<Decided> {
  const { approval, record, decider } = approving;
  const counted = await countVote({ approval, record, decider, needed, when: 'in_time' }, parts.deps);
  if (counted.kind === 'counted') return counted.decided;
  return counted.kind === 'untimely' ? tooLate(approving, parts) : lostOrLate(approving, parts);
}

async function revalidate(approving: Approving, parts: Parts): Promise<Decided> {
  const { approval, record, input } = approving;
  const { deps } = parts;
  const { contract } = approval.checkpoint;
  const needsState = contract.condition !== null || contract.conditions !== null;
  const given = input.request.state ?? null;
  if (needsState && contract.stateRefetch === null && given === null) {
    return refused(stateRequired(contract.conditions), record.id);
  }
  const approvers = approval.votes.length + 1;
  const thawed = await thaw({ approval, record, given, approvers }, deps);
  return act(approving, thawed, parts);
}

function stateRequired(conditions: object | null) {
  const fields = Object.keys(conditions ?? {});
  const which = fields.length === 0 ? '' : ` with ${fields.join(', ')}`;
  return refuse(
    'state_required',
    `This approval depends on current state, and no tool is configured to read it: send \`state\`${which}.`,
    { errors: [{ pointer: '/state', message: 'expected the current state' }] },
  ).refusal;
}

async function act(approving: Approving, thawed: Thawed, parts: Parts): Promise<Decided> {
  const { approval, record, decider } = approving;
  const { thaw: decision, drift } = thawed;
  const { deps } = parts;
  const at = deps.clock.now();
  // Reading live state takes its time, and what was approved in time must not be acted upon late.
  const inTime = { when: 'in_time', untimely: () => tooLate(approving, parts) } as const;
  const stop = (final: 'cancelled' | 'denied' | 'replan_required' | 'blocked', message: string) =>
    stoppedOutcome(final, message, approval.id);
  switch (decision.kind) {
    case 'execute':
      return execute(approving, thawed, parts);
    case 'more_approvers':
      return oneOfSeveral(approving, decision.needed, parts);
    case 'requeue':
      return requeue(approving, { thawed, reason: decision.reason }, parts);
    case 'cancel': {
      const event = decision.because === 'denied' ? 'policy_denied' : 'approval_cancelled';
      const stopped = { events: [event], outcome: stop(decision.because, decision.reason) } as const;
      const ending = { state: 'cancelled', outcome: 'cancelled', at, decider, drift } as const;
      return endBoth({ approval, record }, { ending, stopped, ...inTime }, deps);
    }
    case 'replan': {
      const stopped = {
        events: ['replan_demanded'],
        outcome: stop('replan_required', decision.reason),
      } as const;
      const ending = { state: 'replan_required', outcome: 'replan_required', at, decider, drift } as const;
      return endBoth({ approval, record }, { ending, stopped, ...inTime }, deps);
    }
    case 'block': {
      const { refusal } = decision;
      const outcome = { ...stop('blocked', refusal.message), code: refusal.code };
      const ending = { state: 'cancelled', outcome: 'cancelled', at, decider, drift } as const;
      const ended = await endBoth(
        { approval, record },
        { ending, stopped: { events: ['entity_moved'], outcome }, ...inTime },
        deps,
      );
      return ended.kind === 'refused' ? ended : refused(refusal, record.id);
    }
  }
}

async function execute(approving: Approving, { reach, drift }: Thawed, parts: Parts): Promise<Decided> {
  const { approval, record, decider, input } = approving;
  const { deps, drivers } = parts;
  if (reach === null) throw new Error('a tool that is gone is never executed');
  const { tool } = reach;
  const doubtful = await holdBack(reach, deps.config.callDeadlineMs, deps);
  if (doubtful !== null) return refused(doubtful.refusal, record.id);
  const freed = await letGo(record, { tool, approval, by: decider }, deps);
  const ending = { state: 'executed', outcome: 'executed', at: deps.clock.now(), decider, drift } as const;
  const ended = endApproval(approval, ending);
  const decision: ApprovalMove = {
    approval: ended,
    move: toTransition(record, freed.record),
    fresh: null,
    messages: announce('approval.decided', { approval: ended, execution: freed.record }, deps),
    when: 'in_time',
  };
  const moved = await decideAndDrive(decision, freed, parts);
  if (moved.kind === 'untimely') return tooLate(approving, parts);
  if (moved.kind === 'lost') return lostOrLate(approving, parts);
  const execution = await awaitEnd(freed.record, input.waitMs, { drivers, deps });
  return { kind: 'decided', outcome: 'executed', approval: ended, execution, reason: null, drift };
}

/** The old approval is spent; a fresh one waits, with the world as it is now. */
async function requeue(
  approving: Approving,
  { thawed, reason }: { readonly thawed: Thawed; readonly reason: string },
  parts: Parts,
): Promise<Decided> {
  const { approval, record, decider } = approving;
  const { deps } = parts;
  const { state, drift } = thawed;
  const fresh = { ...draftSuccessor(approval, { record, state }, deps), drift };
  const at = deps.clock.now();
  const ending = { state: 'invalidated', outcome: 'requeued', at, decider, drift, nextId: fresh.id } as const;
  const ended = endApproval(approval, ending);
  const change = {
    events: ['approval_requeued'],
    outcome: waitingOutcome(fresh),
    journal: withNote(record.journal, {
      step: 'approval_requeued',
      at,
      detail: `${approval.id}: ${reason}; ${fresh.id} takes its place`,
    }),
  } as const;
  const execution = changed(record, change, deps);
  const moved = await deps.store.approvals.decide({
    approval: ended,
    move: toTransition(record, execution),
    fresh,
    messages: announce('approval.requeued', { approval: fresh, execution }, deps),
    when: 'in_time',
  });
  if (moved.kind === 'untimely') return tooLate(approving, parts);
  if (moved.kind === 'lost') return lostOrLate(approving, parts);
  return { kind: 'decided', outcome: 'requeued', approval: ended, execution, reason, drift };
}
