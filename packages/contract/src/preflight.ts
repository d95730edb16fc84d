import { z } from 'zod';
import { EntityResolution, ExecutionContextState } from './entity-resolution.js';
import { FailurePolicy } from './failure-policy.js';
import { IdempotencyKey, Identifier, JsonObject, ToolReference } from './fields.js';
import { CallPolicy } from './policy.js';
import { RiskLevel } from './tool.js';

/** POST /preflight: what would happen if this were called now. Nothing is executed and no key is claimed. */
export const PreflightRequest = z.strictObject({
  action: ToolReference,
  params: JsonObject.default({}),
  agent_id: Identifier.optional(),
  idempotency_key: IdempotencyKey.optional(),
  apply_safe_fixes: z.boolean().optional(),
  env: Identifier.optional(),
  workflow: Identifier.optional(),
  policy: CallPolicy.optional(),
  failure_policy: FailurePolicy.optional(),
  entity_resolution: EntityResolution.optional(),
  execution_state: ExecutionContextState.optional(),
  resource: z.string().min(1).max(256).optional(),
});
export type PreflightRequest = z.infer<typeof PreflightRequest>;

export const PREFLIGHT_DECISIONS = ['execute', 'require_approval', 'block', 'replay', 'wait'] as const;

/** What is known about a call before it is made. */
export const PreflightView = z.strictObject({
  risk_score: RiskLevel,
  /** 0 (harmless) to 100. */
  risk_score_numeric: z.int().min(0).max(100),
  subject: z.strictObject({
    tool: z.string(),
    /** The tool class: R, A, B or C; `unregistered` for a name that no tool has. */
    safety_class: z.enum(['R', 'A', 'B', 'C', 'unregistered']),
  }),
  simulation: z.strictObject({
    /** How many stored executions of the same tool were looked at. */
    similar_traces: z.int(),
    source: z.enum(['store', 'none']),
    completed: z.int(),
    failed: z.int(),
    unknown: z.int(),
  }),
  warnings: z.array(z.strictObject({ severity: z.enum(['info', 'warning', 'error']), message: z.string() })),
  recommended_guardrails: z.array(
    z.strictObject({ type: z.string(), action: z.string(), applied: z.boolean() }),
  ),
  /** What can be mended without changing what is done. */
  safe_fixes: z.strictObject({ idempotency_key: z.string().nullable() }),
  decision: z.enum(PREFLIGHT_DECISIONS),
  /** Why, where it is not `execute`: the code that a call would be refused with. */
  code: z.string().nullable(),
  reason: z.string().nullable(),
});
export type PreflightView = z.infer<typeof PreflightView>;
