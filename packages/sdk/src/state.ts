import type { Shapes } from './api.js';
import type { Conditions, RequestOptions, StateRefetch } from './call-options.js';
import type { JsonObject } from './json.js';

interface StateRequest extends RequestOptions {
  /** How to read the current state; otherwise `currentState` is what counts. */
  readonly stateRefetch?: StateRefetch | undefined;
  /** State as the caller knows it; used only where there is no refetch. */
  readonly currentState?: JsonObject | undefined;
  readonly agentId?: string | undefined;
  readonly env?: string | undefined;
  readonly workflow?: string | undefined;
}

export interface VerifyStateOptions extends StateRequest {
  /** What is about to be done. */
  readonly intent: string;
  /** Fields that have to be there, and to be as they were assumed. */
  readonly requiredFields?: readonly string[] | undefined;
  readonly assumedState?: JsonObject | undefined;
  readonly conditions?: Conditions | undefined;
  /** What a mismatch is answered with; default `abort`. */
  readonly onMismatch?: 'abort' | 'replan' | undefined;
}

/** One field, as it was assumed and as it is. */
export interface VerifiedField {
  readonly field: string;
  readonly assumed: unknown;
  readonly current: unknown;
  readonly drifted: boolean;
  /** Null where no condition is on this field. */
  readonly holds: boolean | null;
  readonly verdict: 'ok' | 'missing' | 'changed' | 'condition_failed' | 'condition_unknown';
  readonly [member: string]: unknown;
}

interface StateAnswer {
  readonly success: boolean;
  readonly currentState: JsonObject | null;
  readonly fields: readonly VerifiedField[];
  readonly reason: string;
  readonly traceId: string;
  readonly [member: string]: unknown;
}

/** Whether what the agent assumes still holds. Act only where `decision` is `execute`. */
export interface VerifiedState extends StateAnswer {
  readonly status: 'verified' | 'blocked' | 'replan_required';
  readonly decision: 'execute' | 'abort' | 'replan';
  readonly intent: string;
}

export interface ReconcileOptions extends StateRequest {
  /** What may have happened: its name, or with the params it was called with. */
  readonly action:
    | string
    | {
        readonly intent: string;
        readonly params?: JsonObject | undefined;
        readonly idempotencyKey?: string | undefined;
      };
  /** What is known of it; default UNKNOWN. */
  readonly outcome?: 'UNKNOWN' | 'SUCCESS' | 'FAILED' | undefined;
  /** All hold: it happened. */
  readonly conditions: Conditions;
  /** How many reads must say that it did not happen before that is believed. */
  readonly minAbsentReads?: number | undefined;
}

/** Whether an action with an unknown outcome happened. Only `retry_allowed` permits another attempt. */
export interface ReconciledOutcome extends StateAnswer {
  readonly status: 'outcome_reconciled' | 'not_executed' | 'unknown';
  readonly decision: 'do_not_retry' | 'retry_allowed' | 'escalate';
  readonly outcome: 'SUCCESS' | 'FAILED' | 'UNKNOWN';
}

export const STATE_SHAPES: Shapes = { sent: { stateRefetch: {}, action: {} }, received: { fields: {} } };
