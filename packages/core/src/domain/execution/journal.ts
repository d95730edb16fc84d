import { ATTEMPT_STATE, CERTAINTY, type AttemptState, type Certainty } from '@invoke/contract';
import type { EpochMs } from '../time.js';
import type { Attempt, Journal, Lookup } from './execution-record.js';
import type { ReconcileVerdict } from './next-step.js';

export const EMPTY_JOURNAL: Journal = { attempts: [], lookups: [], steps: [] };

export function lastAttempt(journal: Journal): Attempt | null {
  return journal.attempts.at(-1) ?? null;
}

/** Lookups made for the last attempt. */
export function lookupsOfLast(journal: Journal): readonly Lookup[] {
  const last = lastAttempt(journal);
  return last === null ? [] : journal.lookups.filter((l) => l.attempt === last.n);
}

/** Whether what an attempt did is not known: it is under way, or nothing could be found out. */
function inDoubt({ state }: Attempt): boolean {
  return (
    state === ATTEMPT_STATE.started || state === ATTEMPT_STATE.unknown || state === ATTEMPT_STATE.unresolved
  );
}

/** Whether any attempt, of whatever tool, may have taken effect. */
export function anyInDoubt(journal: Journal): boolean {
  return journal.attempts.some(inDoubt);
}

/** Whether an attempt before the last one, of the same tool, may have taken effect. */
export function earlierInDoubt(journal: Journal): boolean {
  const last = lastAttempt(journal);
  return journal.attempts.slice(0, -1).some((a) => a.tool === last?.tool && inDoubt(a));
}

/** Retries made so far; the fallback is none. */
export function retriesUsed(journal: Journal): number {
  return journal.attempts.filter((a) => a.role === 'retry').length;
}

export function withAttempt(journal: Journal, attempt: Attempt): Journal {
  return { ...journal, attempts: [...journal.attempts, attempt] };
}

const STATE_AFTER: Readonly<Record<Certainty, AttemptState>> = {
  [CERTAINTY.effect]: ATTEMPT_STATE.ok,
  [CERTAINTY.no_effect]: ATTEMPT_STATE.rejected,
  [CERTAINTY.not_sent]: ATTEMPT_STATE.not_sent,
  [CERTAINTY.unknown]: ATTEMPT_STATE.unknown,
};

/** The journal with its last attempt ended as `certainty` says. */
export function withLastEnded(
  journal: Journal,
  ended: { certainty: Certainty; reason: string; endedAt: EpochMs },
): Journal {
  return changeLast(journal, { ...ended, state: STATE_AFTER[ended.certainty] });
}

const STATE_PROVEN: Readonly<Record<ReconcileVerdict, AttemptState>> = {
  applied: ATTEMPT_STATE.confirmed_applied,
  absent: ATTEMPT_STATE.confirmed_absent,
  cannot_tell: ATTEMPT_STATE.unresolved,
};

/** The journal with what was found out about its last attempt, which stays `unknown` as an answer. */
export function withVerdict(journal: Journal, verdict: ReconcileVerdict): Journal {
  return changeLast(journal, { state: STATE_PROVEN[verdict] });
}

export function withLookup(journal: Journal, lookup: Lookup): Journal {
  return { ...journal, lookups: [...journal.lookups, lookup] };
}

/** A remark on the way that neither an attempt nor a lookup tells, for example a take-over. */
export function withNote(journal: Journal, note: { step: string; at: EpochMs; detail: string }): Journal {
  return { ...journal, steps: [...journal.steps, { ...note, status: 'noted' }] };
}

function changeLast(journal: Journal, change: Partial<Attempt>): Journal {
  const last = lastAttempt(journal);
  return last === null
    ? journal
    : { ...journal, attempts: [...journal.attempts.slice(0, -1), { ...last, ...change }] };
}
