import {
  EXECUTION_STATE,
  type ExecutionState,
  type ReconcileAnswer,
  type VerifiedField,
} from '@invoke/contract';
import { DRIVEN_STATES } from '../execution/execution-state.js';
import type { ReconcileVerdict } from '../execution/next-step.js';
import { describeField } from './verify-fields.js';

/** What Invoke itself has recorded of the action, where its idempotency key names an execution. */
export interface KnownExecution {
  readonly id: string;
  readonly state: ExecutionState;
}

export interface OutcomeFacts {
  readonly intent: string;
  /** What the caller believes. It is held against the world like everything else. */
  readonly claimed: 'UNKNOWN' | 'SUCCESS' | 'FAILED';
  readonly verdict: ReconcileVerdict;
  /** The last clean look at the world, field by field; empty where there was none. */
  readonly fields: readonly VerifiedField[];
  /** Why it cannot be told, where it cannot. */
  readonly why: string;
  readonly known: KnownExecution | null;
}

export type Outcome = Pick<ReconcileAnswer, 'status' | 'decision' | 'outcome' | 'reason'>;

/**
 * Whether an action happened: yes, and it must not be done again; provably not, and it may; or nobody can tell, and a human
 * has to. What Invoke has recorded itself can only make this more careful: absence is not believed against a recorded
 * success, nor while the action is still being executed.
 */
export function decideOutcome(facts: OutcomeFacts): Outcome {
  const { verdict, intent, known } = facts;
  const notes = notesOn(facts);
  const because = (text: string) => [text, ...notes].join('. ');
  switch (verdict) {
    case 'applied':
      return { ...HAPPENED, reason: because(`${intent} took effect: all conditions hold`) };
    case 'absent': {
      const objection = known === null ? null : objectionOf(known);
      if (objection !== null) return { ...UNCLEAR, reason: because(objection) };
      return {
        ...NOT_HAPPENED,
        reason: because(`${intent} did not take effect: ${wrongWith(facts.fields)}`),
      };
    }
    case 'cannot_tell':
      return { ...UNCLEAR, reason: because(`whether ${intent} took effect cannot be told: ${facts.why}`) };
  }
}

const HAPPENED = { status: 'outcome_reconciled', decision: 'do_not_retry', outcome: 'SUCCESS' } as const;
const NOT_HAPPENED = { status: 'not_executed', decision: 'retry_allowed', outcome: 'FAILED' } as const;
const UNCLEAR = { status: 'unknown', decision: 'escalate', outcome: 'UNKNOWN' } as const;

function objectionOf({ id, state }: KnownExecution): string | null {
  if (state === EXECUTION_STATE.completed) {
    return `the conditions fail, although ${id} is recorded as completed: a human has to look`;
  }
  if (DRIVEN_STATES.includes(state)) {
    return `the conditions fail, but ${id} is still being executed and may take effect yet`;
  }
  return null;
}

function notesOn({ claimed, verdict, known }: OutcomeFacts): readonly string[] {
  const contradicted =
    (claimed === 'SUCCESS' && verdict === 'absent') || (claimed === 'FAILED' && verdict === 'applied');
  return [
    ...(contradicted ? [`This contradicts the outcome ${claimed} that was reported`] : []),
    ...(known === null ? [] : [`Invoke has recorded ${known.id} as ${known.state}`]),
  ];
}

function wrongWith(fields: readonly VerifiedField[]): string {
  return fields.flatMap((f) => describeField(f) ?? []).join('; ');
}
