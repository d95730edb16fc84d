import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAssets } from '../build-assets.js';
import { createWorkplace } from './fixtures/test-io.js';

const assets = join(import.meta.dirname, '../node_modules', '.test-template-assets');
beforeAll(() => buildAssets(assets));
afterAll(() => rm(assets, { recursive: true, force: true }));

type Json = Record<string, unknown>;

interface TemplateServer extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** Any JSON-RPC request; the answer's status and body. */
  rpc(body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: Json }>;
  /** tools/call. */
  call(name: string, params: Json, key?: string): Promise<Json>;
}

/** A template's server as `node server.ts` runs it. */
async function startTemplate(template: string, env: Record<string, string> = {}): Promise<TemplateServer> {
  const place = await createWorkplace({ assets });
  await place.invoke(['init', 'p', '--template', template]);
  const folder = join(place.cwd, 'p');
  const port = await freePort();
  const child = spawn(process.execPath, ['server.ts'], { cwd: folder, env: { ...env, PORT: String(port) } });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`exit code ${code}`)));
  });
  const rpc: TemplateServer['rpc'] = (body, headers = {}) =>
    post(port, typeof body === 'string' ? body : JSON.stringify(body), headers);
  return {
    folder,
    port,
    rpc,
    async call(name, params, key) {
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: params } };
      return (await rpc(message, headers)).body;
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await place[Symbol.asyncDispose]();
    },
  };
}

/** By node:http, as fetch would not send a Host of our choice. */
function post(
  port: number,
  body: string,
  headers: Record<string, string>,
  method = 'POST',
): Promise<{ status: number; body: Json }> {
  return new Promise((resolve, reject) => {
    const message = request(
      {
        port,
        host: '127.0.0.1',
        path: '/mcp',
        method,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as Json) }),
        );
      },
    );
    message.once('error', reject);
    message.end(method === 'GET' ? undefined : body);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const structured = (answer: Json) => (answer['result'] as Json)['structuredContent'];

describe('the protocol', () => {
  const rows: {
    cell: string;
    body: unknown;
    headers?: Record<string, string>;
    status: number;
    answer: object;
  }[] = [
    {
      cell: 'initialize',
      body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } },
      status: 200,
      answer: {
        jsonrpc: '2.0',
        id: 1,
        result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'p' } },
      },
    },
    {
      cell: 'initialize with a version from the future',
      body: { jsonrpc: '2.0', id: 'a', method: 'initialize', params: { protocolVersion: '2099-01-01' } },
      status: 200,
      answer: { id: 'a', result: { protocolVersion: '2025-11-25' } },
    },
    {
      cell: 'a notification',
      body: { jsonrpc: '2.0', method: 'notifications/initialized' },
      status: 202,
      answer: {},
    },
    {
      cell: 'ping',
      body: { jsonrpc: '2.0', id: 2, method: 'ping' },
      status: 200,
      answer: { id: 2, result: {} },
    },
    {
      cell: 'tools/list',
      body: { jsonrpc: '2.0', id: 3, method: 'tools/list' },
      status: 200,
      answer: {
        result: { tools: [{ name: 'echo', inputSchema: { type: 'object', required: ['message'] } }] },
      },
    },
    {
      cell: 'tools/call',
      body: {
        jsonrpc: '2.0',
        id: 4,
        method: 'tools/call',
        params: { name: 'echo', arguments: { message: 'hi' } },
      },
      status: 200,
      answer: {
        id: 4,
        result: {
          content: [{ type: 'text', text: '{"message":"hi"}' }],
          structuredContent: { message: 'hi' },
        },
      },
    },
    {
      cell: 'a call that the tool refuses',
      body: { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'echo', arguments: {} } },
      status: 200,
      answer: { result: { isError: true, content: [{ type: 'text', text: 'message must be a text' }] } },
    },
    {
      cell: 'an unknown tool',
      body: { jsonrpc: '2.0', id: 6, method: 'tools/call', params: { name: 'nope' } },
      status: 200,
      answer: { error: { code: -32602 } },
    },
    {
      cell: 'an unknown method',
      body: { jsonrpc: '2.0', id: 7, method: 'nope' },
      status: 200,
      answer: { error: { code: -32601 } },
    },
    { cell: 'no JSON', body: '{', status: 400, answer: { error: { code: -32700 } } },
    { cell: 'no JSON-RPC', body: { hello: 1 }, status: 400, answer: { error: { code: -32600 } } },
    {
      cell: 'too large',
      body: JSON.stringify({ x: 'x'.repeat(1_048_576) }),
      status: 400,
      answer: { error: { code: -32700 } },
    },
    {
      cell: 'a page of another origin',
      body: {},
      headers: { origin: 'http://evil.example' },
      status: 403,
      answer: {},
    },
    {
      cell: 'a host name that leads here',
      body: {},
      headers: { host: 'evil.example' },
      status: 403,
      answer: {},
    },
  ];

  test('cell by cell', async () => {
    await using server = await startTemplate('default');
    for (const { cell, body, headers, status, answer } of rows) {
      const seen = await server.rpc(body, headers);
      expect(seen, cell).toMatchObject({ status, body: answer });
    }
    expect((await post(server.port, '', {}, 'GET')).status).toBe(405);
  });
});

