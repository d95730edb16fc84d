import { z } from 'zod';
import { EntityResolution } from './entity-resolution.js';
import { FailurePolicy } from './failure-policy.js';
import { JsonObject } from './fields.js';
import { RiskLevel } from './tool.js';

/**
 * Where an approval stands. All but `pending` are final. `executed`: approved, and its one execution was dispatched;
 * `invalidated`: live state had changed, and a fresh approval took its place; `resolved`: a review was decided.
 */
export const APPROVAL_STATE = {
  pending: 'pending',
  executed: 'executed',
  rejected: 'rejected',
  cancelled: 'cancelled',
  expired: 'expired',
  invalidated: 'invalidated',
  replan_required: 'replan_required',
  resolved: 'resolved',
} as const;
export type ApprovalState = (typeof APPROVAL_STATE)[keyof typeof APPROVAL_STATE];

/** What a decision led to. */
export const APPROVAL_OUTCOMES = [
  'executed',
  'cancelled',
  'replan_required',
  'requeued',
  'rejected',
  'pending',
  'resolved',
] as const;
export const ApprovalOutcome = z.enum(APPROVAL_OUTCOMES);
export type ApprovalOutcome = z.infer<typeof ApprovalOutcome>;

/** A claim about who decided; the authenticated key is what is recorded as the approver. */
const Reviewer = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}]*$/u, 'expected text without control characters');
const Digest = z.string().regex(/^sha256:[0-9a-f]{1,64}$/, 'expected sha256:<hex>');

/** POST /approvals/{id}/approve. */
export const ApproveRequest = z.strictObject({
  reviewed_by: Reviewer.optional(),
  /** The digest of what was shown; another one is refused. */
  digest: Digest.optional(),
  /** Fresh state as the approver knows it. Where a refetch is configured, what it reads counts instead. */
  state: JsonObject.optional(),
  comment: z.string().max(2000).optional(),
});
export type ApproveRequest = z.infer<typeof ApproveRequest>;

/** POST /approvals/{id}/reject. */
export const RejectRequest = z.strictObject({
  reviewed_by: Reviewer.optional(),
  digest: Digest.optional(),
  comment: z.string().max(2000).optional(),
});
export type RejectRequest = z.infer<typeof RejectRequest>;

/** POST /approvals/{id}/resolve: what a human found out about an outcome that the machine could not settle. */
export const ResolveRequest = z.strictObject({
  resolution: z.enum(['applied', 'not_applied', 'retry']),
  reviewed_by: Reviewer.optional(),
  comment: z.string().max(2000).optional(),
  /** What the tool would have answered, for `applied`. */
  result: z.unknown().optional(),
});
export type ResolveRequest = z.infer<typeof ResolveRequest>;

/** One condition, as it was when the call was frozen and as it is now. */
export const FieldDrift = z.strictObject({
  field: z.string(),
  frozen: z.unknown(),
  live: z.unknown(),
  condition: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  verdict: z.enum(['unchanged', 'changed_but_holds', 'not_frozen', 'changed', 'fails', 'missing']),
});
export type FieldDrift = z.infer<typeof FieldDrift>;

export const ApprovalView = z.strictObject({
  id: z.string(),
  kind: z.enum(['approval', 'review']),
  status: z.enum(APPROVAL_STATE),
  execution_id: z.string(),
  tool: z.string(),
  action: z.string().nullable(),
  agent_id: z.string().nullable(),
  intent: z.string().nullable(),
  reason: z.string(),
  risk_level: RiskLevel,
  params: JsonObject,
  digest: z.string(),
  entity_id: z.string().nullable(),
  entity_resolution: EntityResolution.nullable(),
  variables: JsonObject.nullable(),
  tool_outputs: JsonObject.nullable(),
  condition: z.string().nullable(),
  conditions: z.record(z.string(), z.unknown()).nullable(),
  threshold: z.string().nullable(),
  allowed_action: z.string().nullable(),
  frozen_state: JsonObject.nullable(),
  /** The tool that is called instead, once and with the same params, should the first one certainly do nothing. */
  fallback: z.string().nullable(),
  /** What else follows a failure. */
  failure_policy: FailurePolicy.nullable(),
  drift: z.array(FieldDrift),
  /** Why a human has to look at an outcome; for reviews. */
  failure: z
    .strictObject({ code: z.string(), message: z.string(), effect: z.enum(['none', 'unknown']) })
    .nullable(),
  approvals_needed: z.int(),
  approvals_given: z.int(),
  /** The approval that this one took the place of, and the one that took its place. */
  previous_id: z.string().nullable(),
  next_id: z.string().nullable(),
  requested_by: z.string(),
  /** What the decision led to. */
  outcome: ApprovalOutcome.nullable(),
  /** The key that decided; `reviewed_by` is only a claim. */
  decided_by: z.string().nullable(),
  reviewed_by: z.string().nullable(),
  comment: z.string().nullable(),
  created_at: z.int(),
  /** Null for reviews: they wait for as long as it takes. */
  expires_at: z.int().nullable(),
  decided_at: z.int().nullable(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** The answer to a decision. */
export const DecisionAnswer = z.looseObject({
  success: z.boolean(),
  status: ApprovalOutcome,
  outcome: ApprovalOutcome,
  approval_id: z.string(),
  /** What has to be decided next: the approval that took its place, or the review that its execution has led to. */
  next_approval_id: z.string().nullable(),
  execution_id: z.string(),
  execution_status: z.string(),
  result: z.unknown(),
  reason: z.string().nullable(),
  drift: z.array(FieldDrift),
});
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;
