import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CALL_ONLY,
  openGateway,
  SCOPED,
  TENANT_B,
  type Answer,
  type TestGateway,
} from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'pay', `${tools.url}/ok`);
  await register(gateway, 'read_state', `${tools.url}/state`, { effect: 'read' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const post = (path: string, body: object, key?: string): Promise<Answer> =>
  gateway.request('POST', path, { body, ...(key === undefined ? {} : { key }) });

const LIMIT = { id: 'limit', when: 'params.amount > 100', effect: 'require_approval', reason: 'Much money' };
const DOCUMENT = {
  rules: [LIMIT, { id: 'night', when: 'env == prod and tool == pay', effect: 'deny', priority: 5 }],
};

describe('GET and PUT /policy', () => {
  test('there is none at first; what is stored comes back, with who stored it', async () => {
    expect((await gateway.request('GET', '/v1/policy', { key: TENANT_B })).body).toEqual({
      document: null,
      updated_by: null,
      updated_at: null,
      broken: null,
    });
    const saved = await gateway.request('PUT', '/policy', { body: DOCUMENT, key: TENANT_B });
    expect(saved.status).toBe(200);
    const read = await gateway.request('GET', '/policy', { key: TENANT_B });
    expect(read.body).toEqual(saved.body);
    expect(read.body).toMatchObject({ document: { ...DOCUMENT, budgets: [], tests: [] }, broken: null });
    expect(String(read.body['updated_by'])).not.toBe('');
    expect((await gateway.request('GET', '/v1/policy')).body['document']).toBe(null);
  });

  test('all mistakes are told, and nothing is stored', async () => {
    const body = {
      rules: [
        { when: 'params.amount = 5', effect: 'deny' },
        { when: 'params.amount >', effect: 'deny' },
      ],
    };
    const answer = await gateway.request('PUT', '/v1/policy', { body });
    expect([answer.status, answer.body['code']]).toEqual([422, 'policy_invalid']);
    expect(answer.body['errors']).toEqual([
      { pointer: '/rules/0/when', message: 'use "==" to compare' },
      { pointer: '/rules/1/when', message: 'expected a value, got the end' },
    ]);
    expect(answer.body['caret']).toBe(
      '/rules/0/when: use "==" to compare\n  params.amount = 5\n                ^\n\n' +
        '/rules/1/when: expected a value, got the end\n  params.amount >\n                 ^',
    );
    expect((await gateway.request('GET', '/v1/policy')).body['document']).toBe(null);
  });

  test('a budget that limits nothing is a mistake, not a wish that is dropped in silence', async () => {
    const budgets = [
      { id: 'calls', per: 'key', window: 'day', max_calls: 0 },
      { id: 'nothing', per: 'key', window: 'day' },
    ];
    const answer = await gateway.request('PUT', '/v1/policy', { body: { budgets } });
    expect([answer.status, answer.body['code']]).toEqual([422, 'policy_invalid']);
    expect(answer.body['errors']).toEqual([
      {
        pointer: '/budgets/1/max_calls',
        message: 'expected max_calls, max_amount or both: without them the budget limits nothing',
      },
    ]);
  });

  test('a document of the wrong shape is an invalid policy, too', async () => {
    const body = { rules: [{ when: 'true', effect: 'forbid' }], rulez: [] };
    const answer = await gateway.request('PUT', '/v1/policy', { body });
    expect([answer.status, answer.body['code']]).toEqual([422, 'policy_invalid']);
    const errors = answer.body['errors'] as readonly { pointer: string }[];
    expect(errors.map((e) => e.pointer)).toEqual(['/rules/0/effect', '/rulez']);
  });

  test('both need providers:admin, and other methods are not there', async () => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', DOCUMENT],
    ] as const) {
      const answer = await gateway.request(method, '/v1/policy', { body, key: SCOPED });
      expect([answer.status, answer.body['missing_scope']]).toEqual([403, 'providers:admin']);
    }
    const answer = await gateway.request('POST', '/v1/policy', { body: DOCUMENT });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PUT']);
  });
});

describe('POST /policy/check', () => {
  const check = async (body: object) => (await post('/v1/policy/check', body)).body;

  test('a valid document, a valid expression', async () => {
    expect(await check({ document: DOCUMENT })).toEqual({ valid: true, mistakes: [], warnings: [] });
    expect(await check({ when: 'action == git_push and branch == main' })).toEqual({
      valid: true,
      mistakes: [],
      warnings: [],
    });
  });

  test('mistakes have a pointer and a caret', async () => {
    expect(await check({ when: 'branch = main' })).toEqual({
      valid: false,
      mistakes: [
        {
          pointer: '/when',
          message: 'use "==" to compare',
          caret: 'use "==" to compare\n  branch = main\n         ^',
        },
      ],
      warnings: [],
    });
    const { mistakes } = (await check({ document: { rules: [{ when: 'x ==', effect: 'deny' }] } })) as {
      mistakes: readonly { pointer: string }[];
    };
    expect(mistakes.map((m) => m.pointer)).toEqual(['/document/rules/0/when']);
  });

  test('warns of what is nearly a root', async () => {
    const message = 'parms is read as a field of params, variables or state; did you mean params?';
    expect(await check({ when: 'parms.amount > 5' })).toEqual({
      valid: true,
      mistakes: [],
      warnings: [{ pointer: '/when', message, caret: `${message}\n  parms.amount > 5\n  ^` }],
    });
  });

  test('wants one of both', async () => {
    expect((await post('/v1/policy/check', {})).status).toBe(422);
    expect((await post('/v1/policy/check', { when: 'true', document: DOCUMENT })).status).toBe(422);
  });

  test('a key that may see tools may use it, one that may only call may not', async () => {
    expect((await post('/policy/check', { when: 'true' }, SCOPED)).status).toBe(200);
    expect((await post('/policy/check', { when: 'true' }, CALL_ONLY)).status).toBe(403);
  });
});

