import { z } from 'zod';
import { Conditions } from './failure-policy.js';
import { JsonPointer } from './fields.js';

const some = Conditions.refine((c) => Object.keys(c).length > 0, 'expected at least one condition');

/**
 * How signed events of the provider tell what became of a call: where our reference (`${reference}` or `${execution_id}`,
 * sent along with the call) stands in the event, and which events mean that it took effect, or that it did not.
 */
export const SettlementSpec = z.strictObject({
  reference: JsonPointer,
  applied: some,
  not_applied: some.optional(),
});
export type SettlementSpec = z.infer<typeof SettlementSpec>;

export const SETTLEMENT_STATUSES = [
  'settled',
  'confirmed',
  'replan_required',
  'kept',
  'ignored',
  'duplicate',
] as const;

/**
 * POST /webhooks/{provider}. `settled`: an open outcome is now known. `confirmed`: the event says what is recorded.
 * `replan_required`: it contradicts what is recorded, which stays as it is. `kept`: the call is still under way, and the event
 * is judged when that has ended. `ignored`: it concerns no call of ours, or does not say whether it took effect. `duplicate`:
 * it came before.
 */
export const SettlementAnswer = z.strictObject({
  success: z.boolean(),
  status: z.enum(SETTLEMENT_STATUSES),
  execution_id: z.string().nullable(),
  detail: z.string(),
});
export type SettlementAnswer = z.infer<typeof SettlementAnswer>;

/** An event as GET /executions/{id} shows it. */
export const SettlementView = z.strictObject({
  provider: z.string(),
  event_id: z.string(),
  verdict: z.enum(['applied', 'not_applied', 'unclear']),
  /** It says the opposite of what is recorded. */
  contradiction: z.boolean(),
  detail: z.string(),
  /** Milliseconds since 1970. */
  received_at: z.int(),
});
export type SettlementView = z.infer<typeof SettlementView>;
