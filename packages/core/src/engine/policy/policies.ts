import type { CallPolicy, PolicyDocument, Refusal } from '@invoke/contract';
import type { CompiledBudget, CompiledCallPolicy } from '../../domain/policy/compiled-policy.js';
import type { RuleIndex } from '../../domain/policy/rule-index.js';
import type { PolicyFacts, PolicyVerdict } from '../../domain/policy/policy-verdict.js';

export type { CompiledBudget, CompiledCallPolicy } from '../../domain/policy/compiled-policy.js';

/** The rules of this moment: the operator's file, what tenants have stored, and what callers attach. */
export interface Policies {
  /** Compiled once per text and kept. Expiry is checked against `now`. Refusals are `policy_invalid` with pointer and caret. */
  compileCall(
    policy: CallPolicy,
    now: number,
  ):
    | { readonly kind: 'ok'; readonly policy: CompiledCallPolicy }
    | { readonly kind: 'refused'; readonly refusal: Refusal };
  judge(tenant: string, facts: PolicyFacts, own: CompiledCallPolicy | null): PolicyVerdict;
  budgets(tenant: string): readonly CompiledBudget[];
  /** Replaces the operator's document. `refused`: it cannot be compiled, and the one before stays. */
  setOperatorDocument(
    document: PolicyDocument,
  ): { readonly kind: 'ok' } | { readonly kind: 'refused'; readonly refusal: Refusal };
  /** What judges the calls of a tenant now. */
  inForce(tenant: string): RulesInForce;
}

export interface RulesInForce {
  readonly operator: RuleIndex;
  readonly tenant: RuleIndex;
  /** Why the stored document of the tenant cannot be used any more, so that every call is denied; null where it can. */
  readonly broken: string | null;
}
