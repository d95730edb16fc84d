import { z } from 'zod';
import { Conditions, ReconcileSpec, StateRefetch } from './failure-policy.js';
import { Identifier, JsonObject } from './fields.js';

/** POST /state/verify: does what the agent assumes still hold? */
export const VerifyStateRequest = z
  .strictObject({
    intent: Identifier,
    required_fields: z.array(z.string().min(1).max(256)).max(100).default([]),
    assumed_state: JsonObject.default({}),
    /** State as the caller knows it; used only where there is no refetch. */
    current_state: JsonObject.optional(),
    state_refetch: StateRefetch.optional(),
    conditions: Conditions.default({}),
    on_mismatch: z.enum(['abort', 'replan']).default('abort'),
    agent_id: Identifier.optional(),
    env: Identifier.optional(),
    workflow: Identifier.optional(),
  })
  .refine((r) => r.required_fields.length > 0 || Object.keys(r.conditions).length > 0, {
    path: ['required_fields'],
    message: 'expected at least one required field or condition: nothing to verify is not verified',
  });
export type VerifyStateRequest = z.infer<typeof VerifyStateRequest>;

export const VerifiedField = z.strictObject({
  field: z.string(),
  assumed: z.unknown(),
  current: z.unknown(),
  drifted: z.boolean(),
  /** Null where no condition is on this field. */
  holds: z.boolean().nullable(),
  verdict: z.enum(['ok', 'missing', 'changed', 'condition_failed', 'condition_unknown']),
});
export type VerifiedField = z.infer<typeof VerifiedField>;

export const VerifyStateAnswer = z.strictObject({
  success: z.boolean(),
  status: z.enum(['verified', 'blocked', 'replan_required']),
  decision: z.enum(['execute', 'abort', 'replan']),
  intent: z.string(),
  current_state: JsonObject.nullable(),
  fields: z.array(VerifiedField),
  reason: z.string(),
  trace_id: z.string(),
});
export type VerifyStateAnswer = z.infer<typeof VerifyStateAnswer>;

/** POST /outcomes/reconcile: did an action with an unknown outcome happen? */
export const ReconcileRequest = z.strictObject({
  action: z.union(
    [
      Identifier,
      z.strictObject({
        intent: Identifier,
        params: JsonObject.default({}),
        idempotency_key: z.string().max(255).optional(),
      }),
    ],
    'expected the name of an action, or {intent, params}',
  ),
  outcome: z.enum(['UNKNOWN', 'SUCCESS', 'FAILED']).default('UNKNOWN'),
  state_refetch: StateRefetch.optional(),
  current_state: JsonObject.optional(),
  conditions: Conditions.refine((c) => Object.keys(c).length > 0, 'expected at least one condition'),
  min_absent_reads: ReconcileSpec.shape.min_absent_reads,
  agent_id: Identifier.optional(),
  env: Identifier.optional(),
  workflow: Identifier.optional(),
});
export type ReconcileRequest = z.infer<typeof ReconcileRequest>;

export const ReconcileAnswer = z.strictObject({
  success: z.boolean(),
  status: z.enum(['outcome_reconciled', 'not_executed', 'unknown']),
  decision: z.enum(['do_not_retry', 'retry_allowed', 'escalate']),
  outcome: z.enum(['SUCCESS', 'FAILED', 'UNKNOWN']),
  current_state: JsonObject.nullable(),
  fields: z.array(VerifiedField),
  reason: z.string(),
  trace_id: z.string(),
});
export type ReconcileAnswer = z.infer<typeof ReconcileAnswer>;
