import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';

/**
 * The life of an execution.
 *
 * - `accepted`: recorded, nothing sent. Left by starting or by freezing for approval.
 * - `awaiting_approval`: frozen; a human decides, or it expires.
 * - `running`: the last attempt in the journal is `started`: bytes may be on their way. Left by its answer, or by losing
 *   track of it.
 * - `retry_wait`: no attempt has had an effect, that is certain, and another one is waited for.
 * - `unknown`: an attempt may or may not have taken effect. Never left by another attempt, only by reconciling or by an
 *   answer that comes late. Where the tool honours our key, it is here that the next attempt by the same key is waited for.
 * - `reconciling`: somebody is finding out, by a lookup or by the provider's own idempotency key.
 * - `needs_review`: the machine cannot find out; a human says. Terminal for the machine only.
 *
 * All others are terminal: the recorded answer never changes again.
 */
const S = EXECUTION_STATE;

export const EXECUTION_EVENT = {
  approval_required: 'approval_required',
  approval_granted: 'approval_granted',
  approval_rejected: 'approval_rejected',
  approval_cancelled: 'approval_cancelled',
  approval_expired: 'approval_expired',
  approval_requeued: 'approval_requeued',
  replan_demanded: 'replan_demanded',
  entity_moved: 'entity_moved',
  policy_denied: 'policy_denied',
  attempt_started: 'attempt_started',
  attempt_succeeded: 'attempt_succeeded',
  retry_allowed: 'retry_allowed',
  given_up_without_effect: 'given_up_without_effect',
  track_lost: 'track_lost',
  lookup_started: 'lookup_started',
  effect_found: 'effect_found',
  lookup_inconclusive: 'lookup_inconclusive',
  review_needed: 'review_needed',
  escalated: 'escalated',
  late_success: 'late_success',
  late_refusal: 'late_refusal',
} as const;
export type ExecutionEvent = (typeof EXECUTION_EVENT)[keyof typeof EXECUTION_EVENT];

type Row = Partial<Record<ExecutionEvent, ExecutionState>>;

export const EXECUTION_TRANSITIONS = {
  accepted: {
    approval_required: S.awaiting_approval,
    attempt_started: S.running,
    given_up_without_effect: S.failed,
  },
  awaiting_approval: {
    approval_granted: S.accepted,
    approval_rejected: S.rejected,
    approval_cancelled: S.cancelled,
    approval_expired: S.expired,
    approval_requeued: S.awaiting_approval,
    replan_demanded: S.replan_required,
    entity_moved: S.blocked,
    policy_denied: S.denied,
  },
  running: {
    attempt_succeeded: S.completed,
    retry_allowed: S.retry_wait,
    given_up_without_effect: S.failed,
    track_lost: S.unknown,
  },
  retry_wait: {
    attempt_started: S.running,
    given_up_without_effect: S.failed,
    late_success: S.completed,
    escalated: S.needs_review,
  },
  unknown: {
    lookup_started: S.reconciling,
    review_needed: S.needs_review,
    late_success: S.completed,
    late_refusal: S.retry_wait,
  },
  reconciling: {
    effect_found: S.completed,
    retry_allowed: S.retry_wait,
    given_up_without_effect: S.failed,
    lookup_inconclusive: S.unknown,
    review_needed: S.needs_review,
    late_success: S.completed,
    late_refusal: S.retry_wait,
  },
  needs_review: {
    effect_found: S.completed,
    given_up_without_effect: S.failed,
    retry_allowed: S.retry_wait,
    late_success: S.completed,
  },
  completed: {},
  failed: {},
  blocked: {},
  denied: {},
  rejected: {},
  cancelled: {},
  expired: {},
  replan_required: {},
} as const satisfies Record<ExecutionState, Row>;

export type ExecutionTransition =
  | { readonly kind: 'moved'; readonly state: ExecutionState }
  | { readonly kind: 'illegal'; readonly state: ExecutionState; readonly event: ExecutionEvent };

/** Where `event` leads from `state`. An illegal event is a value: the caller has lost a race or has a bug. */
export function transition(state: ExecutionState, event: ExecutionEvent): ExecutionTransition {
  const next = (EXECUTION_TRANSITIONS[state] as Row)[event];
  return next === undefined ? { kind: 'illegal', state, event } : { kind: 'moved', state: next };
}

/** Several events at once, for transitions that share one durable write. */
export function transitionAll(state: ExecutionState, events: readonly ExecutionEvent[]): ExecutionTransition {
  let current = state;
  for (const event of events) {
    const step = transition(current, event);
    if (step.kind === 'illegal') return step;
    current = step.state;
  }
  return { kind: 'moved', state: current };
}

/** True where no event leads on: the recorded answer is final. */
export function isTerminal(state: ExecutionState): boolean {
  return Object.keys(EXECUTION_TRANSITIONS[state]).length === 0;
}

/** States that some gateway has to drive on; a row in one of them has an owner. */
export const DRIVEN_STATES: readonly ExecutionState[] = [
  S.accepted,
  S.running,
  S.retry_wait,
  S.unknown,
  S.reconciling,
];

/** States in which a write may have taken effect without anybody knowing. */
export const UNSETTLED_STATES: readonly ExecutionState[] = [S.unknown, S.reconciling, S.needs_review];
