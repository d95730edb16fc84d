import type { BudgetSpent, Charge } from '../budget/charge.js';

export interface Overdraft {
  readonly charge: Charge;
  /** Null: nothing was taken from it yet. */
  readonly spent: BudgetSpent | null;
}

/** The first budget that these charges would overdraw, by what is spent at this moment; null where there is none. */
export function firstOverdraft(charges: readonly Charge[], spent: readonly BudgetSpent[]): Overdraft | null {
  for (const charge of charges) {
    const { budget, subject, windowStart, amount, maxCalls, maxAmount } = charge;
    const so =
      spent.find((s) => s.budget === budget && s.subject === subject && s.windowStart === windowStart) ??
      null;
    const tooMany = maxCalls !== null && (so?.calls ?? 0) + 1 > maxCalls;
    const tooMuch = maxAmount !== null && (so?.amount ?? 0) + amount > maxAmount;
    if (tooMany || tooMuch) return { charge, spent: so };
  }
  return null;
}
