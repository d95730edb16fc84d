import type { ExplainedRule, PolicyExplainAnswer } from '@invoke/contract';
import type { CompiledRule } from '../../domain/policy/compiled-policy.js';
import type { ExpressionLanguage, ExpressionValue } from '../../domain/policy/expression.js';
import { POLICY_ROOTS, RULE_NAMES } from '../../domain/policy/policy-names.js';
import type { PolicyFacts } from '../../domain/policy/policy-verdict.js';

/** More than anybody reads. */
const MOST_RULES = 200;

/** What each rule says of a call, with the value of every part of it: those that apply first. */
export function explainRules(
  rules: readonly CompiledRule[],
  facts: PolicyFacts,
  language: ExpressionLanguage,
): Omit<PolicyExplainAnswer, 'verdict'> {
  const judged = rules.map((rule) => ({ rule, value: rule.when.evaluate({ ...facts }) }));
  const told = [...of('true'), ...of('unknown'), ...of('false')].slice(0, MOST_RULES);
  return {
    rules: told.map(({ rule, value }) => toExplained(rule, value)),
    left_out: rules.length - told.length,
  };

  function of(kind: ExpressionValue['kind']) {
    return judged.filter(({ value }) => value.kind === kind);
  }

  function toExplained({ rule, source, effect, when }: CompiledRule, value: ExpressionValue): ExplainedRule {
    const parts = language.explain(
      { source: when.source, roots: POLICY_ROOTS, names: RULE_NAMES },
      { ...facts },
    );
    return {
      rule,
      source,
      effect,
      when: when.source,
      value: value.kind,
      why: value.kind === 'unknown' ? value.why : null,
      parts: parts.map(({ source: written, at, value: part }) => ({
        source: written,
        at,
        known: part.kind === 'known',
        value: part.kind === 'known' ? part.json : null,
        why: part.kind === 'known' ? null : part.why,
      })),
    };
  }
}
