import { z } from 'zod';

/** One line of GET /usage. */
export const UsageLine = z.strictObject({
  /** What it is counted by: the id of a tool, an agent or a key. */
  subject: z.string(),
  calls: z.int(),
  completed: z.int(),
  failed: z.int(),
  /** Not settled yet: running, waiting for approval, unknown or under review. */
  open: z.int(),
});
export type UsageLine = z.infer<typeof UsageLine>;

/** How much of a budget is used in its present window. */
export const BudgetUse = z.strictObject({
  budget: z.string(),
  subject: z.string(),
  window: z.enum(['minute', 'hour', 'day', 'month']),
  window_start: z.int(),
  /** When it is full again. */
  resets_at: z.int(),
  calls: z.int(),
  amount: z.number(),
  max_calls: z.int().nullable(),
  max_amount: z.number().nullable(),
});
export type BudgetUse = z.infer<typeof BudgetUse>;
