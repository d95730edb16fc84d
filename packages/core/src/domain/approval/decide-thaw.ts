import type { FieldDrift, Refusal } from '@invoke/contract';
import type { Decision } from '../decision.js';
import type { ExpressionValue } from '../policy/expression.js';
import type { PolicyVerdict } from '../policy/policy-verdict.js';
import type { ApprovalRecord } from './approval-record.js';
import { stillStands } from './to-drift.js';

export interface ThawFacts {
  readonly approval: ApprovalRecord;
  /** The actions that may be executed, of the tool and of its fallback: what the call named, else the tool's own, else the tool. */
  readonly actions: readonly string[];
  /** The version of the tool that would be called now. */
  readonly toolVersion: string;
  /** The same of its fallback: `version` is null where it is gone. Null where the call has none. */
  readonly fallback: { readonly tool: string; readonly version: string | null } | null;
  /** The limits of the key that asked, held against the call once more; null where that key is gone or has expired. */
  readonly scope: Decision | null;
  /** The entity check, with live state. */
  readonly entity: Decision;
  readonly verdict: PolicyVerdict;
  /** Why live state could not be read, where it had to be. */
  readonly unread: string | null;
  /** What the condition of an intent policy says about live state; null where there is none. */
  readonly condition: ExpressionValue | null;
  /** Per condition of a contract; empty where there is none. */
  readonly drift: readonly FieldDrift[];
  /** Votes with the one at hand. */
  readonly approvers: number;
}

export type Thaw =
  | { readonly kind: 'execute' }
  /** The rules ask for more approvers than when it was frozen. */
  | { readonly kind: 'more_approvers'; readonly needed: number }
  | { readonly kind: 'cancel'; readonly reason: string; readonly because: 'cancelled' | 'denied' }
  | { readonly kind: 'block'; readonly refusal: Refusal }
  | { readonly kind: 'replan'; readonly reason: string }
  | { readonly kind: 'requeue'; readonly reason: string };

/**
 * What becomes of an approved call in the world as it is now. In this order, the most restrictive first: the rights of who
 * asked, the definition of the tool, the entity, the rules, the action, and then what the human relied on.
 */
export function decideThaw(facts: ThawFacts): Thaw {
  const { approval, scope, entity, verdict } = facts;
  const { contract, toolVersion } = approval.checkpoint;
  if (scope === null) return denied('the key that asked for this call is gone or has expired');
  if (scope.kind === 'refuse')
    return denied(`the key that asked may not make this call any more: ${scope.refusal.message}`);
  if (facts.toolVersion !== toolVersion) {
    return { kind: 'replan', reason: `the definition of ${approval.tool} has changed since this was frozen` };
  }
  const { fallback } = facts;
  if (fallback !== null && fallback.version !== approval.checkpoint.fallback?.version) {
    return {
      kind: 'replan',
      reason: `the fallback ${fallback.tool} is not the one that was frozen and shown, or is gone`,
    };
  }
  if (entity.kind === 'refuse') return { kind: 'block', refusal: entity.refusal };
  if (verdict.kind === 'deny') return denied(verdict.by.reason);
  if (verdict.kind === 'conflict') {
    return { kind: 'replan', reason: `${verdict.name} has more than one value, so no rule can be trusted` };
  }
  if (verdict.kind === 'require_approval' && verdict.approvers > facts.approvers) {
    return { kind: 'more_approvers', needed: verdict.approvers };
  }
  const { allowedAction } = contract;
  const other = facts.actions.find((action) => action !== allowedAction);
  if (allowedAction !== null && other !== undefined) {
    const reason = `only ${allowedAction} is permitted here, and this call is ${other}`;
    return { kind: 'cancel', reason, because: 'cancelled' };
  }
  if (facts.unread !== null)
    return { kind: 'replan', reason: `the current state could not be read: ${facts.unread}` };
  return decideByState(facts);
}

function decideByState({ condition, drift, approval }: ThawFacts): Thaw {
  const { contract } = approval.checkpoint;
  switch (condition?.kind) {
    case 'false':
      return { kind: 'replan', reason: `${contract.condition} does not hold any more` };
    case 'unknown':
      return { kind: 'replan', reason: `${contract.condition} cannot be decided: ${condition.why}` };
    case 'true':
    case undefined:
      break;
  }
  if (stillStands(drift)) return { kind: 'execute' };
  const changed = drift.filter((d) => !stillStands([d])).map((d) => d.field);
  return { kind: 'requeue', reason: `live state has changed: ${changed.join(', ')}` };
}

function denied(reason: string): Thaw {
  return { kind: 'cancel', reason, because: 'denied' };
}
