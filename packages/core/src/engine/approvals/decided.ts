import type { ApprovalOutcome, FieldDrift, Refusal } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import { isWithinLimits } from '../../domain/access/within-limits.js';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import { alreadyDecided } from '../../domain/approval/decide-vote.js';
import { chargesToGiveBack } from '../../domain/budget/charges-to-give-back.js';
import { refuse } from '../../domain/decision.js';
import { withNote } from '../../domain/execution/journal.js';
import type { ExecutionEvent } from '../../domain/execution/execution-state.js';
import type { ExecutionOutcome, ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { ApprovalMove } from '../../ports/approval-store.js';
import type { EngineDeps } from '../deps.js';
import { release } from '../budgets/release.js';
import type { Drivers } from '../drivers.js';
import { changed, toTransition } from '../run.js';
import { announce } from './announce.js';
import { endApproval, settledByItself, type Ending } from './end-approval.js';

/** What a decision came to. */
export type Decided =
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly executionId: string | null }
  | {
      readonly kind: 'decided';
      readonly outcome: ApprovalOutcome;
      readonly approval: ApprovalRecord;
      readonly execution: ExecutionRecord;
      readonly reason: string | null;
      readonly drift: readonly FieldDrift[];
    };

export interface Parts {
  readonly deps: EngineDeps;
  readonly drivers: Drivers;
}

/** An approval and what waits for it. */
export interface Case {
  readonly approval: ApprovalRecord;
  readonly record: ExecutionRecord;
}

/**
 * An approval and its execution, as they were at one instant: another decision may be written between the two reads, so an
 * approval that was pending is read again. Another tenant's approval looks as if it did not exist.
 */
export async function findCase(tenant: string, id: string, { store }: EngineDeps): Promise<Case | null> {
  const before = await store.approvals.find(tenant, id);
  if (before === null) return null;
  const record = await store.executions.find(tenant, before.executionId);
  if (record === null) return null;
  const approval = before.state === 'pending' ? await store.approvals.find(tenant, id) : before;
  return approval === null ? null : { approval, record };
}

/** What this key may decide on: to others an approval beyond their limits looks as if it did not exist, like one of another tenant. */
export async function findCaseFor(principal: Principal, id: string, deps: EngineDeps): Promise<Case | null> {
  const found = await findCase(principal.tenant, id, deps);
  return found !== null && mayDecideOn(principal, found.approval, deps) ? found : null;
}

/** Who decides on a call has it made: a key that could not make it itself does not. */
export function mayDecideOn(
  principal: Principal,
  { tenant, checkpoint }: ApprovalRecord,
  { tools }: EngineDeps,
): boolean {
  return isWithinLimits(principal, checkpoint, (reference) => tools.catalogue().find(tenant, reference));
}

export function notFound(): Decided {
  return refused(
    refuse('not_found', 'There is no such approval within the limits of this key.').refusal,
    null,
  );
}

export function refused(refusal: Refusal, executionId: string | null): Decided {
  return { kind: 'refused', refusal, executionId };
}

/** What the execution becomes without ever having been sent. */
export interface Stopped {
  readonly events: readonly ExecutionEvent[];
  readonly outcome: ExecutionOutcome;
}

export interface EndOfBoth {
  readonly ending: Ending;
  readonly stopped: Stopped;
  /** As in ApprovalMove. */
  readonly when?: 'in_time' | 'overdue';
  /** What comes of it where `when` does not hold; else whatever has been decided stands. */
  readonly untimely?: () => Promise<Decided>;
}

/** Ends an approval and the execution that waited for it, in one step. Where somebody was first, their decision stands. */
export async function endBoth(
  { approval, record }: Case,
  { ending, stopped, when, untimely }: EndOfBoth,
  deps: EngineDeps,
): Promise<Decided> {
  const ended = endApproval(approval, ending);
  const { id, decidedBy } = ended;
  const detail = `${id}${decidedBy === null ? '' : ` by ${decidedBy}`}: ${stopped.outcome.message}`;
  const journal = withNote(record.journal, { step: `approval_${ending.state}`, at: ending.at, detail });
  const execution = changed(record, { ...stopped, journal }, deps);
  const move: ApprovalMove = {
    approval: ended,
    move: toTransition(record, execution),
    fresh: null,
    messages: announce('approval.decided', { approval: ended, execution }, deps),
    ...(when === undefined ? {} : { when }),
  };
  const moved = await deps.store.approvals.decide(move);
  if (moved.kind === 'untimely' && untimely !== undefined) return untimely();
  if (moved.kind !== 'moved') return lost({ approval, record }, deps);
  await release(chargesToGiveBack(execution), deps);
  const reason = stopped.outcome.message;
  return { kind: 'decided', outcome: ending.outcome, approval: ended, execution, reason, drift: ended.drift };
}

/** Closes a review whose execution was settled meanwhile by the tool or by an event: there is nothing left to decide. */
export async function closeSettled({ approval, record }: Case, deps: EngineDeps): Promise<Decided> {
  const settled = settledByItself(approval, record);
  await deps.store.approvals.decide({ approval: settled, move: null, fresh: null, messages: [] });
  return lost({ approval, record }, deps);
}

/** Somebody else was first. */
export async function lost({ approval }: Case, { store }: EngineDeps): Promise<Decided> {
  const now = (await store.approvals.find(approval.tenant, approval.id)) ?? approval;
  return refused(alreadyDecided(now), approval.executionId);
}

/** The words for an execution that ended before it was sent. */
export function stoppedOutcome(final: string, message: string, approvalId: string): ExecutionOutcome {
  return { final, decision: final, code: null, message, approvalId };
}
