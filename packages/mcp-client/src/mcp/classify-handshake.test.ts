import type { FailureReason } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { classifyHandshake } from './classify-handshake.js';
import type { RpcOutcome } from './post-rpc.js';

const http = (status: number): RpcOutcome => ({
  kind: 'http',
  head: { status, headers: {} },
  bytes: new Uint8Array(0),
});
const message = (session?: string): RpcOutcome => ({
  kind: 'message',
  head: { status: 200, headers: session === undefined ? {} : { 'mcp-session-id': session } },
  message: { kind: 'error', code: -32601, message: 'm', data: undefined },
});
const failed = (reason: FailureReason, sent: boolean): RpcOutcome => ({
  kind: 'failure',
  sent,
  reason,
  message: 'm',
});
const failure = (reason: FailureReason) => ({ kind: 'failure', sent: false, reason });
const bare = { kind: 'bare', sessionId: null };

const CELLS = [
  {
    cell: 'refused',
    method: 'server/discover',
    outcome: failed('connection_refused', false),
    expected: failure('connection_refused'),
  },
  {
    cell: 'no such name',
    method: 'server/discover',
    outcome: failed('dns', false),
    expected: failure('dns'),
  },
  {
    cell: 'denied',
    method: 'server/discover',
    outcome: failed('address_denied', false),
    expected: failure('address_denied'),
  },
  {
    cell: 'bad certificate',
    method: 'server/discover',
    outcome: failed('tls', false),
    expected: failure('tls'),
  },
  {
    cell: 'reset after the handshake was written',
    method: 'initialize',
    outcome: failed('connection_lost', true),
    expected: failure('connect_failed'),
  },
  {
    cell: 'silence',
    method: 'server/discover',
    outcome: failed('timeout', true),
    expected: failure('connect_failed'),
  },
  {
    cell: 'a huge answer',
    method: 'initialize',
    outcome: failed('too_large', true),
    expected: failure('connect_failed'),
  },
  { cell: '401', method: 'server/discover', outcome: http(401), expected: { kind: 'refused' } },
  { cell: '403', method: 'initialize', outcome: http(403), expected: { kind: 'refused' } },
  { cell: 'redirect', method: 'initialize', outcome: http(308), expected: failure('redirect') },
  { cell: '429', method: 'initialize', outcome: http(429), expected: failure('connect_failed') },
  { cell: '502', method: 'server/discover', outcome: http(502), expected: failure('connect_failed') },
  { cell: '503', method: 'initialize', outcome: http(503), expected: failure('connect_failed') },
  { cell: 'HTML', method: 'server/discover', outcome: http(200), expected: failure('invalid_response') },
  { cell: '404 to initialize', method: 'initialize', outcome: http(404), expected: bare },
  { cell: '405 to initialize', method: 'initialize', outcome: http(405), expected: bare },
  { cell: '500 to initialize', method: 'initialize', outcome: http(500), expected: bare },
  { cell: '501 to initialize', method: 'initialize', outcome: http(501), expected: bare },
  { cell: '-32601 to initialize', method: 'initialize', outcome: message(), expected: bare },
  {
    cell: 'a result that the SDK refused',
    method: 'initialize',
    outcome: message('s1'),
    expected: { kind: 'bare', sessionId: 's1' },
  },
  {
    cell: 'no common revision',
    method: 'server/discover',
    outcome: message(),
    expected: failure('connect_failed'),
  },
] as const;

describe('classifyHandshake', () => {
  test.each(CELLS)('$cell', ({ method, outcome, expected }) => {
    expect(classifyHandshake({ method, outcome }, new Error('x'))).toMatchObject(expected);
  });

  test('without a step it is our own fault', () => {
    expect(classifyHandshake(null, new Error('broken'))).toEqual({
      kind: 'failure',
      sent: false,
      reason: 'internal',
      message: 'broken',
    });
  });
});
