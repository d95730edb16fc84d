import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ApprovalRecord } from '../domain/approval/approval-record.js';
import type { ExecutionOutcome, ExecutionRecord, Journal } from '../domain/execution/execution-record.js';
import type { Judgement } from '../domain/execution/certainty.js';
import {
  DRIVEN_STATES,
  isTerminal,
  transitionAll,
  type ExecutionEvent,
} from '../domain/execution/execution-state.js';
import { chargesToGiveBack } from '../domain/budget/charges-to-give-back.js';
import type { NextStep, ReconcileVerdict } from '../domain/execution/next-step.js';
import { invariant } from '../domain/invariant.js';
import { latest, type EpochMs } from '../domain/time.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { Transition, TransitionResult } from '../ports/execution-store.js';
import type { OutboxMessage } from '../ports/outbox-store.js';
import { StorageUnavailable } from '../ports/store.js';
import type { EngineDeps } from './deps.js';
import { announce } from './approvals/announce.js';
import { draftReview } from './approvals/draft-approval.js';
import { settledByItself } from './approvals/end-approval.js';
import { release } from './budgets/release.js';
import { sleep } from './timers.js';

/** What an answer proved, and its result as JSON text. */
export interface Heard {
  readonly judgement: Judgement;
  readonly resultText: string | null;
}

/** An execution while this gateway drives it. `write` is the one writer of its row. */
export interface Run {
  /** The last version of the row that is durably ours. */
  record: ExecutionRecord;
  readonly primary: ToolDefinition;
  readonly fallback: ToolDefinition | null;
  /** The read tool that tells what happened; null where there is none. */
  readonly lookupTool: ToolDefinition | null;
  /** Ahead of the record by what the next write will carry. */
  journal: Journal;
  /** The last attempt is durable and its bytes have not left. */
  unsent: boolean;
  /** The attempt that was not sent yet may have been made before, in a past that the store has lost. */
  lookFirst: boolean;
  /** What the last attempt proved; null before the first one. */
  heard: Heard | null;
  /** What was found out about the last attempt by looking. */
  verdict: ReconcileVerdict | null;
  /** What the last conclusive lookup saw, as JSON text. */
  evidence: string | null;
  /** From when on absence is believed, on the monotonic clock. */
  settledMono: number;
  /** When the last attempt was prepared, monotonic. */
  attemptMono: number;
  /** What the tool answers to the last attempt, whenever that is; null until it is sent. */
  answer: Promise<Heard> | null;
  /** Resolves when the tool answers after its time was over. */
  late: Promise<Heard> | null;
  final: Extract<NextStep, { kind: 'complete' | 'fail' | 'review' }> | null;
  /** Another gateway has taken over, or this one may not act any more: nothing is written or sent from here on. */
  lost: boolean;
  /** Called when a write has to wait for the store, so that the caller need not. */
  stalled: (() => void) | null;
}

export interface Change {
  readonly events: readonly ExecutionEvent[];
  readonly resultText?: string | null;
  readonly outcome?: ExecutionOutcome | null;
  readonly notBeforeAt?: EpochMs | null;
}

/**
 * Writes the run's journal and a change of state as one durable transition. False: another writer was first, and this
 * gateway has no licence to go on with this execution.
 */
export async function write(run: Run, change: Change, deps: EngineDeps): Promise<boolean> {
  if (run.lost) return false;
  const { record } = run;
  const { epoch, seq } = record;
  const step = planMove(record, changed(record, { ...change, journal: run.journal }, deps), deps);
  // The tool may have been called: what is known of that is kept and tried again. Should the process end first, the recorded
  // attempt is reconciled after the next start.
  const ask = () => carryOut(step, deps);
  const result = await untilStored(run, { ask, failing: 'outcome_not_recorded_yet' }, deps);
  if (result?.kind === 'moved') {
    run.record = step.to;
    const charges = chargesToGiveBack(step.to);
    if (charges.length > 0) await release(charges, deps);
    return true;
  }
  run.lost = true;
  deps.log.warn('execution_lost', { execution_id: record.id, epoch, seq });
  return false;
}

/** A step of an execution as it is written: once, or again with the same words when it is not known whether it was. */
export interface Move {
  readonly from: ExecutionRecord;
  readonly to: ExecutionRecord;
  /** Opened with the same commit when the execution is handed to people. */
  readonly review: ApprovalRecord | null;
  /** Tell of it, and are written with the same commit. */
  readonly messages?: readonly OutboxMessage[];
}

