import type {
  ApprovalOutcome,
  ApprovalState,
  Conditions,
  EntityResolution,
  FailurePolicy,
  FieldDrift,
  JsonObject,
  RiskLevel,
  StateRefetch,
  Threshold,
} from '@invoke/contract';
import type { StoredFallback } from '../execution/execution-record.js';
import type { EpochMs } from '../time.js';

/** What an approval stands on: the intent and what has to hold when it is acted upon. */
export interface FrozenContract {
  readonly intent: string | null;
  /** An expression over the state (an intent policy)... */
  readonly condition: string | null;
  /** ...or conditions on its fields (a conditional approval contract), or neither (a rule, or a tool that asks for it). */
  readonly conditions: Conditions | null;
  readonly threshold: Threshold;
  readonly allowedAction: string | null;
  readonly stateRefetch: StateRefetch | null;
}

/**
 * What was frozen. Its digest is what an approver confirms and what is compared again at dispatch: params, tool version and
 * entity are byte for byte what will be sent.
 */
export interface Checkpoint {
  /** Random: two freezes of equal calls have different digests. */
  readonly nonce: string;
  readonly executionId: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly action: string | null;
  readonly params: JsonObject;
  readonly variables: JsonObject | null;
  readonly toolOutputs: JsonObject | null;
  readonly entityResolution: EntityResolution | null;
  readonly agentId: string | null;
  readonly env: string;
  readonly workflow: string | null;
  readonly resource: string | null;
  /** What else may be called with these params, and when. Left out by versions that did not show it to anybody. */
  readonly fallback?: StoredFallback | null;
  readonly failurePolicy?: FailurePolicy | null;
  readonly contract: FrozenContract;
  /** State of the world at freezing; null where nobody said. */
  readonly state: JsonObject | null;
  readonly frozenAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** One approver's yes, where several are needed. */
export interface ApprovalVote {
  readonly keyId: string;
  /** The key and those that it comes from. Left out by versions that counted keys. */
  readonly lineage?: readonly string[];
  readonly reviewedBy: string | null;
  readonly comment: string | null;
  readonly at: EpochMs;
}

/** Why a human has to say what became of a call. */
export interface ReviewFailure {
  readonly code: string;
  readonly message: string;
  /** `none`: it is certain that nothing happened; `unknown`: it is not. */
  readonly effect: 'none' | 'unknown';
}

export interface ApprovalRecord {
  readonly id: string;
  readonly tenant: string;
  readonly kind: 'approval' | 'review';
  readonly state: ApprovalState;
  /** Raised by every write; a decision is allowed from exactly one version. */
  readonly version: number;
  readonly executionId: string;
  readonly tool: string;
  readonly agentId: string | null;
  /** The key that asked for the call; it cannot decide. */
  readonly requestedBy: string;
  readonly riskLevel: RiskLevel;
  readonly reason: string;
  readonly checkpoint: Checkpoint;
  /** `sha256:` and hex, over the canonical JSON of the checkpoint. */
  readonly digest: string;
  readonly failure: ReviewFailure | null;
  readonly approversNeeded: number;
  readonly votes: readonly ApprovalVote[];
  /** Why this approval took the place of another one, or why it was not carried out. */
  readonly drift: readonly FieldDrift[];
  readonly previousId: string | null;
  readonly nextId: string | null;
  readonly outcome: ApprovalOutcome | null;
  readonly decidedBy: string | null;
  readonly reviewedBy: string | null;
  readonly comment: string | null;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly decidedAt: EpochMs | null;
}
