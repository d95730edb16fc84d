import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

const LISTED = 'inv_test_listed_0123456789';
const TRACER = 'inv_test_tracer_0123456789';
const KEYS = {
  [LISTED]: { scopes: ['tools:call'], allowed_tools: ['create_issue'], agent_id: 'agent' },
  [TRACER]: { scopes: ['traces:read'] },
};

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  tools = await openToolServer();
  gateway = await openGateway({ INVOKE_API_KEY_SCOPES: JSON.stringify(KEYS) });
  const input_schema = { type: 'object', properties: { title: { type: 'string' } } };
  await register(gateway, 'create_issue', `${tools.url}/ok`, { input_schema });
  await register(gateway, 'read_state', `${tools.url}/state`, { effect: 'read' });
  await register(gateway, 'broken', `${tools.url}/status/500`);
  await register(gateway, 'crm_update', `${tools.url}/ok`, { entities: [{ field: '/customer_id' }] });
  await gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name: 'wire_money',
      capability_card: { name: 'wire_money', input_schema: { type: 'object' } },
      http: { method: 'POST', url: `${tools.url}/ok` },
      approval_required: true,
      risk_level: 'critical',
    },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

interface View {
  readonly decision: string;
  readonly code: string | null;
  readonly risk_score: string;
  readonly risk_score_numeric: number;
  readonly subject: { readonly tool: string; readonly safety_class: string };
  readonly simulation: { readonly similar_traces: number; readonly source: string; readonly unknown: number };
  readonly warnings: readonly { readonly severity: string; readonly message: string }[];
  readonly recommended_guardrails: readonly { readonly type: string; readonly applied: boolean }[];
  readonly safe_fixes: { readonly idempotency_key: string | null };
}

const look = (body: object, key?: string) =>
  gateway.request('POST', '/v1/preflight', { body, ...(key === undefined ? {} : { key }) });
async function view(body: object, key?: string): Promise<View> {
  const answer = await look(body, key);
  expect(answer.status).toBe(200);
  return answer.body['preflight'] as View;
}

