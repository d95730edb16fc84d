import type { JsonObject } from './json.js';

/** A read tool and the parameters to call it with, to learn the current state of the world. */
export interface StateRefetch {
  readonly tool: string;
  readonly params?: JsonObject | undefined;
}

/** Field (a dotted path) to what must hold of it: a value, or a string such as `"> 0"` or `"!= paid"`. */
export type Conditions = Readonly<Record<string, string | number | boolean | null>>;

/** How to learn whether a call with an unknown outcome took effect. Times are milliseconds. */
export interface ReconcileSpec {
  readonly action?: string | undefined;
  readonly stateRefetch: StateRefetch;
  readonly conditions: Conditions;
  readonly settleMs?: number | undefined;
  readonly minAbsentReads?: number | undefined;
  readonly maxReads?: number | undefined;
  readonly absentStatuses?: readonly number[] | undefined;
}

/** What happens when the tool fails: bounded, and never a blind retry of an unknown outcome. */
export interface FailurePolicy {
  /** Retries after the first attempt. */
  readonly retry?: number | undefined;
  /** A tool to call once, when the first one certainly did nothing. */
  readonly fallback?: string | undefined;
  readonly onFailure?: 'error' | 'escalate' | undefined;
  readonly reconcile?: ReconcileSpec | undefined;
}

/** Which entity the agent believes it acts on, and how it came to know. */
export interface EntityResolution {
  readonly entityId: string;
  readonly source: string;
  /** ISO 8601. */
  readonly resolvedAt: string;
}

/** What the agent knew when it decided. */
export interface ExecutionState {
  readonly variables?: JsonObject | undefined;
  readonly toolOutputs?: JsonObject | undefined;
}

/** Settings of one request. */
export interface RequestOptions {
  /** How long to wait for the answer over all retries, in milliseconds; default is the client's. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait. It does not end what the gateway has already begun. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends RequestOptions {
  readonly tool: string;
  readonly params?: JsonObject | undefined;
  readonly agentId?: string | undefined;
  /** Names this call: a second call with the same key is the same call. One is made up where none is given. */
  readonly idempotencyKey?: string | undefined;
  readonly action?: string | undefined;
  readonly failurePolicy?: FailurePolicy | undefined;
  readonly entityResolution?: EntityResolution | undefined;
  readonly executionState?: ExecutionState | undefined;
  readonly workflow?: string | undefined;
  readonly env?: string | undefined;
  readonly resource?: string | undefined;
  /**
   * The caller's own rules or contract, in the words of the policy language (`allowed_action`, `expires_at`): a document
   * that is sent as it is. It can only tighten what the gateway enforces.
   */
  readonly policy?: JsonObject | undefined;
}
