/** System calls that end before a byte of the request can be written. */
const BEFORE_SENDING = ['connect', 'getaddrinfo'];

/** Codes of runtimes and of TLS that mean the same. */
const NOT_SENT_CODES = [
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
  'FailedToOpenSocket',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

/** A port that the fetch standard forbids (section 2.9, port blocking): the error has no code. */
const BAD_PORT = 'bad port';

/**
 * Whether a failed `fetch` provably ended before anything was sent. What is not recognised may have been sent: only
 * proof counts.
 */
export function isCertainlyNotSent(error: unknown): boolean {
  const chain = causes(error);
  return chain.some(
    ({ syscall, code, message }) =>
      BEFORE_SENDING.includes(String(syscall)) ||
      NOT_SENT_CODES.includes(String(code)) ||
      message === BAD_PORT,
  );
}

/** A short word for people: the innermost error code that there is. */
export function reasonOf(error: unknown): string {
  const codes = causes(error).map((cause) => cause['code']);
  const known = codes.findLast((code) => typeof code === 'string');
  return known ?? (causes(error).at(-1)?.['message'] === BAD_PORT ? BAD_PORT : 'network error');
}

/** The error and what caused it, outermost first. With several addresses, `cause` is an AggregateError of one per address. */
function causes(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  let current = error;
  while (typeof current === 'object' && current !== null && chain.length < 8) {
    const node = current as Record<string, unknown>;
    chain.push(node);
    current = node['cause'] ?? (Array.isArray(node['errors']) ? node['errors'][0] : undefined);
  }
  return chain;
}
