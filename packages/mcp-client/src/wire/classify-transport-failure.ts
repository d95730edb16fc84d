import type { FailureReason, ToolFailure } from '@invoke/core/domain';
import { toPlainMessage } from './to-plain-message.js';

/** Errors of our own that end an exchange, told apart by their code like those of undici and Node. */
export const EXCHANGE_ERROR = {
  fenced: 'INVOKE_FENCED',
  deadline: 'INVOKE_DEADLINE',
  too_large: 'INVOKE_TOO_LARGE',
  bad_encoding: 'INVOKE_BAD_ENCODING',
  not_http: 'INVOKE_NOT_HTTP',
  overloaded: 'INVOKE_OVERLOADED',
} as const;
export type ExchangeErrorCode = (typeof EXCHANGE_ERROR)[keyof typeof EXCHANGE_ERROR];

export interface TransportFacts {
  /** Whether the request had been handed to the socket: from then on every byte of it may have arrived. */
  readonly written: boolean;
  /** `code` of the error; null where it has none. */
  readonly code: string | null;
  readonly message: string;
}

/**
 * What an error on the wire says: `sent` is `written` and nothing else, whatever the error claims, because only the moment
 * of the write proves that nothing happened.
 */
export function classifyTransportFailure(facts: TransportFacts): ToolFailure {
  const reason = facts.written ? reasonAfter(facts.code) : reasonBefore(facts.code);
  return { kind: 'failure', sent: facts.written, reason, message: toPlainMessage(facts.message) };
}

const BEFORE: Readonly<Record<string, FailureReason>> = {
  [EXCHANGE_ERROR.fenced]: 'fenced',
  [EXCHANGE_ERROR.overloaded]: 'circuit_open',
  INVOKE_ADDRESS_DENIED: 'address_denied',
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  ESERVFAIL: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ECONNREFUSED: 'connection_refused',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  INVALID_CA: 'tls',
  PATH_LENGTH_EXCEEDED: 'tls',
  UND_ERR_INVALID_ARG: 'internal',
  UND_ERR_NOT_SUPPORTED: 'internal',
};

/** Node's and OpenSSL's names for what is wrong with a certificate or a handshake. */
const TLS_PREFIXES = ['ERR_TLS_', 'ERR_SSL_', 'CERT_', 'CRL_', 'UNABLE_TO_'];

function reasonBefore(code: string | null): FailureReason {
  if (code === null) return 'connect_failed';
  if (Object.hasOwn(BEFORE, code)) return BEFORE[code] ?? 'connect_failed';
  return TLS_PREFIXES.some((prefix) => code.startsWith(prefix)) ? 'tls' : 'connect_failed';
}

const AFTER: Readonly<Record<string, FailureReason>> = {
  [EXCHANGE_ERROR.deadline]: 'timeout',
  [EXCHANGE_ERROR.too_large]: 'too_large',
  [EXCHANGE_ERROR.bad_encoding]: 'invalid_response',
  [EXCHANGE_ERROR.not_http]: 'invalid_response',
  UND_ERR_HEADERS_OVERFLOW: 'invalid_response',
};

function reasonAfter(code: string | null): FailureReason {
  return code !== null && Object.hasOwn(AFTER, code) ? (AFTER[code] ?? 'connection_lost') : 'connection_lost';
}
