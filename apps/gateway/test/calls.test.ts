import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CALL_ONLY, openGateway, SCOPED, TENANT_B, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  const times = { timeout_ms: 400 };
  await register(gateway, 'create_issue', `${tools.url}/ok`, {
    input_schema: {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    },
  });
  await register(gateway, 'read_state', `${tools.url}/state`, { effect: 'read' });
  await register(gateway, 'charge', `${tools.url}/apply-then-reset`, {
    ...times,
    reconcile: {
      state_refetch: { tool: 'read_state', params: {} },
      conditions: { charged: true },
      settle_ms: 100,
    },
  });
  await register(gateway, 'refused', `${tools.url}/status/404`, times);
  await register(gateway, 'broken', `${tools.url}/status/500`, times);
  await register(gateway, 'slow', `${tools.url}/late/300`, times);
  await register(gateway, 'dead', 'http://127.0.0.1:1/x', times);
  await register(gateway, 'crm_update_customer', `${tools.url}/ok`, {
    entities: [{ field: '/customer_id' }],
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});
const call = (body: object, options: Parameters<TestGateway['request']>[2] = {}) =>
  gateway.request('POST', '/v1/call', { body, ...options });

describe('POST /call', () => {
  test('a call is executed, recorded and can be read, under both forms of every path', async () => {
    const answer = await call({ tool: 'create_issue', params: { title: 'a' }, agent_id: 'agent' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ success: true, status: 'completed', result: { path: '/ok' } });
    expect(answer.body['execution_id']).toMatch(/^exec_[0-9a-f]{32}$/);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    for (const prefix of ['', '/v1']) {
      const read = await gateway.request(
        'GET',
        `${prefix}/executions/${String(answer.body['execution_id'])}`,
      );
      expect(read.body['execution']).toMatchObject({
        status: 'completed',
        tool: 'create_issue',
        agent_id: 'agent',
        final_outcome: 'completed',
      });
    }
    expect(
      (await gateway.request('POST', '/call', { body: { tool: 'create_issue', params: { title: 'b' } } }))
        .status,
    ).toBe(200);
  });

  test('the key of header and body is one: replay gives the same bytes, another request is refused', async () => {
    const before = tools.effects.length;
    const first = await call({ tool: 'create_issue', params: { title: 'k' }, idempotency_key: 'key-1' });
    const again = await call(
      { params: { title: 'k' }, tool: 'create_issue' },
      { headers: { 'Idempotency-Key': '"key-1"' } },
    );
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.text.replace('"replayed":true,', '')).toBe(first.text);
    const other = await call({ tool: 'create_issue', params: { title: 'other' }, idempotency_key: 'key-1' });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
    const both = await call(
      { tool: 'create_issue', params: { title: 'k' }, idempotency_key: 'key-1' },
      { headers: { 'Idempotency-Key': 'key-2' } },
    );
    expect([both.status, both.body['code']]).toEqual([400, 'bad_request']);
    expect(tools.effects.length).toBe(before + 1);
  });

  test('a charge whose answer is lost is looked up and not made twice', async () => {
    const answer = await call({ tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'charge-1' });
    expect([answer.status, answer.body['status'], answer.body['decision']]).toEqual([
      200,
      'outcome_reconciled',
      'do_not_retry',
    ]);
    expect(tools.effects.filter((e) => e.path === '/apply-then-reset')).toHaveLength(1);
    const { body } = await gateway.request('GET', `/v1/executions/${String(answer.body['execution_id'])}`);
    const steps = (body['execution'] as { trace: { step: string }[] }).trace.map((s) => s.step);
    expect(steps).toEqual([
      'request_received',
      'attempt_started',
      'attempt_ended',
      'outcome_looked_up',
      'unknown_outcome_reconciled',
      'duplicate_retry_blocked',
      'execution_completed',
    ]);
  });

  test.each([
    ['refused', 200, 'failed', 'upstream_rejected'],
    ['broken', 502, 'unknown', 'upstream_unavailable'],
    ['dead', 502, 'failed', 'upstream_unavailable'],
  ])('a tool that is %s', async (tool, http, status, code) => {
    const answer = await call({ tool, params: {} });
    expect([answer.status, answer.body['status'], answer.body['code'], answer.body['success']]).toEqual([
      http,
      status,
      code,
      false,
    ]);
    expect(answer.body['execution_id']).toMatch(/^exec_/);
    expect(answer.headers.get('x-should-retry') ?? 'false').toBe('false');
  });

  test("the caller's deadline ends its waiting; who comes back with Prefer: wait gets the answer", async () => {
    const body = { tool: 'slow', params: {}, idempotency_key: 'slow-1', timeout_ms: 50 };
    const first = await call(body);
    expect([first.status, first.body['status']]).toEqual([202, 'pending']);
    expect(first.headers.get('location')).toBe(`/v1/executions/${String(first.body['execution_id'])}`);
    const early = await call(body);
    expect([
      early.status,
      early.body['code'],
      early.headers.get('retry-after'),
      early.headers.get('x-should-retry'),
    ]).toEqual([409, 'idempotency_in_progress', '1', 'true']);
    expect(early.headers.get('location')).toBe(first.headers.get('location'));
    const patient = await call(body, { headers: { Prefer: 'wait=10' } });
    expect([patient.status, patient.body['status'], patient.body['replayed']]).toEqual([
      200,
      'completed',
      true,
    ]);
  });

  test('the wrong entity is stopped before the tool is touched', async () => {
    const before = tools.effects.length;
    const answer = await call({
      tool: 'crm_update_customer',
      params: { customer_id: 'cust_999' },
      entity_resolution: { entity_id: 'cust_123', source: 'crm_lookup', resolved_at: '2026-05-01T12:00:00Z' },
    });
    expect([answer.status, answer.body['code'], answer.headers.get('x-should-retry')]).toEqual([
      409,
      'entity_mismatch',
      'false',
    ]);
    expect(tools.effects.length).toBe(before);
    const { body } = await gateway.request('GET', '/v1/traces?limit=1&status=entity_mismatch');
    expect(body['traces']).toMatchObject([
      { tool: 'crm_update_customer', entity: { entity_id: 'cust_123', source: 'crm_lookup' } },
    ]);
  });
});

