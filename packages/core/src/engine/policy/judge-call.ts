import { decidePolicy } from '../../domain/policy/decide-policy.js';
import type { CompiledCallPolicy } from '../../domain/policy/compiled-policy.js';
import type { ExpressionLanguage } from '../../domain/policy/expression.js';
import type { PolicyFacts, PolicyVerdict, RuleHit } from '../../domain/policy/policy-verdict.js';
import type { RulesInForce } from './policies.js';

/** Holds the rules of all sources against one call. */
export function judgeCall(
  { operator, tenant, broken }: RulesInForce,
  { facts, own }: { readonly facts: PolicyFacts; readonly own: CompiledCallPolicy | null },
  language: ExpressionLanguage,
): PolicyVerdict {
  if (broken !== null) {
    const by = brokenHit(broken);
    return { kind: 'deny', by, hits: [by] };
  }
  const rules = [...operator.candidates(facts), ...tenant.candidates(facts)];
  if (own === null) return decidePolicy(rules, facts);
  return decidePolicy([...rules, ...own.rules], facts, language.newEffort());
}

function brokenHit(why: string): RuleHit {
  return {
    rule: 'document',
    source: 'tenant',
    effect: 'deny',
    reason: 'The stored policy cannot be used, so nothing is allowed until it is replaced',
    intent: null,
    allowedAction: null,
    approvers: 1,
    priority: 0,
    undecided: why,
  };
}
