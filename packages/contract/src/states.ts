/**
 * The states of an execution, as they are stored and shown. What holds in each, and how it is left, stands beside the
 * transition table in @invoke/core (domain/execution/execution-state.ts).
 */
export const EXECUTION_STATE = {
  accepted: 'accepted',
  awaiting_approval: 'awaiting_approval',
  running: 'running',
  retry_wait: 'retry_wait',
  unknown: 'unknown',
  reconciling: 'reconciling',
  needs_review: 'needs_review',
  completed: 'completed',
  failed: 'failed',
  blocked: 'blocked',
  denied: 'denied',
  rejected: 'rejected',
  cancelled: 'cancelled',
  expired: 'expired',
  replan_required: 'replan_required',
} as const;
export type ExecutionState = (typeof EXECUTION_STATE)[keyof typeof EXECUTION_STATE];

/** The word for each state outside: that of an execution which waits for a human is the one that its call was answered with. */
export const EXECUTION_STATUS = { ...EXECUTION_STATE, awaiting_approval: 'pending_approval' } as const;
export type ExecutionStatus = (typeof EXECUTION_STATUS)[ExecutionState];

/** Where one attempt to call the tool stands. `started` is durable before the first byte leaves. */
export const ATTEMPT_STATE = {
  started: 'started',
  ok: 'ok',
  rejected: 'rejected',
  not_sent: 'not_sent',
  unknown: 'unknown',
  confirmed_applied: 'confirmed_applied',
  confirmed_absent: 'confirmed_absent',
  unresolved: 'unresolved',
} as const;
export type AttemptState = (typeof ATTEMPT_STATE)[keyof typeof ATTEMPT_STATE];

/** What is known of the effect of one attempt. The default is `unknown`. */
export const CERTAINTY = {
  not_sent: 'not_sent',
  no_effect: 'no_effect',
  effect: 'effect',
  unknown: 'unknown',
} as const;
export type Certainty = (typeof CERTAINTY)[keyof typeof CERTAINTY];

/** How an execution that took effect came to be known as done. */
export const FINAL_OUTCOME = {
  completed: 'completed',
  outcome_reconciled: 'outcome_reconciled',
  failed: 'failed',
} as const;

/**
 * Tool classes: what may be done after an unknown outcome.
 * R read; A keyed or conditional (the tool honours our idempotency key); B lookup (what happened can be read); C blind.
 */
export const TOOL_CLASS = { R: 'R', A: 'A', B: 'B', C: 'C' } as const;
export type ToolClass = (typeof TOOL_CLASS)[keyof typeof TOOL_CLASS];
