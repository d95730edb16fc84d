import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToolInvoker } from '@invoke/core/ports';
import * as faulty from './support/faulty-server.js';
import { KINDS, serveFaulty, type Fault, type Kind } from './support/faulty-server.js';
import { openInvoker } from './support/invoker.js';
import { aCall, http, mcp } from './support/tool-call.js';

/** For faults that only time ends; the others have all the time of a busy machine. */
const SHORT_MS = 300;

interface Cell {
  readonly cell: string;
  readonly fault: Fault;
  readonly giveUpAfterMs?: number;
  readonly http: object;
  /** Where MCP differs. */
  readonly mcp?: object;
  readonly kinds?: readonly Kind[];
}

const failed = (reason: string, sent = true) => ({ kind: 'failure', sent, reason });
const answered = (status: number | null, more: object = {}) => ({
  kind: 'answer',
  status,
  isError: false,
  ...more,
});
const MCP_KINDS = ['bare', 'legacy', 'modern'] as const;
const STATELESS = ['http', 'bare', 'modern'] as const;

const CELLS: readonly Cell[] = [
  {
    cell: 'success',
    fault: faulty.succeed,
    http: answered(200, { value: { ok: true } }),
    mcp: answered(null),
  },
  { cell: 'reset before any byte', fault: faulty.reset, http: failed('connection_lost') },
  { cell: 'closed before any byte', fault: faulty.hangUp, http: failed('connection_lost') },
  { cell: 'reset after the headers', fault: faulty.resetAfterHeaders, http: failed('connection_lost') },
  { cell: 'cut off in good order', fault: faulty.cutOff, http: failed('connection_lost') },
  { cell: 'silence', fault: faulty.silence, giveUpAfterMs: SHORT_MS, http: failed('timeout') },
  { cell: 'drip', fault: faulty.drip, giveUpAfterMs: SHORT_MS, http: failed('timeout') },
  {
    cell: 'JSON cut short',
    fault: faulty.answerRaw('application/json', '{"jsonrpc":"2.0","id":1,"resu'),
    http: failed('invalid_response'),
  },
  {
    cell: 'JSON too deep',
    fault: faulty.answerRaw('application/json', '['.repeat(100_000)),
    http: failed('invalid_response'),
  },
  {
    cell: 'not UTF-8',
    fault: faulty.answerRaw('application/json', Buffer.from([0x22, 0xff, 0x22])),
    http: failed('invalid_response'),
  },
  {
    cell: 'HTML',
    fault: faulty.answerRaw('text/html', '<p>hi</p>'),
    http: answered(200),
    mcp: failed('invalid_response'),
  },
  { cell: '200 MB', fault: faulty.flood, http: failed('too_large') },
  { cell: 'gzip bomb', fault: faulty.gzipBomb, http: failed('too_large') },
  {
    cell: 'fifty encodings',
    fault: faulty.answerRaw('application/json', '{}', {
      'content-encoding': Array(50).fill('gzip').join(', '),
    }),
    http: failed('invalid_response'),
  },
  {
    cell: 'header of 100 KB',
    fault: faulty.answerRaw('application/json', '{}', { 'x-big': 'x'.repeat(100_000) }),
    http: failed('invalid_response'),
  },
  {
    cell: 'not HTTP',
    fault: ({ socket }) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
    http: failed('invalid_response'),
  },
  { cell: 'redirect', fault: faulty.answerStatus(307, { location: '/elsewhere' }), http: failed('redirect') },
  { cell: '401', fault: faulty.answerStatus(401), http: answered(401) },
  { cell: '403', fault: faulty.answerStatus(403), http: answered(403) },
  { cell: '404', fault: faulty.answerStatus(404), http: answered(404), kinds: STATELESS },
  {
    cell: '404 in a session says that the session is gone',
    fault: faulty.answerStatus(404),
    http: failed('connect_failed', false),
    kinds: ['legacy'],
  },
  { cell: '408', fault: faulty.answerStatus(408), http: answered(408) },
  { cell: '421, which fetch would send again', fault: faulty.answerStatus(421), http: answered(421) },
  { cell: '429', fault: faulty.answerStatus(429), http: answered(429) },
  { cell: '500', fault: faulty.answerStatus(500), http: answered(500) },
  { cell: '502', fault: faulty.answerStatus(502), http: answered(502) },
  { cell: '503', fault: faulty.answerStatus(503, { 'retry-after': '0' }), http: answered(503) },
  { cell: '202', fault: faulty.answerStatus(202), http: answered(202), mcp: failed('invalid_response') },
  {
    cell: '-32601',
    fault: faulty.answerError(-32601),
    http: {},
    mcp: { kind: 'rpc_error', code: -32601 },
    kinds: MCP_KINDS,
  },
  {
    cell: '-32602',
    fault: faulty.answerError(-32602),
    http: {},
    mcp: { kind: 'rpc_error', code: -32602 },
    kinds: MCP_KINDS,
  },
  {
    cell: '-32603',
    fault: faulty.answerError(-32603),
    http: {},
    mcp: { kind: 'rpc_error', code: -32603 },
    kinds: MCP_KINDS,
  },
  {
    cell: 'isError',
    fault: faulty.answerWith({ content: [], isError: true }),
    http: {},
    mcp: answered(null, { isError: true }),
    kinds: MCP_KINDS,
  },
  {
    cell: 'output that does not fit its schema',
    fault: faulty.answerWith({ content: [], structuredContent: { id: 7 } }),
    http: {},
    mcp: answered(null, { value: expect.objectContaining({ structuredContent: { id: 7 } }) }),
    kinds: MCP_KINDS,
  },
  { cell: 'wrong id', fault: faulty.wrongId, http: {}, mcp: failed('invalid_response'), kinds: MCP_KINDS },
  {
    cell: 'dropped event stream',
    fault: faulty.dropStream,
    http: {},
    mcp: failed('connection_lost'),
    kinds: MCP_KINDS,
  },
  {
    cell: 'event stream without an answer',
    fault: faulty.endStream,
    http: {},
    mcp: failed('connection_lost'),
    kinds: MCP_KINDS,
  },
];