describe('POST /preflight', () => {
  test('a write without a key: it would be executed, and is not', async () => {
    const seen = await view({ action: 'create_issue', params: { title: 'a' }, agent_id: 'agent' });
    expect(seen).toMatchObject({
      decision: 'execute',
      code: null,
      risk_score: 'medium',
      risk_score_numeric: 50,
      subject: { tool: 'create_issue', safety_class: 'C' },
      simulation: { similar_traces: 0, source: 'store' },
    });
    expect(seen.safe_fixes.idempotency_key).toMatch(/^safe_[0-9a-f]{40}$/);
    expect(seen.recommended_guardrails.map((g) => [g.type, g.applied])).toEqual([
      ['idempotency_key', false],
      ['reconcile', false],
    ]);
    expect(tools.effects).toEqual([]);
    const { body } = await gateway.request('GET', '/v1/executions');
    expect(body['executions']).toEqual([]);
  });

  test('the suggested key is that of the call, however it is spelled', async () => {
    const keyOf = async (params: object, agent_id = 'agent') =>
      (await view({ action: 'create_issue', params, agent_id })).safe_fixes.idempotency_key;
    const key = await keyOf({ title: 'a', n: 1 });
    expect(await keyOf({ n: 1.0, title: 'a' })).toBe(key);
    expect(await keyOf({ title: 'a', n: 2 })).not.toBe(key);
    expect(await keyOf({ title: 'a', n: 1 }, 'other')).not.toBe(key);
  });

  test('a read needs no key and risks little', async () => {
    const seen = await view({ action: 'read_state' });
    expect(seen).toMatchObject({
      decision: 'execute',
      risk_score: 'low',
      subject: { safety_class: 'R' },
      safe_fixes: { idempotency_key: null },
      warnings: [],
      recommended_guardrails: [],
    });
  });

  test('a name that nobody has registered is answered, and would be blocked', async () => {
    const seen = await view({ action: 'delete_everything', params: {} });
    expect(seen).toMatchObject({
      decision: 'block',
      code: 'not_found',
      subject: { tool: 'delete_everything', safety_class: 'unregistered' },
      simulation: { similar_traces: 0, source: 'none' },
    });
    expect(seen.warnings.map((w) => w.severity)).toContain('error');
  });

  test('what is not on a key\u2019s list looks as if it did not exist', async () => {
    const { subject: _a, ...there } = await view({ action: 'wire_money', params: {} }, LISTED);
    const { subject: _b, ...nowhere } = await view({ action: 'wire_many', params: {} }, LISTED);
    expect({ ...there, safe_fixes: null, recommended_guardrails: null }).toEqual({
      ...nowhere,
      safe_fixes: null,
      recommended_guardrails: null,
    });
    expect(there.code).toBe('tool_not_allowed');
  });

  test.each([
    ['params that do not fit', { action: 'create_issue', params: { title: 1 } }, 'validation_failed'],
    [
      'another entity',
      {
        action: 'crm_update',
        params: { customer_id: 'cust_2' },
        entity_resolution: { entity_id: 'cust_1', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
      },
      'entity_mismatch',
    ],
    [
      'a rule of the call itself',
      { action: 'create_issue', policy: { rules: [{ when: 'tool == create_issue', effect: 'deny' }] } },
      'policy_denied',
    ],
  ])('%s: block, with the code of a call', async (_, body, code) => {
    expect(await view(body)).toMatchObject({ decision: 'block', code });
  });

  test('a tool that needs approval: a human decides first', async () => {
    const seen = await view({ action: 'wire_money', params: {} });
    expect(seen).toMatchObject({ decision: 'require_approval', code: null, risk_score: 'critical' });
    expect(seen.recommended_guardrails).toContainEqual({
      type: 'approval',
      action: 'wait for a human to approve the call',
      applied: true,
    });
  });

  test('a key that is taken: replay, or another call', async () => {
    const call = { tool: 'create_issue', params: { title: 'k' }, idempotency_key: 'pre-1' };
    await gateway.request('POST', '/v1/call', { body: call });
    const again = { action: 'create_issue', params: { title: 'k' }, idempotency_key: 'pre-1' };
    expect(await view(again)).toMatchObject({ decision: 'replay', safe_fixes: { idempotency_key: null } });
    expect(await view({ ...again, params: { title: 'other' } })).toMatchObject({
      decision: 'block',
      code: 'idempotency_key_reused',
    });
  });

  test('how such calls have gone is counted', async () => {
    const before = await view({ action: 'broken', idempotency_key: 'x' });
    await gateway.request('POST', '/v1/call', { body: { tool: 'broken', params: {} } });
    const after = await view({ action: 'broken', idempotency_key: 'x' });
    expect(after.simulation).toEqual({
      similar_traces: 1,
      source: 'store',
      completed: 0,
      failed: 0,
      unknown: 1,
    });
    expect(after.risk_score_numeric).toBe(before.risk_score_numeric + 20);
  });

  test('budgets are looked at and not touched', async () => {
    const budgets = [{ id: 'issues', per: 'tool', when: 'tool == crm_update', window: 'day', max_calls: 1 }];
    await gateway.request('PUT', '/v1/policy', { body: { budgets } });
    const body = { action: 'crm_update', params: { customer_id: 'cust_1' } };
    expect((await view(body)).decision).toBe('execute');
    expect((await view(body)).decision).toBe('execute');
    const { action: tool, params } = body;
    expect((await gateway.request('POST', '/v1/call', { body: { tool, params } })).status).toBe(200);
    expect(await view(body)).toMatchObject({ decision: 'block', code: 'budget_exceeded' });
    await gateway.request('PUT', '/v1/policy', { body: {} });
  });

  test('who may not call may not ask', async () => {
    expect((await look({ action: 'create_issue' }, TRACER)).body['code']).toBe('insufficient_scope');
    expect((await look({ action: 'create_issue', tool: 'x' })).body['code']).toBe('validation_failed');
  });
});

describe('POST /executions with a look ahead', () => {
  const action = { action: 'create_issue', params: { title: 'ahead' }, agent_id: 'agent' };
  const execute = (body: object) => gateway.request('POST', '/v1/executions', { body });

  test('preflight_only executes nothing', async () => {
    const before = tools.effects.length;
    const answer = await execute({ ...action, preflight_only: true });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ success: true, preflight: { decision: 'execute' } });
    expect(answer.body['execution']).toBeUndefined();
    expect(tools.effects.length).toBe(before);
  });

  test('a key that a client library has made up gives way to the safe one', async () => {
    const made = { ...action, params: { title: 'made' }, idempotency_key: 'auto_1', apply_safe_fixes: true };
    const first = await execute(made);
    const again = await execute({ ...made, idempotency_key: 'auto_2' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(first.body['preflight']).toMatchObject({ decision: 'execute' });
    const own = await execute({ ...made, idempotency_key: 'own-1' });
    expect(own.body).toMatchObject({
      execution: { idempotency_key: 'own-1' },
      preflight: { safe_fixes: { idempotency_key: null } },
    });
  });

  test('apply_safe_fixes makes repeats one call', async () => {
    const before = tools.effects.length;
    const first = await execute({ ...action, apply_safe_fixes: true });
    const again = await execute({ ...action, apply_safe_fixes: true });
    const idOf = (a: typeof first) => (a.body['execution'] as { execution_id: string }).execution_id;
    expect(idOf(again)).toBe(idOf(first));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(tools.effects.length).toBe(before + 1);
    const { safe_fixes } = first.body['preflight'] as View;
    expect(first.body).toMatchObject({ execution: { idempotency_key: safe_fixes.idempotency_key } });
    expect(again.body['preflight']).toMatchObject({ decision: 'replay' });
  });
});