describe('POST /policy/test', () => {
  test('says which fail, and why', async () => {
    const expectations = [
      { name: 'small', call: { tool: 'pay', params: { amount: 5 } }, expect: { effect: 'allow' } },
      {
        name: 'large',
        call: { tool: 'pay', params: { amount: 500 } },
        expect: { effect: 'require_approval', rule: 'limit' },
      },
      {
        name: 'denied',
        call: { tool: 'pay', params: { amount: 5 }, env: 'prod' },
        expect: { effect: 'allow' },
      },
      {
        name: 'another rule',
        call: { tool: 'pay', params: { amount: 500 } },
        expect: { effect: 'require_approval', rule: 'night' },
      },
      { name: 'no amount', call: { tool: 'pay' }, expect: { effect: 'allow' } },
      { name: 'no tool', call: { tool: 'nothing' }, expect: { effect: 'allow' } },
    ];
    const { body, status } = await post('/v1/policy/test', { document: DOCUMENT, tests: expectations });
    expect(status).toBe(200);
    expect(body).toMatchObject({ passed: 2, failed: 4 });
    const results = body['results'] as readonly { name: string; passed: boolean; why: string | null }[];
    expect(results.map((r) => [r.name, r.passed, r.why])).toEqual([
      ['small', true, null],
      ['large', true, null],
      ['denied', false, 'expected allow, got deny by night'],
      ['another rule', false, 'expected require_approval by night, got require_approval by limit'],
      [
        'no amount',
        false,
        'expected allow, got require_approval by limit, which cannot be decided: params.amount is missing',
      ],
      ['no tool', false, 'There is no tool "nothing".'],
    ]);
    // What is said is what a real call is told.
    const real = await post('/v1/call', { tool: 'nothing', params: {} });
    expect((body['results'] as readonly { got: object }[]).at(-1)?.got).toMatchObject({
      effect: real.body['code'],
      rule: null,
      reason: real.body['detail'],
    });
  });

  test('the example of the docs passes its own tests', async () => {
    const page = await readFile(new URL('../../../docs/how-to-write-policies.md', import.meta.url), 'utf8');
    const document = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '') as object;
    expect((await post('/v1/policy/test', { document })).body).toMatchObject({ passed: 1, failed: 0 });
    const large = { tool: 'pay', params: { amount: 10_001 } };
    const { body } = await post('/v1/policy/explain', { document, call: large });
    expect(body['verdict']).toMatchObject({ effect: 'require_approval', rule: 'large', approvers: 2 });
  });

  test("without a document it is the stored one, with the document's own tests", async () => {
    const tests = [{ name: 'large', call: { tool: 'read_state' }, expect: { effect: 'deny' } }];
    await gateway.request('PUT', '/v1/policy', { body: { ...DOCUMENT, tests } });
    const { body } = await post('/v1/policy/test', {});
    expect(body).toMatchObject({
      passed: 0,
      failed: 1,
      results: [{ got: { effect: 'require_approval', rule: 'limit' } }],
    });
    await gateway.request('PUT', '/v1/policy', { body: {} });
    expect((await post('/v1/policy/test', {})).body).toEqual({ passed: 0, failed: 0, results: [] });
    expect((await post('/v1/policy/test', {}, SCOPED)).body['missing_scope']).toBe('providers:admin');
    expect((await post('/v1/policy/test', { document: {} }, SCOPED)).status).toBe(200);
  });
});

