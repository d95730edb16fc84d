import type { CallResult } from './call-result.js';
import { isJsonObject, type JsonObject } from './json.js';

/** Codes of the gateway's problem documents. Newer gateways may send others. */
export type ProblemCode =
  | 'malformed_json'
  | 'duplicate_json_key'
  | 'number_out_of_range'
  | 'json_too_deep'
  | 'json_too_complex'
  | 'invalid_encoding'
  | 'bad_request'
  | 'idempotency_key_required'
  | 'signature_invalid'
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'tool_not_allowed'
  | 'read_only_token'
  | 'context_denied'
  | 'policy_denied'
  | 'self_approval_denied'
  | 'egress_denied'
  | 'origin_denied'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'entity_mismatch'
  | 'entity_required'
  | 'entity_quarantined'
  | 'idempotency_in_progress'
  | 'context_conflict'
  | 'replan_required'
  | 'approval_conflict'
  | 'approval_digest_mismatch'
  | 'state_required'
  | 'tool_conflict'
  | 'tool_changed'
  | 'tool_not_callable'
  | 'idempotency_key_expired'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'headers_too_large'
  | 'validation_failed'
  | 'policy_invalid'
  | 'schema_rejected'
  | 'idempotency_key_reused'
  | 'budget_exceeded'
  | 'rate_limited'
  | 'internal_error'
  | 'not_configured'
  | 'upstream_rejected'
  | 'upstream_unavailable'
  | 'upstream_invalid_response'
  | 'upstream_too_large'
  | 'storage_unavailable'
  | 'history_in_doubt'
  | 'shutting_down'
  | 'upstream_timeout';

/** Codes that this client gives where the gateway gave none. */
export type ClientCode =
  /** No API key: neither given to the constructor nor found in the environment. */
  | 'missing_api_key'
  /** A switch over statuses met one that it does not name. */
  | 'unhandled_status'
  /** The API key has characters that no HTTP header can carry. */
  | 'invalid_api_key'
  /** The base URL cannot be used. */
  | 'invalid_base_url'
  /** An argument cannot be sent as it is. */
  | 'invalid_argument'
  /** Constructed in a browser, where everybody could read the key. */
  | 'browser_refused'
  /** No connection, and certainly nothing was executed. */
  | 'connection_failed'
  /** The connection was lost on a request that changes nothing. */
  | 'connection_lost'
  /** No answer in time on a request that changes nothing. */
  | 'timeout'
  /** The caller's own signal ended the wait. */
  | 'aborted'
  /** The call may have taken effect; nobody has seen its answer. */
  | 'outcome_unknown'
  /** The server answered with a redirect, which is never followed: it would carry the key elsewhere. */
  | 'redirect_refused'
  /** The answer is not in the gateway's format. */
  | 'invalid_response';

export type InvokeErrorCode = ProblemCode | ClientCode | (string & {});

/**
 * What a caller may do with the same request: `never` (it will fail again), `safe` (nothing was executed),
 * `after_reconcile` (something may have been executed: look the execution up first).
 */
export type RetryAdvice = 'never' | 'safe' | 'after_reconcile';

/** An error answer of the gateway (RFC 9457), as it came. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number | string;
  readonly detail: string;
  readonly code: string;
  readonly success: false;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly execution_id?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[] | undefined;
  readonly [extension: string]: unknown;
}

export interface InvokeErrorInit {
  readonly code: InvokeErrorCode;
  readonly message: string;
  readonly retry: RetryAdvice;
  readonly status?: number | undefined;
  readonly executionId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly problem?: Problem | undefined;
  readonly outcome?: CallResult | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('invoke.sdk.InvokeError');

/** The one error class of this client. Outcomes of a call are values; this is for everything else. */
export class InvokeError extends Error {
  override readonly name = 'InvokeError';
  readonly code: InvokeErrorCode;
  readonly retry: RetryAdvice;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  readonly executionId: string | undefined;
  readonly requestId: string | undefined;
  /** The key under which the call was sent: the same key asks again without doing it twice. */
  readonly idempotencyKey: string | undefined;
  readonly problem: Problem | undefined;
  /** Set by `callOrThrow`: the outcome that was not a completed call. */
  readonly outcome: CallResult | undefined;

  constructor(init: InvokeErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.retry = init.retry;
    this.status = init.status;
    this.executionId = init.executionId;
    this.requestId = init.requestId;
    this.idempotencyKey = init.idempotencyKey;
    this.problem = init.problem;
    this.outcome = init.outcome;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether the same request may simply be sent again. */
  get retryable(): boolean {
    return this.retry === 'safe';
  }

  /** Also true for an InvokeError of another copy of this package, where `instanceof` is not. */
  static isInstance(value: unknown): value is InvokeError {
    return value instanceof Error && BRAND in value;
  }
}

/** Codes after which something may have been executed. */
const DOUBTFUL: readonly string[] = [
  'internal_error',
  'upstream_unavailable',
  'upstream_invalid_response',
  'upstream_too_large',
  'upstream_timeout',
];

/** The advice of the error catalogue, from what a problem document says. */
export function toRetryAdvice(code: string, retryable: boolean): RetryAdvice {
  if (DOUBTFUL.includes(code)) return 'after_reconcile';
  return retryable ? 'safe' : 'never';
}

/** @returns the problem document in `body`, or undefined where it is something else */
export function parseProblem(body: unknown): Problem | undefined {
  if (!isJsonObject(body)) return undefined;
  const { code, detail, title } = body as JsonObject;
  if (typeof code !== 'string' || (typeof detail !== 'string' && typeof title !== 'string')) return undefined;
  return body as unknown as Problem;
}
