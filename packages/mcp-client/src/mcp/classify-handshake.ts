import type { FailureReason, ToolFailure } from '@invoke/core/domain';
import { readHeader, type HttpAnswer } from '../wire/exchange.js';
import { toPlainMessage } from '../wire/to-plain-message.js';
import type { RpcOutcome } from './post-rpc.js';

/** The last thing that was said before the handshake failed. */
export interface HandshakeStep {
  readonly method: string;
  readonly outcome: RpcOutcome;
}

export type HandshakeVerdict =
  /** The server knows no handshake, or one that the SDK does not accept: speak JSON-RPC without one. */
  | { readonly kind: 'bare'; readonly sessionId: string | null }
  /** The server wants credentials that we do not have. */
  | { readonly kind: 'refused'; readonly answer: HttpAnswer }
  | ToolFailure;

/** Busy or broken for now: no evidence of what the server knows. */
const PASSING_STATUSES: readonly number[] = [408, 425, 429, 502, 503, 504];

/** Reasons that mean the same for a handshake as for a call, because they come before the first byte. */
const BEFORE_THE_WRITE: readonly FailureReason[] = [
  'dns',
  'connection_refused',
  'connect_failed',
  'tls',
  'address_denied',
  'circuit_open',
];

/**
 * What a failed handshake proves. No byte of a tool call has left, so no failure counts as sent. `initialize` answered by
 * anything that is neither a refusal nor a passing fault is a server from before the handshake.
 */
export function classifyHandshake(step: HandshakeStep | null, error: unknown): HandshakeVerdict {
  if (step === null) {
    return failed('internal', error instanceof Error ? error.message : 'no handshake took place');
  }
  const { outcome } = step;
  switch (outcome.kind) {
    case 'failure': {
      const reason = BEFORE_THE_WRITE.includes(outcome.reason) ? outcome.reason : 'connect_failed';
      return failed(reason, `the handshake failed: ${outcome.message}`);
    }
    case 'http':
      return classifyStatus(step.method, { ...outcome, kind: 'response' });
    case 'message':
      return classifyMethod(step.method, readHeader(outcome.head, 'mcp-session-id') || null);
  }
}

function classifyStatus(method: string, answer: HttpAnswer): HandshakeVerdict {
  const { status } = answer.head;
  if (status === 401 || status === 403) return { kind: 'refused', answer };
  if (status >= 300 && status < 400) {
    return failed('redirect', `the tool answered the handshake with a redirect (${status})`);
  }
  if (PASSING_STATUSES.includes(status)) {
    return failed('connect_failed', `the tool answered the handshake with ${status}`);
  }
  if (status < 300) {
    return failed('invalid_response', 'the tool answered the handshake with something that is not JSON-RPC');
  }
  return classifyMethod(method, null);
}

function classifyMethod(method: string, sessionId: string | null): HandshakeVerdict {
  if (method === 'initialize') return { kind: 'bare', sessionId };
  return failed('connect_failed', 'the tool speaks no revision of MCP that is known here');
}

function failed(reason: FailureReason, message: string): ToolFailure {
  return { kind: 'failure', sent: false, reason, message: toPlainMessage(message) };
}
