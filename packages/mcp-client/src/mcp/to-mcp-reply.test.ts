import { describe, expect, test } from 'vitest';
import type { Era } from './connection.js';
import type { RpcOutcome } from './post-rpc.js';
import { parseRpcMessage } from './rpc-message.js';
import { toMcpReply } from './to-mcp-reply.js';

const head = (status: number, type = 'application/json') => ({ status, headers: { 'content-type': type } });
const result = (json: string): RpcOutcome => ({
  kind: 'message',
  head: head(200),
  message: parseRpcMessage(`{"jsonrpc":"2.0","id":1,"result":${json}}`, 1),
});
const error = (code: number, message = 'm', data?: unknown): RpcOutcome => ({
  kind: 'message',
  head: head(200),
  message: { kind: 'error', code, message, data },
});
const http = (status: number, body: unknown = null, type = 'application/json'): RpcOutcome => ({
  kind: 'http',
  head: head(status, type),
  bytes: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const rpcBody = (code: number, message = 'm') => ({ jsonrpc: '2.0', id: null, error: { code, message } });

interface Cell {
  readonly cell: string;
  readonly outcome: RpcOutcome;
  readonly facts?: { readonly era: Era; readonly hasSession: boolean };
  readonly expected: object;
  readonly reconnect?: boolean;
}

const MODERN = { era: 'modern', hasSession: false } as const;
const SESSION = { era: 'legacy', hasSession: true } as const;
const answer = { kind: 'answer', status: null, isError: false };
const gone = { kind: 'failure', sent: false, reason: 'connect_failed' };
const invalid = { kind: 'failure', sent: true, reason: 'invalid_response' };

const CELLS: readonly Cell[] = [
  {
    cell: 'a result, its text as received',
    outcome: result('{"content":[],"n":12345678901234567890}'),
    expected: { ...answer, text: '{"content":[],"n":12345678901234567890}' },
  },
  {
    cell: 'a bare result',
    outcome: result('{"customer_id":"c"}'),
    expected: { ...answer, value: { customer_id: 'c' } },
  },
  { cell: 'a bare list', outcome: result('[1,2]'), expected: { ...answer, text: '[1,2]', value: [1, 2] } },
  {
    cell: 'isError',
    outcome: result('{"content":[],"isError":true}'),
    expected: { ...answer, isError: true },
  },
  { cell: 'isError that is not true', outcome: result('{"isError":"true"}'), expected: answer },
  {
    cell: 'status_code of a wrapper',
    outcome: result('{"status_code":502,"body":{}}'),
    expected: { ...answer, status: 502 },
  },
  {
    cell: 'status_code in structuredContent',
    outcome: result('{"content":[],"structuredContent":{"status_code":404}}'),
    expected: { ...answer, status: 404 },
  },
  { cell: 'status_code that is none', outcome: result('{"status_code":"200"}'), expected: answer },
  { cell: 'status_code out of range', outcome: result('{"status_code":7}'), expected: answer },
  {
    cell: 'a complete result',
    outcome: result('{"resultType":"complete","content":[]}'),
    facts: MODERN,
    expected: answer,
  },
  {
    cell: 'a tool that asks for more input has not done it',
    outcome: result('{"resultType":"input_required"}'),
    facts: MODERN,
    expected: { ...answer, isError: true },
  },
  {
    cell: 'an unknown kind of result',
    outcome: result('{"resultType":"task","taskId":"t"}'),
    facts: MODERN,
    expected: invalid,
  },
  {
    cell: 'a field of that name in an old result is data',
    outcome: result('{"resultType":"table"}'),
    expected: answer,
  },

  ...[
    'MCP error -32602: Output validation error: Invalid structured content for tool pay: [...]',
    'Output validation error: Tool pay has an output schema but no structured content was provided',
    'Output validation error: outputSchema defined but no structured output returned',
    'Invalid structured content for tool pay: [...]',
  ].map((text) => ({
    cell: `a server that says of a tool that has run: ${text}`,
    outcome: result(JSON.stringify({ isError: true, content: [{ type: 'text', text }] })),
    expected: invalid,
  })),
  {
    cell: 'a tool that talks of output, and has not failed',
    outcome: result('{"content":[{"type":"text","text":"Output validation error: none"}]}'),
    expected: answer,
  },
  {
    cell: 'params that the server refused, said as an error of the tool',
    outcome: result(
      '{"isError":true,"content":[{"type":"text","text":"MCP error -32602: Input validation error: x"}]}',
    ),
    expected: { ...answer, isError: true },
  },
  {
    cell: '-32602',
    outcome: error(-32602, 'bad amount'),
    expected: { kind: 'rpc_error', code: -32602, message: 'bad amount' },
  },
  {
    cell: '-32601: the server may have been replaced',
    outcome: error(-32601),
    expected: { kind: 'rpc_error', code: -32601 },
    reconnect: true,
  },
  {
    cell: '-32601 of a wrapper that says that it may be retried',
    outcome: error(-32601, 'not ready', { retryable: true }),
    expected: { kind: 'rpc_error', code: -32601, message: 'not ready', retryable: true },
    reconnect: true,
  },
  {
    cell: '-32603',
    outcome: error(-32603, 'boom\n  at /srv/x.js'),
    expected: { kind: 'rpc_error', code: -32603, message: 'boom' },
  },
  {
    cell: '-32022 with 200 is any other error',
    outcome: error(-32022),
    facts: MODERN,
    expected: { kind: 'rpc_error', code: -32022 },
  },
  {
    cell: '400 with -32022 from an old server is any other error',
    outcome: http(400, rpcBody(-32022)),
    facts: SESSION,
    expected: { kind: 'answer', status: 400 },
    reconnect: true,
  },
  {
    cell: '400 with -32600 is a 400',
    outcome: http(400, rpcBody(-32600)),
    facts: MODERN,
    expected: { kind: 'answer', status: 400 },
    reconnect: true,
  },
  {
    cell: '400 in words of the tool about some session',
    outcome: http(400, rpcBody(-32000, 'checkout session was captured')),
    facts: SESSION,
    expected: { kind: 'answer', status: 400 },
    reconnect: true,
  },
  {
    cell: 'a message that is no answer',
    outcome: { kind: 'message', head: head(200), message: { kind: 'invalid', message: 'm' } },
    expected: invalid,
  },

  {
    cell: '404 with a session: it is gone',
    outcome: http(404),
    facts: SESSION,
    expected: gone,
    reconnect: true,
  },
  {
    cell: '404 with a session and -32601 is about the method',
    outcome: http(404, rpcBody(-32601)),
    facts: SESSION,
    expected: { kind: 'rpc_error', code: -32601 },
    reconnect: true,
  },
  {
    cell: '404 without a session',
    outcome: http(404, 'no', 'text/plain'),
    expected: { kind: 'answer', status: 404, text: '{"content_type":"text/plain","text":"no"}' },
    reconnect: true,
  },
  {
    cell: '400 about a session, as servers in the wild say it',
    outcome: http(400, rpcBody(-32000, 'Bad Request: No valid session ID provided')),
    facts: SESSION,
    expected: gone,
    reconnect: true,
  },
  {
    cell: '400 about something else',
    outcome: http(400, rpcBody(-32000, 'bad amount')),
    facts: SESSION,
    expected: { kind: 'answer', status: 400 },
    reconnect: true,
  },
  {
    cell: '400 about a session that we do not have',
    outcome: http(400, rpcBody(-32000, 'no session')),
    expected: { kind: 'answer', status: 400 },
    reconnect: true,
  },
  {
    cell: '400 with -32020',
    outcome: http(400, rpcBody(-32020)),
    facts: MODERN,
    expected: gone,
    reconnect: true,
  },
  {
    cell: '400 with -32602',
    outcome: http(400, rpcBody(-32602, 'x')),
    facts: MODERN,
    expected: { kind: 'rpc_error', code: -32602 },
    reconnect: true,
  },
  {
    cell: '401',
    outcome: http(401, { error: 'who' }),
    expected: { kind: 'answer', status: 401, value: { error: 'who' } },
  },
  {
    cell: '403 with a JSON-RPC body stays 403',
    outcome: http(403, rpcBody(-32001)),
    expected: { kind: 'answer', status: 403 },
  },
  { cell: '429', outcome: http(429, 'slow', 'text/plain'), expected: { kind: 'answer', status: 429 } },
  {
    cell: '500 with a JSON-RPC body stays 500: nothing is certain',
    outcome: http(500, rpcBody(-32601)),
    expected: { kind: 'answer', status: 500 },
  },
  { cell: '503 with broken JSON', outcome: http(503, '<html>'), expected: { kind: 'answer', status: 503 } },
  { cell: 'a redirect', outcome: http(307), expected: { kind: 'failure', sent: true, reason: 'redirect' } },
  { cell: '202 to a call', outcome: http(202, ''), expected: invalid },
  { cell: 'HTML', outcome: http(200, '<html>', 'text/html'), expected: invalid },
];

describe('toMcpReply', () => {
  test.each(CELLS)('$cell', ({ outcome, facts, expected, reconnect }) => {
    const reply = toMcpReply(outcome, facts ?? { era: 'legacy', hasSession: false });
    expect(reply.reply).toMatchObject(expected);
    expect(reply.reconnect).toBe(reconnect ?? false);
  });

  test('a failure of the transport stays what it is', () => {
    const failed = { kind: 'failure', sent: true, reason: 'timeout', message: 'm' } as const;
    expect(toMcpReply(failed, SESSION)).toEqual({ reply: failed, reconnect: false });
  });
});
