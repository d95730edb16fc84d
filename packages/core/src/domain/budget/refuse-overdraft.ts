import { refuse, type Refused } from '../decision.js';
import { between, type EpochMs } from '../time.js';
import type { BudgetSpent, Charge } from './charge.js';

/**
 * The refusal of a call that would overdraw a budget. `retry_after` is in seconds, up to the end of the window; it is left
 * out where waiting does not help, because the call alone is more than the budget.
 *
 * @param spent what was taken from the budget in this window; null where that is not known (any more)
 */
export function refuseOverdraft(charge: Charge, spent: BudgetSpent | null, now: EpochMs): Refused {
  const { budget, subject, windowEnd, maxCalls, maxAmount } = charge;
  const calls = spent?.calls ?? 0;
  const amount = spent?.amount ?? 0;
  const tooBig = (maxCalls !== null && maxCalls < 1) || (maxAmount !== null && charge.amount > maxAmount);
  const byCalls = maxCalls !== null && calls + 1 > maxCalls;
  const used = byCalls || maxAmount === null ? `${calls} of ${maxCalls} calls` : `${amount} of ${maxAmount}`;
  const needs = byCalls || maxAmount === null ? 'one more' : `${charge.amount} more`;
  const resets = `It is full again at ${new Date(windowEnd).toISOString()}.`;
  const message = tooBig
    ? `Budget ${budget} is smaller than this call alone.`
    : `Budget ${budget} of ${subject}: ${used} are spent, and this call needs ${needs}. ${resets}`;
  return refuse('budget_exceeded', message, {
    details: {
      budget,
      subject,
      resets_at: windowEnd,
      spent: { calls, amount },
      max: { calls: maxCalls, amount: maxAmount },
      ...(tooBig ? {} : { retry_after: Math.max(1, Math.ceil(between(now, windowEnd) / 1000)) }),
    },
  });
}
