import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyTransportFailure } from './classify-transport-failure.js';

interface Cell {
  readonly cell: string | null;
  /** Before the write, and after it. */
  readonly expected: readonly [before: string, after: string];
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  { cell: 'ENOTFOUND', expected: ['dns', 'connection_lost'], why: 'no such name' },
  { cell: 'EAI_AGAIN', expected: ['dns', 'connection_lost'], why: 'the resolver is away' },
  { cell: 'ECONNREFUSED', expected: ['connection_refused', 'connection_lost'], why: 'nobody listens' },
  { cell: 'ECONNRESET', expected: ['connect_failed', 'connection_lost'], why: 'reset: what counts is when' },
  {
    cell: 'EPIPE',
    expected: ['connect_failed', 'connection_lost'],
    why: 'a broken pipe may have carried bytes',
  },
  {
    cell: 'ETIMEDOUT',
    expected: ['connect_failed', 'connection_lost'],
    why: 'of the network, not of our deadline',
  },
  { cell: 'EHOSTUNREACH', expected: ['connect_failed', 'connection_lost'], why: 'no route' },
  {
    cell: 'UND_ERR_CONNECT_TIMEOUT',
    expected: ['connect_failed', 'connection_lost'],
    why: 'no connection in time',
  },
  {
    cell: 'UND_ERR_SOCKET',
    expected: ['connect_failed', 'connection_lost'],
    why: 'closed by the other side',
  },
  {
    cell: 'UND_ERR_DESTROYED',
    expected: ['connect_failed', 'connection_lost'],
    why: 'the gateway is closing',
  },
  {
    cell: 'UND_ERR_INVALID_ARG',
    expected: ['internal', 'connection_lost'],
    why: 'undici refuses the request',
  },
  { cell: 'INVOKE_ADDRESS_DENIED', expected: ['address_denied', 'connection_lost'], why: 'egress policy' },
  {
    cell: 'INVOKE_FENCED',
    expected: ['fenced', 'connection_lost'],
    why: 'lease or deadline of the attempt over',
  },
  { cell: 'INVOKE_OVERLOADED', expected: ['circuit_open', 'connection_lost'], why: 'bulkhead is full' },
  { cell: 'INVOKE_DEADLINE', expected: ['connect_failed', 'timeout'], why: 'our total deadline' },
  { cell: 'INVOKE_TOO_LARGE', expected: ['connect_failed', 'too_large'], why: 'more than 5 MiB' },
  { cell: 'INVOKE_BAD_ENCODING', expected: ['connect_failed', 'invalid_response'], why: 'gzip that is none' },
  { cell: 'UND_ERR_HEADERS_OVERFLOW', expected: ['connect_failed', 'invalid_response'], why: 'huge header' },
  { cell: 'INVOKE_NOT_HTTP', expected: ['connect_failed', 'invalid_response'], why: 'not HTTP' },
  {
    cell: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    expected: ['connect_failed', 'connection_lost'],
    why: 'cut',
  },
  { cell: 'DEPTH_ZERO_SELF_SIGNED_CERT', expected: ['tls', 'connection_lost'], why: 'self-signed' },
  { cell: 'CERT_HAS_EXPIRED', expected: ['tls', 'connection_lost'], why: 'expired' },
  { cell: 'ERR_TLS_CERT_ALTNAME_INVALID', expected: ['tls', 'connection_lost'], why: 'wrong host' },
  {
    cell: 'ERR_SSL_WRONG_VERSION_NUMBER',
    expected: ['tls', 'connection_lost'],
    why: 'plain http on an https port',
  },
  { cell: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', expected: ['tls', 'connection_lost'], why: 'unknown issuer' },
  { cell: 'EPROTO', expected: ['tls', 'connection_lost'], why: 'handshake' },
  { cell: 'toString', expected: ['connect_failed', 'connection_lost'], why: 'names are own properties only' },
  { cell: null, expected: ['connect_failed', 'connection_lost'], why: 'an error without a code' },
];

describe('classifyTransportFailure', () => {
  test.each(CELLS)('$cell: $why', ({ cell, expected }) => {
    const reasons = [false, true].map(
      (written) => classifyTransportFailure({ written, code: cell, message: 'm' }).reason,
    );
    expect(reasons).toEqual(expected);
  });

  test('sent is whether the request had been written, whatever the error says', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.option(fc.string()), fc.string(), (written, code, message) => {
        expect(classifyTransportFailure({ written, code, message }).sent).toBe(written);
      }),
    );
  });

  test('messages are one bounded line', () => {
    const { message } = classifyTransportFailure({
      written: true,
      code: null,
      message: `boom\u202e${'x'.repeat(500)}\n    at secret (/srv/app.js:1:1)`,
    });
    expect(message).toBe(`boom${'x'.repeat(296)}...`);
  });
});
