import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { GATEWAY_VERSION } from '../../src/mcp/handshake.js';
import {
  APPROVER,
  CALL_ONLY,
  FULL,
  openGateway,
  SCOPED,
  TENANT_B,
  type TestGateway,
} from '../support/gateway.js';
import { register } from '../support/register.js';
import { legacy, MODERN, modern, told, type RpcAnswer } from '../support/rpc.js';
import { openToolServer, type ToolServer } from '../support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
/** The key of one who may look at tools and call none. */
let looker: string;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([
    openGateway({ INVOKE_ALLOWED_ORIGINS: 'https://app.example' }),
    openToolServer(),
  ]);
  await register(gateway, 'pay', `${tools.url}/ok`);
  const made = await gateway.request('POST', '/v1/keys', { body: { name: 'looks', scopes: ['tools:read'] } });
  looker = String(made.body['secret']);
  await register(gateway, 'read_state', `${tools.url}/state`, { effect: 'read' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const raw = (body: unknown, headers: Record<string, string> = {}, key?: string | null) =>
  gateway.request('POST', '/mcp', { body, headers, ...(key === undefined ? {} : { key }) });
const PAY = { name: 'pay', arguments: {} };

describe('the handshake of older revisions', () => {
  test.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2025-03-26', '2025-03-26'],
    ['2024-11-05', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('%s is answered with %s, and with no session', async (protocolVersion, spoken) => {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const answer = await legacy(gateway, 'initialize', params, { headers: { 'Mcp-Session-Id': 'guess' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect(answer.result).toMatchObject({
      protocolVersion: spoken,
      capabilities: { tools: {} },
      serverInfo: { name: 'invoke', version: manifest.version },
    });
    expect(GATEWAY_VERSION).toBe(manifest.version);
  });

  test('nothing has to come before a call, and nothing is said to what needs no answer', async () => {
    expect((await legacy(gateway, 'ping')).result).toEqual({});
    for (const message of [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      { jsonrpc: '2.0', id: 1, result: {} },
    ]) {
      const answer = await raw(message);
      expect([answer.status, answer.text]).toEqual([202, '']);
    }
  });

  test('answers carry nothing that only the stateless revision knows', async () => {
    const { result } = await legacy(gateway, 'tools/list');
    expect(Object.keys(result)).toEqual(['tools']);
  });
});

describe('the stateless revision', () => {
  test('says what it is, by server/discover and in every result', async () => {
    const { result } = await modern(gateway, 'server/discover');
    expect(result).toMatchObject({
      resultType: 'complete',
      supportedVersions: [MODERN],
      capabilities: { tools: {} },
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'invoke' } },
    });
    expect((await modern(gateway, 'tools/list')).result).toMatchObject({
      resultType: 'complete',
      cacheScope: 'private',
      ttlMs: 30_000,
    });
  });

  const VERSION = 'io.modelcontextprotocol/protocolVersion';
  const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
  interface Cell {
    readonly cell: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly meta?: object;
    readonly params?: object;
    readonly expected: readonly [status: number, code: number];
  }
  const CELLS: readonly Cell[] = [
    {
      cell: 'an unknown version',
      meta: { [VERSION]: 'v9' },
      headers: { 'MCP-Protocol-Version': 'v9' },
      expected: [400, -32022],
    },
    {
      cell: 'an old version that claims to be stateless',
      meta: { [VERSION]: '2025-11-25' },
      headers: { 'MCP-Protocol-Version': '2025-11-25' },
      expected: [400, -32022],
    },
    {
      cell: 'another version in the header',
      headers: { 'MCP-Protocol-Version': '2099-01-01' },
      expected: [400, -32020],
    },
    { cell: 'a version that is no text', meta: { [VERSION]: 1 }, expected: [400, -32602] },
    { cell: 'no capabilities', meta: { [CAPABILITIES]: undefined }, expected: [400, -32602] },
    { cell: 'capabilities that are none', meta: { [CAPABILITIES]: [] }, expected: [400, -32602] },
    {
      cell: 'a client that is none',
      meta: { 'io.modelcontextprotocol/clientInfo': 'x' },
      expected: [400, -32602],
    },
    { cell: 'no version in the body', meta: { [VERSION]: undefined }, expected: [400, -32602] },
    {
      cell: 'another method in the header',
      headers: { 'Mcp-Method': 'tools/list' },
      expected: [400, -32020],
    },
    { cell: 'a method of another case', headers: { 'Mcp-Method': 'Tools/Call' }, expected: [400, -32020] },
    { cell: 'another tool in the header', headers: { 'Mcp-Name': 'read_state' }, expected: [400, -32020] },
    { cell: 'another tool, encoded', headers: { 'Mcp-Name': '=?base64?Zm9v?=' }, expected: [400, -32020] },
    {
      cell: 'no Base64 where it is announced',
      headers: { 'Mcp-Name': '=?base64?Zm9?=' },
      expected: [400, -32020],
    },
    { cell: 'no UTF-8 in the Base64', headers: { 'Mcp-Name': '=?base64?/w==?=' }, expected: [400, -32020] },
    { cell: 'an unknown method', method: 'evil/method', expected: [404, -32601] },
    { cell: 'a method that every object has', method: 'constructor', expected: [404, -32601] },
    { cell: 'initialize', method: 'initialize', expected: [404, -32601] },
    { cell: 'ping, which this revision has not', method: 'ping', expected: [404, -32601] },
    {
      cell: 'state that was never given out',
      params: { requestState: 'x', inputResponses: {} },
      expected: [400, -32602],
    },
    { cell: 'arguments that are none', params: { arguments: [] }, expected: [400, -32602] },
    { cell: 'a name that is none', params: { name: 1 }, expected: [400, -32602] },
    { cell: 'a name that is too long', params: { name: 'x'.repeat(257) }, expected: [400, -32602] },
    { cell: 'a tool that there is not', params: { name: 'nothing' }, expected: [200, -32602] },
  ];
  test.each(CELLS)('$cell: $expected', async ({ method = 'tools/call', headers, meta, params, expected }) => {
    const answer = await modern(
      gateway,
      method,
      { ...PAY, ...params },
      {
        id: 'r-7',
        ...(headers === undefined ? {} : { headers }),
        ...(meta === undefined ? {} : { meta }),
      },
    );
    expect([answer.status, answer.error.code]).toEqual(expected);
    expect(answer.body).toMatchObject({ jsonrpc: '2.0', id: 'r-7', error: { message: expect.any(String) } });
    if (answer.error.code === -32022) expect(answer.error.data).toMatchObject({ supported: [MODERN] });
  });

  test.each(['MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name'])('%s must be there', async (name) => {
    const headers: Record<string, string> = {
      'MCP-Protocol-Version': MODERN,
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'pay',
    };
    const { [name]: _, ...others } = headers;
    const _meta = { [VERSION]: MODERN, [CAPABILITIES]: {} };
    const answer = await raw(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...PAY, _meta } },
      others,
    );
    expect(answer).toMatchObject({ status: 400, body: { id: 1, error: { code: -32020 } } });
    expect(answer.text).toContain(`the header ${name} is missing`);
  });

  test('a header may have blanks around it, or be Base64', async () => {
    const name = `=?base64?${Buffer.from('read_state').toString('base64')}?=`;
    for (const header of ['  read_state ', name]) {
      const answer = await modern(
        gateway,
        'tools/call',
        { name: 'read_state' },
        { headers: { 'Mcp-Name': header } },
      );
      expect(answer.result).toMatchObject({ content: [{ type: 'text' }] });
    }
  });

  test('a header of this revision without its body is no older request', async () => {
    const answer = await raw(
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { 'MCP-Protocol-Version': MODERN },
    );
    expect(answer).toMatchObject({ status: 400, body: { error: { code: -32602 } } });
    const greeting = await raw(
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
      { 'MCP-Protocol-Version': MODERN },
    );
    expect(greeting).toMatchObject({ status: 400, body: { error: { code: -32020 } } });
  });
});

describe('what older clients are refused', () => {
  test('unknown versions and methods', async () => {
    const version = await legacy(gateway, 'ping', {}, { headers: { 'MCP-Protocol-Version': '2099-01-01' } });
    expect([version.status, version.error.code]).toEqual([400, -32022]);
    const method = await legacy(gateway, 'logging/setLevel', { level: 'debug' });
    expect([method.status, method.error.code]).toEqual([200, -32601]);
  });
});

test('what is no call is traced like one that POST /call could not read', async () => {
  for (const [params, key, code] of [
    [{ name: 'pay', arguments: [] }, FULL, 'validation_failed'],
    [{ name: 'pay', arguments: [] }, looker, 'insufficient_scope'],
    [{ name: 7 }, FULL, 'validation_failed'],
  ] as const) {
    const answer = await legacy(gateway, 'tools/call', params, { key });
    expect([answer.status, answer.error.code, answer.error.data]).toMatchObject([400, -32602, { code }]);
    const { body } = await gateway.request('GET', '/v1/traces?limit=1');
    expect(body['traces']).toMatchObject([
      {
        trace_id: answer.error.data?.['trace_id'],
        status: code,
        request_id: answer.error.data?.['request_id'],
      },
    ]);
  }
});

describe('what is no message', () => {
  test.each([
    ['no version', { id: 1, method: 'ping' }, 1],
    ['another version', { jsonrpc: '1.0', id: 1, method: 'ping' }, 1],
    ['no method', { jsonrpc: '2.0', id: 1 }, 1],
    ['a method that is none', { jsonrpc: '2.0', id: 1, method: 7 }, 1],
    ['params in an array', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, 1],
    ['no id, but null', { jsonrpc: '2.0', id: null, method: 'ping' }, null],
    ['a broken id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, null],
    ['a call that is to be told nothing', { jsonrpc: '2.0', method: 'tools/call', params: PAY }, null],
    ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'ping' }, null],
  ])('%s', async (_, body, id) => {
    expect(await raw(body)).toMatchObject({
      status: 400,
      body: { jsonrpc: '2.0', id, error: { code: -32600 } },
    });
  });

  test.each([
    ['malformed', '{bad', 400, -32700, 'malformed_json'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, -32700, 'malformed_json'],
    [
      'the same key twice',
      '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
      400,
      -32600,
      'duplicate_json_key',
    ],
    [
      'a number that does not survive',
      '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
      400,
      -32600,
      'number_out_of_range',
    ],
    ['too large', `{"a":"${'x'.repeat(1024 * 1024)}"}`, 413, -32600, 'payload_too_large'],
  ])('%s', async (_, body, status, code, word) => {
    const answer = await raw(body);
    expect(answer).toMatchObject({
      status,
      body: { jsonrpc: '2.0', id: null, error: { code, data: { code: word } } },
    });
  });

  test('another content type', async () => {
    const answer = await raw('{}', { 'Content-Type': 'text/plain' });
    expect(answer).toMatchObject({
      status: 415,
      body: { error: { data: { code: 'unsupported_media_type' } } },
    });
  });
});

describe('who may speak', () => {
  test('without a key: the one 401 of the gateway, whatever the body', async () => {
    for (const [body, key] of [
      [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }, null],
      [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }, 'inv_wrong'],
      ['{bad', null],
    ] as const) {
      const answer = await raw(body, {}, key);
      expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="invoke"');
    }
  });

  test('not from a foreign origin, and from an own one with the headers of the protocol', async () => {
    const foreign = await modern(gateway, 'tools/call', PAY, { headers: { Origin: 'https://evil.example' } });
    expect([foreign.status, foreign.body['code']]).toEqual([403, 'origin_denied']);
    const own = await modern(gateway, 'tools/list', {}, { headers: { Origin: 'https://app.example' } });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const preflight = await gateway.request('OPTIONS', '/mcp', {
      key: null,
      headers: { Origin: 'https://app.example' },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain(
      'MCP-Protocol-Version, Mcp-Method, Mcp-Name',
    );
  });

  test('GET and DELETE are not there, in any revision', async () => {
    for (const method of ['GET', 'DELETE']) {
      for (const path of ['/mcp', '/v1/mcp']) {
        const answer = await gateway.request(method, path);
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      }
    }
  });

  test('a key sees the tools that it may call, and of the others it is not told whether they exist', async () => {
    const names = async (key: string) => {
      const { tools: listed } = (await modern(gateway, 'tools/list', {}, { key })).result as {
        tools: { name: string }[];
      };
      return listed.map((t) => t.name);
    };
    expect(await names(SCOPED)).toEqual(['invoke_get_execution', 'read_state']);
    expect(await names(TENANT_B)).not.toContain('pay');
    const limited = await modern(gateway, 'tools/call', PAY, { key: SCOPED });
    const unknown = await modern(gateway, 'tools/call', { name: 'nothing' }, { key: SCOPED });
    const foreign = await modern(gateway, 'tools/call', PAY, { key: TENANT_B });
    expect(
      [limited.error, unknown.error].map(({ code, message, data }) => [code, message, data?.['code']]),
    ).toEqual([
      [-32602, 'This key may not call this tool.', 'tool_not_allowed'],
      [-32602, 'This key may not call this tool.', 'tool_not_allowed'],
    ]);
    expect(foreign.error).toMatchObject({ code: -32602, data: { code: 'not_found' } });
  });

  test('scopes are asked for as they are elsewhere', async () => {
    const list = await modern(gateway, 'tools/list', {}, { key: CALL_ONLY });
    expect(list).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', missing_scope: 'tools:read' },
    });
    const none = await modern(gateway, 'tools/list', {}, { key: APPROVER });
    expect(none).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    expect((await modern(gateway, 'tools/call', PAY, { key: CALL_ONLY })).result).not.toHaveProperty(
      'isError',
    );
  });

  test('who may only look at tools neither calls one nor sees what became of a call', async () => {
    const key = looker;
    const { result } = await modern(gateway, 'tools/list', {}, { key });
    const names = (result['tools'] as { name: string }[]).map((t) => t.name);
    expect(names).toContain('pay');
    expect(names).not.toContain('invoke_get_execution');
    const read = { name: 'invoke_get_execution', arguments: { execution_id: 'exec_1' } };
    for (const params of [PAY, read]) {
      const answer = await modern(gateway, 'tools/call', params, { key });
      expect([answer.result['isError'], told(answer)]).toMatchObject([
        true,
        { status: 'refused', code: 'insufficient_scope' },
      ]);
    }
  });

  test('a key of an agent that is limited to places says which it is in', async () => {
    const inside = { 'dev.invoke/call': { env: 'dev', workflow: 'market_research' } };
    const read = { name: 'read_state' };
    const without = await modern(gateway, 'tools/call', read, { key: SCOPED });
    expect([without.result['isError'], told(without)]).toMatchObject([
      true,
      { code: 'context_denied', limit: 'env' },
    ]);
    const within = await modern(gateway, 'tools/call', read, { key: SCOPED, meta: inside });
    expect(within.result).not.toHaveProperty('isError');
  });
});

