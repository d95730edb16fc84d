import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CALL_ONLY, openGateway, SCOPED, TENANT_B, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  tools = await openToolServer();
  gateway = await openGateway();
  await register(gateway, 'pay', `${tools.url}/ok`, { amount_field: '/amount' });
  await register(gateway, 'decline', `${tools.url}/status/402`, { answers: { no_effect_statuses: [402] } });
  const budgets = [
    { id: 'daily', per: 'tool', window: 'day', max_amount: 100, when: 'tool == "pay"' },
    { id: 'monthly', per: 'agent', window: 'month', max_calls: 50 },
  ];
  await gateway.request('PUT', '/v1/policy', { body: { budgets } });
  const call = (tool: string, amount: number) =>
    gateway.request('POST', '/v1/call', { body: { tool, params: { amount }, agent_id: 'agent_1' } });
  const answers = [await call('pay', 60), await call('pay', 30), await call('decline', 1)];
  const told = answers.map(({ body }) => body['status']).join(' ');
  if (told !== 'completed completed failed') throw new Error(`the calls that are to be counted: ${told}`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

describe('a call beyond a budget', () => {
  test('429, with the numbers, and when to come back', async () => {
    const { status, headers, body } = await gateway.request('POST', '/call', {
      body: { tool: 'pay', params: { amount: 20 }, agent_id: 'agent_1' },
    });
    expect(status).toBe(429);
    expect(body).toMatchObject({
      code: 'budget_exceeded',
      budget: 'tenant:daily',
      subject: 'pay',
      spent: { calls: 2, amount: 90 },
      max: { calls: null, amount: 100 },
    });
    const seconds = (Number(body['resets_at']) - Date.now()) / 1000;
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(seconds - 5);
    expect(Number(headers.get('retry-after'))).toBeLessThan(seconds + 5);
    expect(Number(body['resets_at']) % 86_400_000).toBe(0);
    expect(headers.get('x-should-retry')).toBe('false');
    expect(tools.effects).toHaveLength(2);
  });

  test('no Retry-After where waiting does not help', async () => {
    const { status, headers } = await gateway.request('POST', '/call', {
      body: { tool: 'pay', params: { amount: 101 } },
    });
    expect([status, headers.get('retry-after')]).toEqual([429, null]);
  });
});

describe('GET /usage', () => {
  test.each(['/usage', '/v1/usage'])('%s: what was used of each tool in the last day', async (path) => {
    const { status, body } = await gateway.request('GET', path);
    expect(status).toBe(200);
    expect(body['complete']).toBe(true);
    expect(body['usage']).toEqual(
      expect.arrayContaining([
        { subject: 'pay', calls: 2, completed: 2, failed: 0, open: 0 },
        { subject: 'decline', calls: 1, completed: 0, failed: 1, open: 0 },
      ]),
    );
    expect(body['budgets']).toMatchObject([
      { budget: 'tenant:daily', subject: 'pay', window: 'day', calls: 2, amount: 90, max_amount: 100 },
      { budget: 'tenant:monthly', subject: 'agent_1', window: 'month', calls: 2, max_calls: 50 },
    ]);
  });

  test('of each agent, and of each key by its name', async () => {
    const agents = await gateway.request('GET', '/v1/usage?per=agent');
    expect(agents.body['usage']).toMatchObject([{ subject: 'agent_1', calls: 3 }]);
    const keys = await gateway.request('GET', '/v1/usage?per=key');
    expect(keys.body['usage']).toMatchObject([
      { subject: expect.stringMatching(/^key_[0-9a-f]{12}$/), calls: 3 },
    ]);
  });

  test('of a period, in milliseconds or with a zone', async () => {
    const now = Date.now();
    const hourAgo = new Date(now - 3_600_000).toISOString();
    const total = async (query: string) => {
      const { body } = await gateway.request('GET', `/v1/usage?per=agent&${query}`);
      return (body['usage'] as readonly { readonly calls: number }[]).map((l) => l.calls);
    };
    expect(await total(`since=${now - 3_600_000}`)).toEqual([3]);
    expect(await total(`since=${hourAgo}&until=${now + 1}`)).toEqual([3]);
    expect(await total(`since=${encodeURIComponent(hourAgo.replace('Z', '+00:00'))}`)).toEqual([3]);
    expect(await total(`until=${now - 3_600_000}`)).toEqual([]);
  });

  test.each([
    ['per=year', '/per'],
    ['per=tool&per=key', '/per'],
    ['since=yesterday', '/since'],
    ['since=2026-11-23T00:00:00', '/since'],
    ['since=-1', '/since'],
    ['until=2026-02-30T00:00:00Z', '/until'],
    ['since=200&until=100', '/since'],
    ['tenant=b', '/tenant'],
  ])('?%s: 422 at %s', async (query, pointer) => {
    const { status, body } = await gateway.request('GET', `/v1/usage?${query}`);
    expect([status, body['code']]).toEqual([422, 'validation_failed']);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });

  test('another tenant sees nothing of it, a key with a tool list only its own tools', async () => {
    const other = await gateway.request('GET', '/v1/usage', { key: TENANT_B });
    expect(other.body).toEqual({ usage: [], complete: true, budgets: [] });
    const scoped = await gateway.request('GET', '/v1/usage', { key: SCOPED });
    expect(scoped.body['usage']).toEqual([]);
    expect(scoped.body['budgets']).toMatchObject([{ budget: 'tenant:monthly' }]);
  });

  test('a key that may not read traces or logs: 403', async () => {
    const { status, body } = await gateway.request('GET', '/v1/usage', { key: CALL_ONLY });
    expect([status, body['code']]).toEqual([403, 'insufficient_scope']);
  });
});
