import type { BudgetUse } from '@invoke/contract';
import type { EpochMs } from '../time.js';
import type { BudgetSpent } from './charge.js';
import { budgetName, type BudgetRule } from './decide-budget.js';
import { windowAt } from './window.js';

/** How much of the present budgets is used. What was counted for a budget that is gone, or in another window, is left out. */
export function toBudgetUse(
  rules: readonly BudgetRule[],
  spent: readonly BudgetSpent[],
  now: EpochMs,
): readonly BudgetUse[] {
  return rules.flatMap((rule) => {
    const { window, max_calls, max_amount } = rule.budget;
    const { start, end } = windowAt(window, now);
    const name = budgetName(rule);
    return spent
      .filter((s) => s.budget === name && s.windowStart === start)
      .map(({ subject, calls, amount }) => ({
        budget: name,
        subject,
        window,
        window_start: start,
        resets_at: end,
        calls,
        amount,
        max_calls: max_calls ?? null,
        max_amount: max_amount ?? null,
      }));
  });
}
