import type { ErrorCode, Refusal } from '@invoke/contract';
import { refuse, type Decision } from '../decision.js';
import { decideVerdict } from '../policy/decide-verdict.js';
import type { PolicyVerdict } from '../policy/policy-verdict.js';

export interface RetryFacts {
  /** The limits of the key that asked, held against the call once more; null where that key is gone or has expired. */
  readonly scope: Decision | null;
  /** The entity check, with live state. */
  readonly entity: Decision;
  /** Why the caller's own policy cannot be used any more; null where it can, or where there is none. */
  readonly unusable: string | null;
  /** Why live state could not be read, where the call's contract says how. */
  readonly unread: string | null;
  readonly verdict: PolicyVerdict;
  /** What the caller's own contract says of live state. */
  readonly contract: Decision;
  /** Votes for another attempt, with the one at hand. */
  readonly approvers: number;
}

export type Retry =
  | { readonly kind: 'attempt' }
  /** The rules ask for more people than have said so. */
  | { readonly kind: 'more_approvers'; readonly needed: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Whether a call that is in review may be attempted again in the world as it is now. A reviewer says that nothing happened,
 * which gives nobody a right that they have lost, and no rule a smaller number of people. Whatever speaks against it leaves the
 * review open: what became of the first attempt still has to be said.
 */
export function decideRetry(facts: RetryFacts): Retry {
  const { scope, entity, unusable, unread, verdict, contract, approvers } = facts;
  if (scope === null) return refused('policy_denied', 'the key that asked for it is gone or has expired');
  if (scope.kind === 'refuse') {
    const why = scope.refusal.message;
    return refused('policy_denied', `the key that asked for it may not make it any more: ${why}`);
  }
  if (entity.kind === 'refuse') return because(entity.refusal);
  if (unusable !== null) {
    return refused('replan_required', `its own policy cannot be used any more: ${unusable}`);
  }
  const judged = decideVerdict(verdict);
  if (judged.kind === 'refuse') return because(judged.refusal);
  if (unread !== null) return refused('replan_required', `the current state could not be read: ${unread}`);
  if (contract.kind === 'refuse') return because(contract.refusal);
  if (verdict.kind === 'require_approval' && verdict.approvers > approvers) {
    return { kind: 'more_approvers', needed: verdict.approvers };
  }
  return { kind: 'attempt' };
}

function refused(code: ErrorCode, why: string): Retry {
  return because(refuse(code, why).refusal);
}

function because(refusal: Refusal): Retry {
  const why = refusal.message.replace(/\.$/, '');
  const message = `This call cannot be tried again: ${why}. Nothing was sent; say applied or not_applied.`;
  return { kind: 'refused', refusal: { ...refusal, message } };
}
