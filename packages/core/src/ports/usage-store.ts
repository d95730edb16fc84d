import type { UsageLine } from '@invoke/contract';
import type { BudgetSpent, Charge } from '../domain/budget/charge.js';
import type { EpochMs } from '../domain/time.js';

export type Reserved = { readonly kind: 'reserved' } | { readonly kind: 'exceeded'; readonly charge: Charge };

export interface UsageQuery {
  readonly tenant: string;
  readonly per: 'tool' | 'agent' | 'key';
  readonly since: EpochMs;
  readonly until: EpochMs;
  /** At most this many of the newest executions are counted. */
  readonly scan: number;
}

/** What has been spent of budgets, and how much was used. */
export interface UsageStore {
  /** All of them or none, in one transaction: a budget is never overdrawn by calls that come at once. */
  reserve(charges: readonly Charge[]): Promise<Reserved>;
  /** Gives back what certainly had no effect. Never below zero. */
  release(charges: readonly Charge[]): Promise<void>;
  /** Of the windows that have not ended at `now`. */
  spent(tenant: string, now: EpochMs): Promise<readonly BudgetSpent[]>;
  /** Counted over stored executions; `complete` is false where there were more than `scan`. */
  usage(query: UsageQuery): Promise<{ readonly lines: readonly UsageLine[]; readonly complete: boolean }>;
  /** Drops windows that ended before this instant. Returns how many. */
  prune(endedBefore: EpochMs, limit: number): Promise<number>;
}