describe('crm-guardrail', () => {
  test('changes one customer, and a key once', async () => {
    await using server = await startTemplate('crm-guardrail');
    const params = { customer_id: 'cust_123', account_status: 'review', note: 'called' };
    const first = await server.call('crm_update_customer', params, 'k1');
    expect(structured(first)).toMatchObject({
      customer: { account_status: 'review', note: 'called' },
      changed: ['account_status', 'note'],
    });
    // Somebody else changes it back; the same key does not change it again, and hears what it did.
    await server.call('crm_update_customer', { customer_id: 'cust_123', account_status: 'active' }, 'k2');
    expect(await server.call('crm_update_customer', params, 'k1')).toEqual(first);
    expect(structured(await server.call('crm_get_customer', { customer_id: 'cust_123' }))).toMatchObject({
      customer: { account_status: 'active', note: 'called' },
    });
    const file = JSON.parse(await readFile(join(server.folder, 'data', 'crm.json'), 'utf8')) as Json;
    expect(Object.keys(file['done'] as Json)).toEqual(['k1', 'k2']);
  });

  test('calls at the same time do not lose each other', async () => {
    await using server = await startTemplate('crm-guardrail');
    const calls = Array.from({ length: 10 }, (_, n) =>
      server.call(
        'crm_update_customer',
        { customer_id: n % 2 === 0 ? 'cust_123' : 'cust_456', note: `n${n}` },
        `k${n}`,
      ),
    );
    await Promise.all(calls);
    const file = JSON.parse(await readFile(join(server.folder, 'data', 'crm.json'), 'utf8')) as Json;
    expect(Object.keys(file['done'] as Json)).toHaveLength(10);
  });

  test('what it does not do, it says', async () => {
    await using server = await startTemplate('crm-guardrail');
    const rows = [
      { params: { customer_id: 'cust_999' }, says: 'there is no customer cust_999' },
      { params: { customer_id: '__proto__' }, says: 'there is no customer __proto__' },
      { params: { customer_id: 'cust_123', account_status: 'gone' }, says: 'account_status must be one of' },
      { params: {}, says: 'customer_id must be a text' },
    ];
    for (const { params, says } of rows) {
      const { result } = await server.call('crm_update_customer', params);
      expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining(says) }] });
    }
  });
});

describe('linear', () => {
  /** Linear's API as far as issues go: an id can be used once. */
  async function startLinear(loseAnswer: { next: boolean }) {
    const issues = new Map<string, Json>();
    const server = createServer(async (req, res): Promise<void> => {
      let text = '';
      for await (const chunk of req) text += String(chunk);
      const { query, variables } = JSON.parse(text) as {
        query: string;
        variables: { id: string; input: Json };
      };
      const answer = (body: object): void => void res.end(JSON.stringify(body));
      if (req.headers.authorization !== 'lin_key')
        return answer({ errors: [{ message: 'Authentication required' }] });
      if (query.startsWith('query')) return answer({ data: { issue: issues.get(variables.id) ?? null } });
      const id = String(variables.input['id']);
      if (issues.has(id)) return answer({ errors: [{ message: 'Entity with this id exists already' }] });
      const issue = {
        id,
        identifier: `ENG-${issues.size + 1}`,
        title: variables.input['title'],
        url: 'https://linear.example/1',
      };
      issues.set(id, issue);
      if (!loseAnswer.next) return answer({ data: { issueCreate: { success: true, issue } } });
      loseAnswer.next = false;
      return void res.socket?.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}/graphql`,
      issues,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test('one key is one issue, also when the answer was lost', async () => {
    const loseAnswer = { next: true };
    await using linear = await startLinear(loseAnswer);
    await using server = await startTemplate('linear', {
      LINEAR_API_URL: linear.url,
      LINEAR_API_KEY: 'lin_key',
      LINEAR_TEAM_ID: 'team_1',
    });
    const params = { title: 'Investigate webhook drift' };
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'linear_create_issue', arguments: params },
    };
    const lost = await server.rpc(message, { 'idempotency-key': 'k1' });
    // Nobody can tell: no refusal, but an error of the server.
    expect(lost.status).toBe(500);
    const again = await server.call('linear_create_issue', params, 'k1');
    expect(structured(again)).toMatchObject({
      issue: { identifier: 'ENG-1', title: 'Investigate webhook drift' },
    });
    expect(linear.issues.size).toBe(1);
    const [id = ''] = linear.issues.keys();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await server.call('linear_create_issue', params, 'k2');
    expect(linear.issues.size).toBe(2);
  });

  test('what Linear refuses is told as a refusal', async () => {
    await using linear = await startLinear({ next: false });
    await using server = await startTemplate('linear', {
      LINEAR_API_URL: linear.url,
      LINEAR_API_KEY: 'wrong',
      LINEAR_TEAM_ID: 't',
    });
    const { result } = (await server.call('linear_create_issue', { title: 'x' }, 'k')) as { result: Json };
    expect(result).toMatchObject({ isError: true, content: [{ text: 'Linear: Authentication required' }] });
  });

  test('without a key it says what to do', async () => {
    await using server = await startTemplate('linear', { LINEAR_TEAM_ID: 't' });
    const { result } = (await server.call('linear_create_issue', { title: 'x' })) as { result: Json };
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('LINEAR_API_KEY is not set') }],
    });
  });
});
