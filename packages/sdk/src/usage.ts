import type { Shape } from './casing.js';

export interface UsageQuery {
  /** What to count by. */
  readonly per?: 'tool' | 'agent' | 'key' | undefined;
  /** From when, milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Until when, milliseconds since 1970. */
  readonly until?: number | undefined;
}

export interface UsageLine {
  /** The id of a tool, an agent or a key. */
  readonly subject: string;
  readonly calls: number;
  readonly completed: number;
  readonly failed: number;
  /** Not settled yet: running, waiting for approval, unknown or under review. */
  readonly open: number;
  readonly [member: string]: unknown;
}

/** How much of a budget is used in its present window. Times are milliseconds since 1970. */
export interface BudgetUse {
  readonly budget: string;
  readonly subject: string;
  readonly window: 'minute' | 'hour' | 'day' | 'month';
  readonly windowStart: number;
  readonly resetsAt: number;
  readonly calls: number;
  readonly amount: number;
  readonly maxCalls: number | null;
  readonly maxAmount: number | null;
  readonly [member: string]: unknown;
}

export interface Usage {
  readonly usage: readonly UsageLine[];
  /** False where not everything could be counted. */
  readonly complete: boolean;
  readonly budgets: readonly BudgetUse[];
  readonly [member: string]: unknown;
}

export const USAGE: Shape = { usage: {}, budgets: {} };