describe('POST /policy/explain', () => {
  const call = { tool: 'pay', params: { amount: 500 }, env: 'dev' };

  test('the value of every part of an expression', async () => {
    const { body } = await post('/v1/policy/explain', {
      when: 'params.amount > 100 and not params.urgent',
      call,
    });
    expect(body).toEqual({
      verdict: { effect: 'allow', rule: null, source: null, reason: null, undecided: null, approvers: 0 },
      rules: [
        {
          rule: 'when',
          source: 'tenant',
          effect: 'allow',
          when: 'params.amount > 100 and not params.urgent',
          value: 'unknown',
          why: 'params.urgent is missing',
          parts: [
            part('params.amount > 100 and not params.urgent', 0, { why: 'params.urgent is missing' }),
            part('params.amount > 100', 0, { value: true }),
            part('params.amount', 0, { value: 500 }),
            part('not params.urgent', 24, { why: 'params.urgent is missing' }),
            part('params.urgent', 28, { why: 'params.urgent is missing' }),
          ],
        },
      ],
      left_out: 0,
    });
  });

  const part = (
    source: string,
    at: number,
    { value = null, why = null }: { value?: unknown; why?: string | null },
  ) => ({
    source,
    at,
    known: why === null,
    value,
    why,
  });

  test('of a document: the verdict, and the rules that apply first', async () => {
    const { body } = await post('/v1/policy/explain', { document: DOCUMENT, call });
    expect(body['verdict']).toEqual({
      effect: 'require_approval',
      rule: 'limit',
      source: 'tenant',
      reason: 'Much money',
      undecided: null,
      approvers: 1,
    });
    const rules = body['rules'] as readonly { rule: string; value: string }[];
    expect(rules.map((r) => [r.rule, r.value])).toEqual([
      ['limit', 'true'],
      ['night', 'false'],
    ]);
  });

  test('of what is in force, where nothing else is given', async () => {
    await gateway.request('PUT', '/v1/policy', { body: DOCUMENT });
    const { body } = await post('/v1/policy/explain', { call: { ...call, env: 'prod' } });
    expect(body['verdict']).toMatchObject({ effect: 'deny', rule: 'night' });
    await gateway.request('PUT', '/v1/policy', { body: {} });
  });

  test('refuses tools that there are not, and expressions that do not compile', async () => {
    expect((await post('/v1/policy/explain', { call: { tool: 'nothing' } })).status).toBe(404);
    const answer = await post('/v1/policy/explain', { when: 'a = b', call });
    expect([answer.status, answer.body['code'], answer.body['errors']]).toEqual([
      422,
      'policy_invalid',
      [{ pointer: '/when', message: 'use "==" to compare' }],
    ]);
    expect(answer.body['detail']).toBe('The policy cannot be used: /when: use "==" to compare');
    expect((await post('/v1/policy/explain', { call }, SCOPED)).status).toBe(403);
  });
});

describe('POST /policy/simulate', () => {
  test('which of the last executions would have been decided otherwise, how, and by which rule', async () => {
    const ids: unknown[] = [];
    for (const amount of [5, 500, 50]) {
      const body = { tool: 'pay', params: { amount }, agent_id: 'agent' };
      ids.push((await post('/v1/call', body)).body['execution_id']);
    }
    await post('/v1/call', { tool: 'read_state' });
    const document = { rules: [{ ...LIMIT, when: 'tool == pay and params.amount > 10', effect: 'deny' }] };
    const call = { tool: 'pay', params: { amount: 11 } };
    const { body, status } = await post('/v1/policy/simulate', { document, last: 4, call });
    expect(status).toBe(200);
    expect(body['call']).toMatchObject({ from: { effect: 'allow' }, to: { effect: 'deny', rule: 'limit' } });
    expect(body['backtest']).toMatchObject({ examined: 4, skipped: 0, changes: { 'allow -> deny': 2 } });
    const { changed } = body['backtest'] as { changed: readonly Record<string, unknown>[] };
    expect(changed.map((c) => c['execution_id'])).toEqual([ids[2], ids[1]]);
    expect(changed[0]).toMatchObject({
      tool: 'pay',
      agent_id: 'agent',
      from: { effect: 'allow', rule: null },
      to: { effect: 'deny', rule: 'limit', source: 'tenant', reason: 'Much money' },
    });
    const newest = await post('/v1/policy/simulate', { document, last: 2 });
    expect(newest.body).toMatchObject({
      call: null,
      backtest: { examined: 2, changes: { 'allow -> deny': 1 } },
    });
  });

  test('is against what is stored now, and changes nothing', async () => {
    const document = { rules: [{ id: 'all', when: 'true', effect: 'deny' }] };
    await gateway.request('PUT', '/v1/policy', { body: document });
    const { body } = await post('/v1/policy/simulate', { document: { rules: [] }, last: 1_000 });
    expect(body['backtest']).toMatchObject({ examined: 4, changes: { 'deny -> allow': 4 } });
    expect((await gateway.request('GET', '/v1/policy')).body['document']).toMatchObject(document);
    await gateway.request('PUT', '/v1/policy', { body: {} });
  });

  test('refuses what does not compile, and keys that are not for it', async () => {
    const document = { rules: [{ when: 'a = b', effect: 'deny' }] };
    const answer = await post('/v1/policy/simulate', { document });
    expect(answer.body['errors']).toEqual([
      { pointer: '/document/rules/0/when', message: 'use "==" to compare' },
    ]);
    expect((await post('/v1/policy/simulate', { document: {} }, SCOPED)).status).toBe(403);
    expect((await post('/v1/policy/simulate', { document: {}, last: 1_001 })).status).toBe(422);
  });
});
