import type { Budget, JsonObject } from '@invoke/contract';
import { refuse, type Refused } from '../decision.js';
import type { Expression, ExpressionFacts, Pin } from '../policy/expression.js';
import type { RuleSource } from '../policy/policy-verdict.js';
import type { EpochMs } from '../time.js';
import { valueAt } from '../tool/find-fields.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { Charge } from './charge.js';
import { windowAt } from './window.js';

/** A budget with its condition, ready to be held against a call. */
export interface BudgetRule {
  readonly budget: Budget;
  readonly source: RuleSource;
  /** Null: it counts every call. */
  readonly when: Expression | null;
}

/** The call as budgets see it. */
export interface BudgetCall {
  readonly tenant: string;
  readonly keyId: string;
  readonly agentId: string | null;
  readonly tool: ToolDefinition;
  readonly params: JsonObject;
  /** What `when` may look at. */
  readonly facts: ExpressionFacts;
  readonly at: EpochMs;
}

export type BudgetDecision = { readonly kind: 'charges'; readonly charges: readonly Charge[] } | Refused;

/**
 * What a call takes from each budget that counts it: one call, and its amount. Whether there is enough left is for the store
 * to say, which counts and reserves in one transaction.
 *
 * Every matching call counts, reads included, and a `when` that cannot be decided counts as matching. A budget of amounts is
 * never taken to be zero: where the card names no amount, or the params have none that is a number from 0 upwards, the call
 * is refused (`budget_exceeded`, with the reason), because a call that hides its amount could spend without limit.
 */
export function decideBudget(rules: readonly BudgetRule[], call: BudgetCall): BudgetDecision {
  const matching = rules.filter(({ when }) => when === null || mayCount(when, call.facts));
  const amount = amountOf(call);
  const charges: Charge[] = [];
  for (const rule of matching) {
    if (rule.budget.max_amount !== undefined && amount.kind === 'unusable')
      return refuseUncounted(rule, call, amount.why);
    charges.push(toCharge(rule, call, amount.kind === 'amount' ? amount.value : 0));
  }
  return { kind: 'charges', charges };
}

/** The name under which a budget is counted: those of a tenant never share a count with the operator's. */
export function budgetName({ budget, source }: Pick<BudgetRule, 'budget' | 'source'>): string {
  return source === 'operator' ? budget.id : `${source}:${budget.id}`;
}

/** What calls without an agent are counted under. No agent can have this name. */
const NO_AGENT = '(none)';

function toCharge(rule: BudgetRule, call: BudgetCall, amount: number): Charge {
  const { budget } = rule;
  const { start, end } = windowAt(budget.window, call.at);
  return {
    tenant: call.tenant,
    budget: budgetName(rule),
    subject: subjectOf(budget, call),
    windowStart: start,
    windowEnd: end,
    amount,
    maxCalls: budget.max_calls ?? null,
    maxAmount: budget.max_amount ?? null,
  };
}

function subjectOf({ per }: Budget, { keyId, agentId, tool }: BudgetCall): string {
  switch (per) {
    case 'key':
      return keyId;
    case 'agent':
      return agentId ?? NO_AGENT;
    case 'tool':
      return tool.id;
  }
}

type Amount =
  { readonly kind: 'amount'; readonly value: number } | { readonly kind: 'unusable'; readonly why: string };

function amountOf({ tool, params }: BudgetCall): Amount {
  const pointer = tool.card.amount_field;
  if (pointer === undefined)
    return { kind: 'unusable', why: `the card of ${tool.name} names no amount_field` };
  const value = valueAt(params, pointer);
  if (value === undefined) return { kind: 'unusable', why: `the amount at ${pointer} is missing` };
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { kind: 'unusable', why: `the amount at ${pointer} is not a number` };
  if (value < 0) return { kind: 'unusable', why: `the amount at ${pointer} is negative` };
  return { kind: 'amount', value };
}

function refuseUncounted(rule: BudgetRule, call: BudgetCall, reason: string): Refused {
  const name = budgetName(rule);
  return refuse('budget_exceeded', `Budget ${name} counts amounts, and ${reason}.`, {
    details: { budget: name, subject: subjectOf(rule.budget, call), reason },
  });
}

/** A pin that does not hold makes the whole false, whatever else is the case, and is cheaper to look at. */
function mayCount(when: Expression, facts: ExpressionFacts): boolean {
  return !when.pins.some((pin) => isElsewhere(pin, facts)) && when.evaluate(facts).kind !== 'false';
}

function isElsewhere({ root, values }: Pin, facts: ExpressionFacts): boolean {
  const word = Object.hasOwn(facts, root) ? facts[root] : undefined;
  return word === null || (typeof word === 'string' && !values.includes(word));
}
