import { z } from 'zod';
import { EntityResolution, ExecutionContextState } from './entity-resolution.js';
import { FailurePolicy } from './failure-policy.js';
import { DurationMs, IdempotencyKey, Identifier, JsonObject, ToolReference } from './fields.js';
import { CallPolicy } from './policy.js';

/** POST /call. */
export const CallRequest = z.strictObject({
  tool: ToolReference,
  params: JsonObject.default({}),
  agent_id: Identifier.optional(),
  idempotency_key: IdempotencyKey.optional(),
  action: Identifier.optional(),
  /** Rules or a contract for this one call; it can only tighten what the operator has set. */
  policy: CallPolicy.optional(),
  failure_policy: FailurePolicy.optional(),
  entity_resolution: EntityResolution.optional(),
  execution_state: ExecutionContextState.optional(),
  workflow: Identifier.optional(),
  env: Identifier.optional(),
  resource: z.string().min(1).max(256).optional(),
  /** How long the caller waits for an answer, in milliseconds. It never aborts a call that has been sent. */
  timeout_ms: DurationMs(1, 600_000).optional(),
});
export type CallRequest = z.infer<typeof CallRequest>;
export type CallRequestInput = z.input<typeof CallRequest>;

/** Public words for where a call stands. */
export const CALL_STATUSES = [
  'completed',
  'outcome_reconciled',
  'failed',
  'unknown',
  'pending',
  'needs_review',
  'pending_approval',
  'replan_required',
  'blocked',
  'cancelled',
  'expired',
  'rejected',
  'denied',
] as const;
export const CallStatus = z.enum(CALL_STATUSES);
export type CallStatus = z.infer<typeof CallStatus>;

/** The answer to POST /call when it is not a problem document. */
export const CallResponse = z.looseObject({
  success: z.boolean(),
  status: CallStatus,
  execution_id: z.string().optional(),
  result: z.unknown().optional(),
  approval_id: z.string().optional(),
  decision: z.string().optional(),
  replayed: z.boolean().optional(),
  trace_id: z.string(),
});
export type CallResponse = z.infer<typeof CallResponse>;
