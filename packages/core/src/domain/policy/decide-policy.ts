import type { CompiledRule } from './compiled-policy.js';
import type { Effort, ExpressionFacts } from './expression.js';
import type { PolicyFacts, PolicyVerdict, RuleHit, RuleSource } from './policy-verdict.js';

/**
 * What all rules together say of a call. Deny wins over a name that means two things, which wins over require_approval,
 * which wins over allow, whatever the order of the rules: one more rule never loosens. A rule that cannot be decided counts
 * as if it applied, unless it allows. A call's own `allow` is without effect.
 *
 * @param ownEffort what the call's own rules may take together, so that a caller cannot buy time by sending many
 */
export function decidePolicy(
  rules: readonly CompiledRule[],
  facts: PolicyFacts,
  ownEffort?: Effort,
): PolicyVerdict {
  const names: ExpressionFacts = { ...facts };
  const found: Found[] = [];
  const conflicts: string[] = [];
  for (const rule of rules) {
    if (rule.source === 'call' && rule.effect === 'allow') continue;
    const value = rule.when.evaluate(names, rule.source === 'call' ? ownEffort : undefined);
    if (value.kind === 'false') continue;
    if (value.kind === 'true') found.push({ rule, hit: toHit(rule, null) });
    else if (value.conflict !== undefined) conflicts.push(value.conflict);
    else if (rule.effect !== 'allow') found.push({ rule, hit: toHit(rule, value.why) });
  }
  found.sort(byWeight);
  const hits = found.map(({ hit }) => hit);
  const denial = hits.find(({ effect }) => effect === 'deny');
  if (denial !== undefined) return { kind: 'deny', by: denial, hits };
  const [name] = conflicts.sort();
  if (name !== undefined) return { kind: 'conflict', name };
  const asking = hits.filter(({ effect }) => effect === 'require_approval');
  const [by] = asking;
  if (by === undefined) return { kind: 'allow', hits };
  return { kind: 'require_approval', by, approvers: Math.max(...asking.map((h) => h.approvers)), hits };
}

interface Found {
  readonly rule: CompiledRule;
  readonly hit: RuleHit;
}

const SOURCE_ORDER: Readonly<Record<RuleSource, number>> = { operator: 0, tenant: 1, call: 2 };

/** Whose reason is told first: priority, then operator before tenant before caller, then the order in which they are written. */
function byWeight({ rule: a }: Found, { rule: b }: Found): number {
  return b.priority - a.priority || SOURCE_ORDER[a.source] - SOURCE_ORDER[b.source] || a.order - b.order;
}

function toHit(
  { rule, source, effect, reason, intent, allowedAction, approvers, priority }: CompiledRule,
  undecided: string | null,
): RuleHit {
  return { rule, source, effect, reason, intent, allowedAction, approvers, priority, undecided };
}
