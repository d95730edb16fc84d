import { asFallback } from '../tool/reach.js';
import type { Charge } from './charge.js';
import { decideBudget, type BudgetCall, type BudgetDecision, type BudgetRule } from './decide-budget.js';

/**
 * What a call takes from budgets where its fallback may be called instead: enough for either, because nobody asks again
 * before the fallback is called. At most one of both takes effect, so a budget that counts both is charged once, with the
 * larger amount. What turns out not to be needed is given back at the end (`chargesToGiveBack`).
 */
export function decideReachBudget(
  rules: readonly BudgetRule[],
  call: BudgetCall,
  fallback: BudgetCall | null,
): BudgetDecision {
  const own = decideBudget(rules, call);
  if (own.kind === 'refuse' || fallback === null) return own;
  const its = decideBudget(rules, fallback);
  if (its.kind === 'refuse') return asFallback(fallback.tool, its);
  return { kind: 'charges', charges: forEither(own.charges, its.charges) };
}

function forEither(own: readonly Charge[], its: readonly Charge[]): readonly Charge[] {
  const isShared = (charge: Charge) => own.some((other) => sameCount(charge, other));
  return [
    ...own.map((charge): Charge => {
      const other = its.find((c) => sameCount(c, charge));
      if (other === undefined) return { ...charge, only: 'primary' };
      return { ...charge, amount: Math.max(charge.amount, other.amount) };
    }),
    ...its.filter((c) => !isShared(c)).map((c): Charge => ({ ...c, only: 'fallback' })),
  ];
}

function sameCount(a: Charge, b: Charge): boolean {
  return a.budget === b.budget && a.subject === b.subject && a.windowStart === b.windowStart;
}
