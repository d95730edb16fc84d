import type { EpochMs } from '../time.js';

/** What one call takes from one budget in one window. Given back only when it is certain that the call had no effect. */
export interface Charge {
  readonly tenant: string;
  /** The id of the budget. */
  readonly budget: string;
  /** The key, agent or tool that it is counted for. */
  readonly subject: string;
  readonly windowStart: EpochMs;
  /** When the window ends: after that the row may go. */
  readonly windowEnd: EpochMs;
  readonly amount: number;
  /** Null: not limited. */
  readonly maxCalls: number | null;
  readonly maxAmount: number | null;
  /** Taken only in case that this tool of the call takes effect; left out where it is taken for whichever does. */
  readonly only?: 'primary' | 'fallback';
}

export interface BudgetSpent {
  readonly budget: string;
  readonly subject: string;
  readonly windowStart: EpochMs;
  readonly calls: number;
  readonly amount: number;
}
