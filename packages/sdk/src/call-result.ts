/** What every outcome of a call carries. Members that this version does not know are there too, in camelCase. */
interface Outcome {
  readonly success: boolean;
  /** Missing where the gateway accepted nothing, or where no answer came. */
  readonly executionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly requestId?: string | undefined;
  /** The key under which the call was sent. */
  readonly idempotencyKey: string;
  readonly decision?: string | undefined;
  /** Whether this is the recorded answer of an earlier call with the same key. */
  readonly replayed?: boolean | undefined;
  /** The gateway's error code, where it gave a reason. */
  readonly code?: string | undefined;
  /** The reason in words. */
  readonly detail?: string | undefined;
  readonly [member: string]: unknown;
}

/** It took effect once: answered by the tool, or found to have happened when it was looked up. */
export interface CompletedCall<T> extends Outcome {
  readonly success: true;
  readonly status: 'completed' | 'outcome_reconciled';
  readonly result: T;
}

/** The tool says that it did not do it, or could not be reached. */
export interface FailedCall extends Outcome {
  readonly success: false;
  readonly status: 'failed';
  /** What the tool itself answered, where it answered. */
  readonly result?: unknown;
}

/**
 * It may have taken effect. Ask again with the same key, or read the execution; never with a new key.
 * `needs_review`: a human is to find out.
 */
export interface UnknownCall extends Outcome {
  readonly success: false;
  readonly status: 'unknown' | 'needs_review';
  /** The review, where a human has been asked. */
  readonly approvalId?: string | undefined;
}

/** Still being worked on when the wait ended. */
export interface PendingCall extends Outcome {
  readonly success: false;
  readonly status: 'pending';
}

/** A human is asked first: wait with `invoke.approvals.wait(approvalId)`, then ask again with the same key. */
export interface ApprovalCall extends Outcome {
  readonly success: false;
  readonly status: 'pending_approval';
  readonly approvalId: string;
}

/** The world is not as the call assumes: read its current state, and decide again. */
export interface ReplanCall extends Outcome {
  readonly success: false;
  readonly status: 'replan_required';
}

/** Not done, and the tool was not touched. `code` and `detail` say why. */
export interface RefusedCall extends Outcome {
  readonly success: false;
  readonly status: 'blocked' | 'denied' | 'rejected' | 'cancelled' | 'expired';
}

/** Where a call stands. Switch on `status`. */
export type CallResult<T = unknown> =
  CompletedCall<T> | FailedCall | UnknownCall | PendingCall | ApprovalCall | ReplanCall | RefusedCall;

export type CallStatus = CallResult['status'];

/** The same words as values; a test holds them to the contract. */
export const CALL_STATUSES: readonly CallStatus[] = [
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
];

export function isCallStatus(value: unknown): value is CallStatus {
  return CALL_STATUSES.some((status) => status === value);
}
