import { z } from 'zod';
import { IdempotencyKey, Identifier, JsonObject, ToolReference } from './fields.js';
import { SettlementView } from './settlement.js';
import { ATTEMPT_STATE, CERTAINTY, EXECUTION_STATUS } from './states.js';

/** POST /executions, second form: run one action as a durable execution. */
export const ExecutionRequest = z.strictObject({
  action: ToolReference,
  params: JsonObject.default({}),
  agent_id: Identifier.optional(),
  idempotency_key: IdempotencyKey.optional(),
  env: Identifier.optional(),
  apply_safe_fixes: z.boolean().optional(),
  preflight_only: z.boolean().optional(),
});
export type ExecutionRequest = z.infer<typeof ExecutionRequest>;

/** One step of the story of an execution. */
export const TraceStep = z.strictObject({
  step: z.string(),
  status: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  detail: z.string().optional(),
});
export type TraceStep = z.infer<typeof TraceStep>;

export const AttemptView = z.strictObject({
  n: z.int(),
  role: z.enum(['primary', 'retry', 'fallback']),
  tool: z.string(),
  state: z.enum(ATTEMPT_STATE),
  certainty: z.enum(CERTAINTY).nullable(),
  reason: z.string().nullable(),
  started_at: z.int(),
  ended_at: z.int().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const LookupView = z.strictObject({
  n: z.int(),
  /** The attempt it was made for. */
  attempt: z.int(),
  at: z.int(),
  /** Whether it began after the settle time: only then does `absent` count. */
  settled: z.boolean(),
  verdict: z.enum(['applied', 'absent', 'unclear']),
  evidence: z.string(),
});
export type LookupView = z.infer<typeof LookupView>;

/** An execution as GET /executions/{id} shows it. Times are milliseconds since 1970. */
export const ExecutionView = z.strictObject({
  execution_id: z.string(),
  workflow_id: z.string().nullable(),
  status: z.enum(EXECUTION_STATUS),
  /** The approval or review that it waits for, or by which it was decided. */
  approval_id: z.string().nullable(),
  decision: z.string().nullable(),
  final_outcome: z.string().nullable(),
  idempotency_key: z.string().nullable(),
  tool: z.string(),
  action: z.string().nullable(),
  agent_id: z.string().nullable(),
  env: z.string(),
  entity_id: z.string().nullable(),
  result: z.unknown(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  attempts: z.array(AttemptView),
  lookups: z.array(LookupView),
  trace: z.array(TraceStep),
  /** What events of the provider said, oldest first; only where one execution is read. */
  settlements: z.array(SettlementView).optional(),
  created_at: z.int(),
  updated_at: z.int(),
  finished_at: z.int().nullable(),
});
export type ExecutionView = z.infer<typeof ExecutionView>;

export const Certificate = z.strictObject({
  execution_id: z.string(),
  decision: z.string().nullable(),
  final_outcome: z.string().nullable(),
});
export type Certificate = z.infer<typeof Certificate>;
