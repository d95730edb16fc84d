import type { RequestOptions } from './call-options.js';
import { toCamelKeys, type Shape } from './casing.js';
import type { EntityResolution, FailurePolicy } from './call-options.js';
import type { JsonObject } from './json.js';

/** Where an approval stands. All but `pending` are final. `invalidated`: `nextId` took its place. */
export type ApprovalStatus =
  | 'pending'
  | 'executed'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'invalidated'
  | 'replan_required'
  | 'resolved';

/** What a decision led to. `pending`: it counts, and further people have to approve. */
export type ApprovalOutcome =
  'executed' | 'cancelled' | 'replan_required' | 'requeued' | 'rejected' | 'pending' | 'resolved';

/** One condition, as it was when the call was frozen and as it is now. */
export interface FieldDrift {
  readonly field: string;
  readonly frozen: unknown;
  readonly live: unknown;
  readonly condition: string | number | boolean | null;
  readonly verdict: 'unchanged' | 'changed_but_holds' | 'changed' | 'fails' | 'missing' | 'not_frozen';
  readonly [member: string]: unknown;
}

/** A call that waits for a human, or an outcome that a human has to find out. Times are milliseconds since 1970. */
export interface Approval {
  readonly id: string;
  readonly kind: 'approval' | 'review';
  readonly status: ApprovalStatus;
  readonly executionId: string;
  readonly tool: string;
  readonly action: string | null;
  readonly agentId: string | null;
  readonly intent: string | null;
  readonly reason: string;
  readonly riskLevel: 'low' | 'medium' | 'high' | 'critical';
  /** What the tool gets, byte for byte. */
  readonly params: JsonObject;
  /** Names what is frozen; send it with the decision. */
  readonly digest: string;
  readonly entityId: string | null;
  readonly entityResolution: EntityResolution | null;
  readonly variables: JsonObject | null;
  readonly toolOutputs: JsonObject | null;
  readonly condition: string | null;
  readonly conditions: JsonObject | null;
  readonly threshold: string | null;
  readonly allowedAction: string | null;
  readonly frozenState: JsonObject | null;
  /** The tool that is called instead, once and with the same params, should the first one certainly do nothing. */
  readonly fallback: string | null;
  /** What else follows a failure. */
  readonly failurePolicy: FailurePolicy | null;
  readonly drift: readonly FieldDrift[];
  /** Why a human has to look at an outcome; for reviews. */
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly effect: 'none' | 'unknown';
  } | null;
  readonly approvalsNeeded: number;
  readonly approvalsGiven: number;
  /** The approval that this one took the place of, and the one that took its place. */
  readonly previousId: string | null;
  readonly nextId: string | null;
  readonly requestedBy: string;
  readonly outcome: ApprovalOutcome | null;
  /** The key that decided; `reviewedBy` is only a claim. */
  readonly decidedBy: string | null;
  readonly reviewedBy: string | null;
  readonly comment: string | null;
  readonly createdAt: number;
  /** Null where it never expires. */
  readonly expiresAt: number | null;
  readonly decidedAt: number | null;
  readonly [member: string]: unknown;
}

export interface ApprovalQuery {
  readonly status?: ApprovalStatus | undefined;
  readonly agentId?: string | undefined;
  /** How many a page holds. */
  readonly limit?: number | undefined;
  /** Where to go on: `nextCursor` of an earlier page. */
  readonly cursor?: string | undefined;
}

export interface RejectOptions extends RequestOptions {
  /** Who decides, in words; the key is what is recorded as the approver. */
  readonly reviewedBy?: string | undefined;
  /** The digest of what was shown; where it names something else, the decision is refused. */
  readonly digest?: string | undefined;
  readonly comment?: string | undefined;
}

export interface ApproveOptions extends RejectOptions {
  /** Current state as the approver knows it. Where a tool can read it, what that reads counts instead. */
  readonly state?: JsonObject | undefined;
}

export interface ResolveOptions extends RequestOptions {
  /** What a human found out: it took effect, it did not, or it is to be tried again. */
  readonly resolution: 'applied' | 'not_applied' | 'retry';
  readonly reviewedBy?: string | undefined;
  readonly comment?: string | undefined;
  /** What the tool would have answered, for `applied`. */
  readonly result?: unknown;
}

/** The answer to a decision. */
export interface Decision {
  readonly success: boolean;
  readonly status: ApprovalOutcome;
  readonly outcome: ApprovalOutcome;
  readonly approvalId: string;
  /** The approval that took its place, where it was requeued. */
  readonly nextApprovalId: string | null;
  readonly executionId: string;
  /** Where the execution stands now. */
  readonly executionStatus: string;
  readonly result: unknown;
  readonly reason: string | null;
  readonly drift: readonly FieldDrift[];
  readonly [member: string]: unknown;
}

const APPROVAL: Shape = {
  entity_resolution: {},
  drift: {},
  failure: {},
  failure_policy: { reconcile: { state_refetch: {} } },
};

export function toApproval(wire: unknown): Approval {
  return toCamelKeys(wire, APPROVAL) as Approval;
}

export function toDecision(wire: unknown): Decision {
  return toCamelKeys(wire, { drift: {} }) as Decision;
}
