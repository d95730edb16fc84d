import type {
  AttemptState,
  CallPolicy,
  Certainty,
  EntityResolution,
  ErrorCode,
  ExecutionContextState,
  ExecutionState,
  FailurePolicy,
  JsonObject,
  ReconcileSpec,
  TraceStep,
} from '@invoke/contract';
import type { Charge } from '../budget/charge.js';
import type { EpochMs } from '../time.js';

/** One attempt to call a tool, as the journal keeps it. */
export interface Attempt {
  /** 1 for the first attempt of the execution, counted over all tools. */
  readonly n: number;
  readonly role: 'primary' | 'retry' | 'fallback';
  readonly tool: string;
  readonly toolVersion: string;
  /** The key we send downstream: the same for all attempts of one tool. */
  readonly downstreamKey: string;
  readonly state: AttemptState;
  readonly certainty: Certainty | null;
  /** Short machine word for how it ended: `answered`, `timeout`, `connection_refused`, `http_500`, ... */
  readonly reason: string | null;
  readonly startedAt: EpochMs;
  /** No byte of this attempt may be written after this instant. */
  readonly sendBy: EpochMs;
  readonly endedAt: EpochMs | null;
}

/** One read made to learn whether an attempt took effect. */
export interface Lookup {
  readonly n: number;
  /** The attempt it was made for. */
  readonly attempt: number;
  readonly at: EpochMs;
  /** Whether it began after the settle time: only then does `absent` count. */
  readonly settled: boolean;
  readonly verdict: 'applied' | 'absent' | 'unclear';
  readonly evidence: string;
}

/** Everything that happened to an execution, oldest first. Bounded by the retry cap and the read cap. */
export interface Journal {
  readonly attempts: readonly Attempt[];
  readonly lookups: readonly Lookup[];
  readonly steps: readonly TraceStep[];
}

/** The one other tool that may be called, as it was authorised. */
export interface StoredFallback {
  readonly tool: string;
  readonly version: string;
  /** What a call of it does: as the caller says, else as its card does. Left out by versions that did not judge it. */
  readonly action?: string | null;
}

/** What was asked for, frozen at acceptance: enough to go on after a crash. */
export interface StoredRequest {
  /** Of the request that became this execution. */
  readonly requestId: string;
  /** After schema coercion; canonical JSON of this is what the fingerprint covers and the tool receives. */
  readonly params: JsonObject;
  readonly failurePolicy: FailurePolicy | null;
  /** Ready to run: tool resolved and authorised, placeholders filled. */
  readonly reconcile: ReconcileSpec | null;
  readonly fallback: StoredFallback | null;
  readonly entityResolution: EntityResolution | null;
  readonly executionState: ExecutionContextState | null;
  readonly resource: string | null;
  /** The caller's own rules or contract. */
  readonly policy: CallPolicy | null;
  /** What was reserved of budgets; given back when it is certain that nothing happened. */
  readonly charges: readonly Charge[];
}

/** How an execution ended, or why it waits. */
export interface ExecutionOutcome {
  /** `completed`, `outcome_reconciled`, `failed`, `needs_review`, ... */
  readonly final: string;
  /** `do_not_retry`, `retry_allowed`, `review`, ... */
  readonly decision: string | null;
  readonly code: ErrorCode | null;
  readonly message: string | null;
  /** The approval or review that it waits for, or by which it was decided. */
  readonly approvalId?: string;
}

export interface ExecutionRecord {
  readonly id: string;
  readonly tenant: string;
  readonly env: string;
  /** SHA-256 (hex) of tenant, env and key; unique. Null for calls without a key. */
  readonly keyDigest: string | null;
  readonly idempotencyKey: string | null;
  /** SHA-256 (hex) over the canonical request, with a version prefix. */
  readonly fingerprint: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly action: string | null;
  readonly agentId: string | null;
  readonly workflow: string | null;
  /** Which API key asked, by its id. */
  readonly keyId: string;
  /** The entity this call writes to, if it is known; while the outcome is unknown it is held. */
  readonly entityId: string | null;
  readonly traceId: string;
  readonly request: StoredRequest;

  readonly state: ExecutionState;
  /** Raised by every take-over; a write from an older epoch finds no row. */
  readonly epoch: number;
  /** Raised by every transition. */
  readonly seq: number;
  /** The gateway incarnation that drives it; null where nobody has to. */
  readonly owner: string | null;
  /** Random; names the write that produced this version of the row, so that an ambiguous commit can be recognised. */
  readonly token: string;
  readonly journal: Journal;
  /** The tool's result, as JSON text: replayed byte for byte. */
  readonly resultText: string | null;
  readonly outcome: ExecutionOutcome | null;
  /** Not to be driven on before this instant. */
  readonly notBeforeAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly finishedAt: EpochMs | null;
}