/** What a server that honours `sent: false` for a call that arrived says: read, and refused as a whole. */
const REFUSED_UNREAD = ['404 in a session says that the session is gone'];

describe('faults after the call has arrived', () => {
  let invoker: ToolInvoker;
  beforeAll(() => {
    invoker = openInvoker();
  });
  afterAll(() => invoker.close());

  const rows = CELLS.flatMap((cell) =>
    (cell.kinds ?? KINDS).map((kind) => ({
      ...cell,
      kind,
      expected: kind === 'http' ? cell.http : (cell.mcp ?? cell.http),
    })),
  );
  const card = { output_schema: { type: 'object', properties: { id: { type: 'string' } } } };

  test.concurrent.each(rows)(
    '$kind: $cell',
    async ({ kind, cell, fault, expected, giveUpAfterMs = 15_000 }) => {
      await using server = await serveFaulty(kind, fault);
      const reply = await invoker.invoke(aCall(server.binding, { giveUpAfterMs, card }));
      expect(reply).toMatchObject(expected);
      /* One call, one effect: nothing was sent a second time. */
      expect(server.effects()).toBe(1);
      if (!REFUSED_UNREAD.includes(cell)) expect(reply).not.toMatchObject({ kind: 'failure', sent: false });
    },
  );
});

describe('faults before the call can be sent', () => {
  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  test.each([
    {
      cell: 'http: nobody listens',
      binding: async () => http(`http://127.0.0.1:${await closedPort()}/`),
      reason: 'connection_refused',
    },
    {
      cell: 'mcp: nobody listens',
      binding: async () => mcp(`http://127.0.0.1:${await closedPort()}/mcp`),
      reason: 'connection_refused',
    },
    {
      cell: 'http: no such name',
      binding: async () => http('http://does-not-exist.invalid/'),
      reason: 'dns',
    },
    {
      cell: 'mcp: no such name',
      binding: async () => mcp('http://does-not-exist.invalid/mcp'),
      reason: 'dns',
    },
    {
      cell: 'http: private address',
      binding: async () => http('http://10.0.0.1/'),
      reason: 'address_denied',
    },
    {
      cell: 'mcp: metadata address',
      binding: async () => mcp('http://169.254.169.254/mcp'),
      reason: 'address_denied',
    },
    {
      cell: 'http: placeholder',
      binding: async () => http('https://replace-with-your-host/x'),
      reason: 'not_configured',
    },
    {
      cell: 'mcp: placeholder',
      binding: async () => mcp('replace-with-your-mcp-url'),
      reason: 'not_configured',
    },
    { cell: 'mcp: no URL', binding: async () => mcp('mcp.example.com'), reason: 'not_configured' },
    {
      cell: 'a secret that is not set',
      binding: async () => http('http://127.0.0.1:9/', { secret_headers: { a: 'INVOKE_SECRET_A' } }),
      reason: 'not_configured',
    },
    {
      cell: 'a header that undici refuses',
      binding: async () => http('http://127.0.0.1:9/', { headers: { 'x-a': 'b\r\nc: d' } }),
      reason: 'internal',
    },
    {
      cell: 'a built-in that is not there',
      binding: async () => ({ kind: 'builtin', handler: 'none' }) as const,
      reason: 'not_configured',
    },
  ])('$cell: $reason', async ({ binding, reason }) => {
    await using invoker = openInvoker();
    const reply = await invoker.invoke(aCall(await binding(), { giveUpAfterMs: 3_000 }));
    expect(reply).toMatchObject({ kind: 'failure', sent: false, reason });
  });

  test('params that do not fit into the URL are refused before anything is sent', async () => {
    await using invoker = openInvoker();
    const reply = await invoker.invoke(aCall(http('http://127.0.0.1:9/{id}'), { params: { id: '..' } }));
    expect(reply).toMatchObject({ kind: 'failure', sent: false, reason: 'invalid_params' });
  });
});