test('answers of callers at the same time are not mixed up, though their ids are the same', async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      modern(
        gateway,
        'tools/call',
        { name: 'invoke_get_execution', arguments: { execution_id: `exec_${n}` } },
        {
          key: n % 2 === 0 ? SCOPED : TENANT_B,
        },
      ),
    ),
  );
  answers.forEach((answer: RpcAnswer, n) =>
    expect(told(answer)['detail']).toBe(`There is no execution "exec_${n}".`),
  );
});

test('a list of many tools comes in pages that fit together, whatever is registered meanwhile', async () => {
  await using many = await openGateway();
  await Promise.all(
    Array.from({ length: 230 }, (_, n) =>
      register(many, `t.${String(n).padStart(3, '0')}`, `${tools.url}/ok`),
    ),
  );
  const page = async (params: object) =>
    (await modern(many, 'tools/list', params)).result as { tools: { name: string }[]; nextCursor?: string };
  const first = await page({});
  expect(first.tools).toHaveLength(200);
  await register(many, 'a.new', `${tools.url}/ok`);
  const second = await page({ cursor: first.nextCursor });
  expect(second.nextCursor).toBeUndefined();
  const names = [...first.tools, ...second.tools].map((t) => t.name);
  expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)));
  expect(names.filter((name) => name.startsWith('t_'))).toHaveLength(230);
  for (const cursor of [
    '',
    'x',
    1,
    Buffer.from('a b').toString('base64url'),
    createHash('sha256').digest('base64url'),
  ]) {
    expect((await modern(many, 'tools/list', { cursor })).error).toMatchObject({ code: -32602 });
  }
});

test('of all this, one call has reached a tool: the only one that was to', () => {
  expect(tools.effects.map((e) => e.path)).toEqual(['/ok']);
});