/** Whoever hands an execution to people opens a review: here, so that there is no way around it. */
export function planMove(from: ExecutionRecord, to: ExecutionRecord, deps: EngineDeps): Move {
  if (to.state !== EXECUTION_STATE.needs_review) return { from, to, review: null };
  const review = draftReview(to, deps);
  const outcome = to.outcome === null ? null : { ...to.outcome, approvalId: review.id };
  return { from, to: { ...to, outcome }, review };
}

/** Writes a step. Who settles an execution that people were asked about closes their review with the same commit. */
export function carryOut(move: Move, deps: EngineDeps): Promise<TransitionResult> {
  const { from, to, review, messages = [] } = move;
  if (review !== null) {
    const asking = announce('review.requested', { approval: review, execution: to }, deps);
    return deps.store.approvals.escalate(toTransition(from, to), review, [...messages, ...asking]);
  }
  return from.state === EXECUTION_STATE.needs_review ? closeReview(move, deps) : justMove(move, deps);
}

function justMove({ from, to, messages = [] }: Move, { store }: EngineDeps): Promise<TransitionResult> {
  const step = toTransition(from, to);
  return messages.length === 0 ? store.executions.transition(step) : store.settlements.settle(step, messages);
}

async function closeReview(move: Move, deps: EngineDeps): Promise<TransitionResult> {
  const { from, to, messages = [] } = move;
  const { approvals } = deps.store;
  const open = await approvals.ofExecution(from.tenant, from.id);
  if (open?.state !== 'pending') return justMove(move, deps);
  const approval = settledByItself(open, to);
  const step = toTransition(from, to);
  const { kind } = await approvals.decide({ approval, move: step, fresh: null, messages });
  return { kind: kind === 'moved' ? 'moved' : 'lost' };
}

/** The next version of a row. */
export function changed(
  record: ExecutionRecord,
  change: Change & { journal: Journal },
  deps: EngineDeps,
): ExecutionRecord {
  const moved = transitionAll(record.state, change.events);
  invariant(moved.kind === 'moved', `${change.events.join(', ')} is possible from ${record.state}`);
  const updatedAt = deps.clock.now();
  return {
    ...record,
    state: moved.state,
    seq: record.seq + 1,
    owner: ownerIn(moved.state, record.owner),
    token: deps.ids.token(),
    journal: change.journal,
    resultText: change.resultText ?? record.resultText,
    outcome: change.outcome ?? record.outcome,
    notBeforeAt: change.notBeforeAt ?? null,
    updatedAt,
    // Never earlier than by the store, whose clock says when it may be pruned.
    finishedAt: isTerminal(moved.state) ? latest(updatedAt, deps.history.storeNow()) : null,
  };
}

export function toTransition(from: ExecutionRecord, to: ExecutionRecord): Transition {
  const { id, state, owner, token, journal, resultText, outcome, notBeforeAt, updatedAt, finishedAt } = to;
  return {
    id,
    from: { state: from.state, epoch: from.epoch, seq: from.seq },
    state,
    owner,
    token,
    journal,
    resultText,
    outcome,
    notBeforeAt,
    updatedAt,
    finishedAt,
  };
}

function ownerIn(state: ExecutionState, owner: string | null): string | null {
  return DRIVEN_STATES.includes(state) ? owner : null;
}

const LONGEST_PAUSE_MS = 5_000;

/** Asks the store until it answers, for as long as this incarnation may act. Null: it may not any more. */
export async function untilStored<T>(
  run: Run,
  { ask, failing }: { readonly ask: () => Promise<T>; readonly failing: string },
  deps: EngineDeps,
): Promise<T | null> {
  for (let pauseMs = 50; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      deps.log.error(failing, { execution_id: run.record.id, why: error.message });
      run.stalled?.();
      if (mustLetGo(run, deps)) return null;
      await sleep(pauseMs, deps.clock);
      if (mustLetGo(run, deps)) return null;
    }
  }
}

/** Who is shutting down lets go of what it drives when its grace is over; what only might still be settled it leaves at once. */
function mustLetGo({ lost, record }: Run, { closing }: EngineDeps): boolean {
  return lost || (record.owner === null && closing());
}
