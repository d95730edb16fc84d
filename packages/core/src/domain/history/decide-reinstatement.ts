import { ATTEMPT_STATE, CERTAINTY, EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ExecutionRecord, Journal } from '../execution/execution-record.js';
import { DRIVEN_STATES, isTerminal } from '../execution/execution-state.js';
import { lastAttempt, withLastEnded, withNote } from '../execution/journal.js';
import type { EpochMs } from '../time.js';

export interface ReinstatementFacts {
  /** The last version that the database has acknowledged to this gateway. */
  readonly remembered: ExecutionRecord;
  /** What the database has now. */
  readonly stored: ExecutionRecord | null;
  /** This gateway still works on the remembered version. */
  readonly driven: boolean;
  /** This gateway, and a name for the write. */
  readonly owner: string;
  readonly token: string;
  readonly now: EpochMs;
}

export type Reinstatement =
  /** Nothing of it was lost, or what is there now says more. */
  | { readonly kind: 'kept' }
  /** `over`: the version that is there; null where there is none. */
  | {
      readonly kind: 'restore';
      readonly record: ExecutionRecord;
      readonly over: { readonly epoch: number; readonly seq: number } | null;
    };

const KEPT: Reinstatement = { kind: 'kept' };

/**
 * What to do with an execution whose last acknowledged version may have been lost by the database:
 *
 * - what was answered is put back as it was: a recorded answer never changes;
 * - what this gateway is working on is put back to the letter, so that its next write finds it;
 * - all else that is open is put back as unknown, in a new epoch: what can be looked up is, and the rest goes to people.
 */
export function decideReinstatement(facts: ReinstatementFacts): Reinstatement {
  const { remembered, stored, driven } = facts;
  if (stored !== null && !isLost(remembered, stored)) return KEPT;
  const over = stored === null ? null : { epoch: stored.epoch, seq: stored.seq };
  if (driven) return { kind: 'restore', record: remembered, over };
  const epoch = Math.max(remembered.epoch, stored?.epoch ?? 0) + 1;
  const seq = Math.max(remembered.seq, stored?.seq ?? 0) + 1;
  const record = { ...reopened(facts), epoch, seq, token: facts.token };
  return { kind: 'restore', record, over };
}

function isLost(remembered: ExecutionRecord, stored: ExecutionRecord): boolean {
  if (stored.token === remembered.token || isTerminal(stored.state)) return false;
  if (isTerminal(remembered.state)) return true;
  return (
    stored.epoch < remembered.epoch || (stored.epoch === remembered.epoch && stored.seq < remembered.seq)
  );
}

function reopened({ remembered, owner, now }: ReinstatementFacts): ExecutionRecord {
  const state = stateAfter(remembered.state);
  const driven = DRIVEN_STATES.includes(state);
  const detail = `the database had lost it (${remembered.state}, epoch ${remembered.epoch})`;
  const noted = withNote(remembered.journal, { step: 'reinstated', at: now, detail });
  return {
    ...remembered,
    state,
    owner: driven ? owner : null,
    journal: driven ? lostTrackOf(noted, now) : noted,
    updatedAt: now,
  };
}

/** Whoever had begun something may have gone on with it; whoever waited for people was asked by a review that is lost too. */
function stateAfter(state: ExecutionState): ExecutionState {
  const S = EXECUTION_STATE;
  const doubtful: readonly ExecutionState[] = [S.running, S.reconciling, S.needs_review];
  return doubtful.includes(state) ? S.unknown : state;
}

function lostTrackOf(journal: Journal, endedAt: EpochMs): Journal {
  if (lastAttempt(journal)?.state !== ATTEMPT_STATE.started) return journal;
  return withLastEnded(journal, { certainty: CERTAINTY.unknown, reason: 'history_lost', endedAt });
}