describe('who may do what', () => {
  const inside = { agent_id: 'research_agent_v1', workflow: 'market_research', env: 'dev' };
  test.each([
    ['no key', null, { tool: 'read_state' }, 401, 'unauthenticated'],
    ['a wrong key', 'inv_test_full_0123456780', { tool: 'read_state' }, 401, 'unauthenticated'],
    ['an empty key', '', { tool: 'read_state' }, 401, 'unauthenticated'],
    ['a very long key', 'A'.repeat(10_000), { tool: 'read_state' }, 401, 'unauthenticated'],
    ['a listed read tool', SCOPED, { tool: 'read_state', ...inside }, 200, undefined],
    [
      'a tool that is not listed',
      SCOPED,
      { tool: 'create_issue', params: { title: 'x' }, ...inside },
      403,
      'tool_not_allowed',
    ],
    ['a tool that does not exist, with a list', SCOPED, { tool: 'nope', ...inside }, 403, 'tool_not_allowed'],
    ['a tool that does not exist, without a list', CALL_ONLY, { tool: 'nope' }, 404, 'not_found'],
    ['another agent', SCOPED, { tool: 'read_state', ...inside, agent_id: 'other' }, 403, 'context_denied'],
    ['no workflow', SCOPED, { tool: 'read_state', env: 'dev' }, 403, 'context_denied'],
    ['the tool of another tenant', TENANT_B, { tool: 'read_state' }, 404, 'not_found'],
  ])('%s', async (_, key, body, status, code) => {
    const answer = await gateway.request('POST', '/v1/call', { body, key });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  test('looking is limited by scope, too', async () => {
    const codes = await Promise.all(
      ['/v1/tools', '/v1/executions', '/v1/traces', '/v1/providers'].map(async (path) => {
        const { status, body } = await gateway.request('GET', path, { key: CALL_ONLY });
        return [path, status, body['code'], body['missing_scope']];
      }),
    );
    expect(codes).toEqual([
      ['/v1/tools', 403, 'insufficient_scope', 'tools:read'],
      ['/v1/executions', 403, 'insufficient_scope', 'traces:read'],
      ['/v1/traces', 403, 'insufficient_scope', 'traces:read'],
      ['/v1/providers', 403, 'insufficient_scope', 'providers:admin'],
    ]);
  });

  test('an execution of another tenant, or of a tool that is not yours, is not found', async () => {
    const { body } = await call({ tool: 'create_issue', params: { title: 'mine' } });
    const path = `/v1/executions/${String(body['execution_id'])}`;
    const random = await gateway.request('GET', '/v1/executions/exec_00000000000000000000000000000000', {
      key: TENANT_B,
    });
    for (const key of [TENANT_B, SCOPED]) {
      const answer = await gateway.request('GET', path, { key });
      expect([answer.status, answer.body['detail']]).toEqual([404, random.body['detail']]);
    }
    expect((await gateway.request('GET', path, { key: CALL_ONLY })).status).toBe(200);
  });

  test('a key sees the tools it may call', async () => {
    const { body } = await gateway.request('GET', '/v1/tools', { key: SCOPED });
    expect((body['tools'] as { id: string }[]).map((t) => t.id)).toEqual(['read_state']);
    const found = await gateway.request('GET', '/v1/discover?q=issue');
    expect((found.body['tools'] as { id: string }[]).map((t) => t.id)).toEqual(['create_issue']);
  });
});

describe('POST /executions', () => {
  test('the second form runs an action and certifies it; a replay is the same bytes', async () => {
    const body = { action: 'create_issue', params: { title: 'e' }, agent_id: 'a', idempotency_key: 'exec-1' };
    const first = await gateway.request('POST', '/v1/executions', { body });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      success: true,
      execution: { status: 'completed', idempotency_key: 'exec-1' },
      certificate: { decision: 'execute', final_outcome: 'completed' },
    });
    const again = await gateway.request('POST', '/executions', { body });
    expect([again.text === first.text, again.headers.get('idempotency-replayed')]).toEqual([true, 'true']);
  });

  test('pages do not overlap, and cursors and numbers from elsewhere are refused', async () => {
    for (let i = 0; i < 5; i += 1) await call({ tool: 'create_issue', params: { title: `p${i}` } });
    const ids: string[] = [];
    let cursor: unknown = '';
    while (typeof cursor === 'string') {
      const page = await gateway.request(
        'GET',
        `/v1/executions?limit=2&tool=create_issue${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      ids.push(...(page.body['executions'] as { execution_id: string }[]).map((e) => e.execution_id));
      cursor = page.body['next_cursor'];
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort().reverse()).toEqual(ids);
    for (const query of [
      'limit=-1',
      'limit=1e9',
      'limit=201',
      "cursor=' or 1=1",
      'cursor=ZXhlY18x',
      'nope=1',
      'limit=1&limit=2',
    ]) {
      const answer = await gateway.request('GET', `/v1/executions?${query}`);
      expect([query, answer.status, answer.body['code']]).toEqual([query, 422, 'validation_failed']);
    }
  });
});
