/**
 * Every way in which Invoke says no, once: the source of HTTP status, problem type, retry advice, SDK behaviour and the
 * generated page docs/errors.md. Codes are stable: clients branch on them.
 *
 * `retry` is advice to the caller: `never` (the same request will fail again), `safe` (nothing was executed, try again),
 * `after_reconcile` (something may have been executed: read the execution first).
 */
export type RetryAdvice = 'never' | 'safe' | 'after_reconcile';

export interface ErrorEntry {
  /** HTTP status code of the answer. */
  readonly status: number;
  readonly title: string;
  readonly retry: RetryAdvice;
  /** One sentence for the docs: when it is raised and what to do. */
  readonly summary: string;
}

export const ERROR_CATALOGUE = {
  malformed_json: e(400, 'Malformed JSON', 'never', 'The body is not one JSON object. Send valid JSON.'),
  duplicate_json_key: e(
    400,
    'Duplicate JSON key',
    'never',
    'An object in the body has the same key twice, so two readers could see two different requests.',
  ),
  number_out_of_range: e(
    400,
    'Number out of range',
    'never',
    'A number in the body does not survive being read (beyond 2^53, or not finite). Send it as a string.',
  ),
  json_too_deep: e(400, 'JSON too deep', 'never', 'The body nests deeper than 64 levels.'),
  json_too_complex: e(400, 'JSON too complex', 'never', 'The body has more than 10,000 keys or elements.'),
  invalid_encoding: e(
    400,
    'Invalid encoding',
    'never',
    'The body is not clean UTF-8: a byte order mark, a broken sequence, a lone surrogate or a NUL character.',
  ),
  bad_request: e(
    400,
    'Bad request',
    'never',
    'A header or parameter of the request cannot be used as it is; `detail` says which.',
  ),
  idempotency_key_required: e(
    400,
    'Idempotency key required',
    'never',
    'This tool is only called with an idempotency key.',
  ),
  signature_invalid: e(
    401,
    'Invalid signature',
    'never',
    'The event is not signed with the secret of this provider, or its timestamp is too old.',
  ),
  unauthenticated: e(
    401,
    'Unauthenticated',
    'never',
    'No valid API key came with the request (X-API-Key, or Authorization: Bearer).',
  ),
  insufficient_scope: e(
    403,
    'Insufficient scope',
    'never',
    'The key does not have the scope that this request needs; `missing_scope` names it.',
  ),
  tool_not_allowed: e(
    403,
    'Tool not allowed',
    'never',
    'The key may not call this tool. Tools that do not exist look the same to a key with a tool list.',
  ),
  read_only_token: e(403, 'Read-only key', 'never', 'The key may only call tools that read.'),
  context_denied: e(
    403,
    'Context denied',
    'never',
    'The key may not act for this agent, environment, workflow, action or resource.',
  ),
  policy_denied: e(403, 'Denied by policy', 'never', 'A policy rule forbids this call.'),
  self_approval_denied: e(
    403,
    'Self-approval denied',
    'never',
    'Who asked for a call cannot decide on it. Another key has to.',
  ),
  egress_denied: e(
    403,
    'Address not allowed',
    'never',
    'The tool address is private, reserved or otherwise out of bounds.',
  ),
  origin_denied: e(403, 'Origin not allowed', 'never', 'A browser on a foreign origin sent this request.'),
  not_found: e(404, 'Not found', 'never', 'There is no such thing, or it is not yours to see.'),
  method_not_allowed: e(
    405,
    'Method not allowed',
    'never',
    'The path exists, but not for this method; see the Allow header.',
  ),
  request_timeout: e(408, 'Request timeout', 'safe', 'The request did not arrive in time.'),
  entity_mismatch: e(
    409,
    'Entity mismatch',
    'never',
    'The call points at another entity than the one that was resolved. The tool was not touched.',
  ),
  entity_required: e(
    409,
    'Entity resolution required',
    'never',
    'This tool is only called with entity_resolution.',
  ),
  entity_quarantined: e(
    409,
    'Entity held',
    'safe',
    'An earlier write to this entity has an unknown outcome; other writes wait until it is settled.',
  ),
  idempotency_in_progress: e(
    409,
    'Still in progress',
    'safe',
    'A call with this key is being executed. Wait for it: see Location and Retry-After.',
  ),
  context_conflict: e(
    409,
    'Conflicting context',
    'never',
    'A name that a rule uses has one value in params and another in execution_state, so no rule can be trusted.',
  ),
  replan_required: e(
    409,
    'Plan again',
    'never',
    'The world is not as the call assumes. Read the current state and decide again.',
  ),
  approval_conflict: e(
    409,
    'Cannot be decided so',
    'never',
    'This approval is decided, somebody else was first, or it takes another decision (a review is resolved, an approval is approved or rejected). Read it again.',
  ),
  approval_digest_mismatch: e(
    409,
    'Digest mismatch',
    'never',
    'What would be executed is not what was shown. Read the approval again.',
  ),
  state_required: e(
    409,
    'Current state required',
    'never',
    'The conditions of this approval need current state, and there is no tool to read it. Send it in `state`.',
  ),
  tool_conflict: e(409, 'Tool name taken', 'never', 'Another tool already answers to this name.'),
  tool_changed: e(409, 'Tool changed', 'never', 'The definition of the tool is not the one that was pinned.'),
  tool_not_callable: e(
    409,
    'Tool not callable',
    'never',
    'The tool is registered but cannot be called yet; `detail` says why.',
  ),
  idempotency_key_expired: e(
    410,
    'Idempotency key expired',
    'never',
    'This key named an execution whose record has been pruned. It is never executed again; use a new key for new work.',
  ),
  payload_too_large: e(413, 'Payload too large', 'never', 'The body is larger than 1 MiB.'),
  unsupported_media_type: e(
    415,
    'Unsupported media type',
    'never',
    'Bodies are application/json in UTF-8, not compressed.',
  ),
  validation_failed: e(
    422,
    'Validation failed',
    'never',
    'A field is missing, unknown or of the wrong type; `errors` lists each with its JSON Pointer.',
  ),
  policy_invalid: e(
    422,
    'Invalid policy',
    'never',
    'A failure policy, condition or rule cannot be used as written.',
  ),
  schema_rejected: e(
    422,
    'Schema rejected',
    'never',
    'The JSON Schema of a tool is outside of what Invoke compiles.',
  ),
  idempotency_key_reused: e(
    422,
    'Idempotency key reused',
    'never',
    'This key already names a call with other parameters, or under other conditions of its policy.',
  ),
  budget_exceeded: e(
    429,
    'Budget exceeded',
    'never',
    'A budget would be overdrawn; `resets_at` says when its window ends. Open outcomes count as spent.',
  ),
  rate_limited: e(
    429,
    'Too many requests',
    'safe',
    'Too many wrong keys came from this address, or the key has sent too much, has too many calls under way or streams open, or its agent too many calls that wait for a human; `detail` says which. Wait as long as Retry-After says.',
  ),
  headers_too_large: e(
    431,
    'Headers too large',
    'never',
    'The path and the headers of the request are larger than 16 KiB, or there are more than 100 headers.',
  ),
  internal_error: e(
    500,
    'Internal error',
    'after_reconcile',
    'A bug in Invoke. The request id leads to the log entry.',
  ),
  not_configured: e(
    501,
    'Not configured',
    'never',
    'This gateway has no provider for what was asked; `detail` says which setting is missing.',
  ),
  upstream_rejected: e(502, 'Tool refused the call', 'never', 'The tool answered that it did not do it.'),
  upstream_unavailable: e(
    502,
    'Tool unavailable',
    'after_reconcile',
    'The tool could not be reached or failed. `status` says whether anything may have been executed: failed (no) or unknown.',
  ),
  upstream_invalid_response: e(
    502,
    'Invalid tool response',
    'after_reconcile',
    'The answer of the tool could not be understood.',
  ),
  upstream_too_large: e(
    502,
    'Tool response too large',
    'after_reconcile',
    'The answer of the tool is larger than 5 MiB.',
  ),
  storage_unavailable: e(
    503,
    'Storage unavailable',
    'safe',
    'Nothing can be recorded now, so nothing was executed.',
  ),
  history_in_doubt: e(
    503,
    'History in doubt',
    'safe',
    'The database has gone back, so calls that were made may not be known: nothing that writes is begun until the gateway has put back what it remembers or, after a restored backup, until an operator confirms it. Nothing was executed.',
  ),
  shutting_down: e(503, 'Shutting down', 'safe', 'This gateway is draining; another one answers.'),
  upstream_timeout: e(
    504,
    'Tool timeout',
    'after_reconcile',
    'The tool did not answer in time; the outcome may be unknown.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One problem with one field: where (JSON Pointer, RFC 6901) and what was expected. */
export interface FieldProblem {
  readonly pointer: string;
  readonly message: string;
}

/**
 * An expected "no" of the core: a value, never thrown.
 * `details` are extension members of the problem document and carry no secrets.
 */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errors?: readonly FieldProblem[];
  readonly details?: Readonly<Record<string, unknown>>;
}

function e(status: number, title: string, retry: RetryAdvice, summary: string): ErrorEntry {
  return { status, title, retry, summary };
}
