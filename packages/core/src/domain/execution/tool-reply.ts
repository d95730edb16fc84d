/**
 * What came back from one attempt, told by the invoker without judging it. `classifyCertainty` judges.
 * `sent` is whether a byte may have been written: only its absence proves that nothing happened.
 */
export type ToolReply = ToolAnswer | ToolRpcError | ToolFailure;

/** The tool answered in a form that we understand. */
export interface ToolAnswer {
  readonly kind: 'answer';
  /** HTTP status of the tool, or `result.status_code` of a wrapper; null where there is none. */
  readonly status: number | null;
  /** MCP's own flag. */
  readonly isError: boolean;
  /** The result as JSON text, at most 5 MiB. */
  readonly text: string;
  readonly value: unknown;
}

/** A JSON-RPC error object. */
export interface ToolRpcError {
  readonly kind: 'rpc_error';
  readonly code: number;
  readonly message: string;
  /** The tool says that the same call may succeed later (`error.data.retryable`). A claim: it says nothing of effects. */
  readonly retryable?: boolean;
}

export type FailureReason =
  | 'dns'
  | 'connection_refused'
  | 'connect_failed'
  | 'tls'
  | 'address_denied'
  | 'not_configured'
  /** Found by the invoker itself, before any byte left. */
  | 'invalid_params'
  | 'fenced'
  | 'circuit_open'
  | 'connection_lost'
  | 'timeout'
  | 'redirect'
  | 'invalid_response'
  | 'too_large'
  | 'internal';

export interface ToolFailure {
  readonly kind: 'failure';
  readonly sent: boolean;
  readonly reason: FailureReason;
  /** For people; carries no secrets and no stack. */
  readonly message: string;
}
