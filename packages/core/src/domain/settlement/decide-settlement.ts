import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { SettlementRecord } from './settlement-record.js';

/** What an event says, and what is recorded of the tool that it speaks of. */
export interface SettlementFacts {
  readonly verdict: SettlementRecord['verdict'];
  readonly state: ExecutionState;
  /** How often that tool was attempted. */
  readonly attempts: number;
  /** Whether the last attempt was one of that tool; else it is certain that those before had no effect. */
  readonly isLast: boolean;
}

export type SettlementDecision =
  /** An open outcome is known now. */
  | { readonly kind: 'settle'; readonly as: 'applied' | 'not_applied' }
  /** It says what is recorded. */
  | { readonly kind: 'confirm' }
  /** It says the opposite of what is recorded, which stays. */
  | { readonly kind: 'contradict' }
  /** The call is still under way: the event is judged again when that has ended. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'ignore'; readonly why: string };

/**
 * What a provider's event leads to. It never changes a recorded answer: terminal states are only confirmed or contradicted.
 * "Not applied" is about one request; where several were sent, another one of them may have taken effect, so it proves
 * nothing. "Applied" is believed of any of them.
 */
export function decideSettlement(facts: SettlementFacts): SettlementDecision {
  const { verdict, state, attempts, isLast } = facts;
  if (verdict === 'unclear') {
    return { kind: 'ignore', why: 'the event does not say whether the call took effect' };
  }
  const applied = verdict === 'applied';
  if (attempts === 0 || !isLast) return againstNoEffect(applied);
  switch (state) {
    case EXECUTION_STATE.accepted:
    case EXECUTION_STATE.running:
      return { kind: 'keep' };
    case EXECUTION_STATE.retry_wait:
      return applied ? { kind: 'settle', as: 'applied' } : { kind: 'confirm' };
    case EXECUTION_STATE.unknown:
    case EXECUTION_STATE.reconciling:
    case EXECUTION_STATE.needs_review:
      if (applied) return { kind: 'settle', as: 'applied' };
      return attempts === 1 ? { kind: 'settle', as: 'not_applied' } : ONE_OF_SEVERAL;
    case EXECUTION_STATE.completed:
      if (applied) return { kind: 'confirm' };
      return attempts === 1 ? { kind: 'contradict' } : ONE_OF_SEVERAL;
    case EXECUTION_STATE.awaiting_approval:
    case EXECUTION_STATE.failed:
    case EXECUTION_STATE.blocked:
    case EXECUTION_STATE.denied:
    case EXECUTION_STATE.rejected:
    case EXECUTION_STATE.cancelled:
    case EXECUTION_STATE.expired:
    case EXECUTION_STATE.replan_required:
      return againstNoEffect(applied);
  }
}

const ONE_OF_SEVERAL: SettlementDecision = {
  kind: 'ignore',
  why: 'the call was attempted more than once, and the event does not say which attempt had no effect',
};

/** It is recorded that the tool did nothing. */
function againstNoEffect(applied: boolean): SettlementDecision {
  return applied ? { kind: 'contradict' } : { kind: 'confirm' };
}
