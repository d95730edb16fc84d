import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'pay', `${tools.url}/ok`);
  await register(gateway, 'order', `${tools.url}/ok`, {
    idempotency: { mode: 'automatic', key_fields: ['order_id'] },
  });
  await register(gateway, 'read_state', `${tools.url}/state`, {
    effect: 'read',
    input_schema: { type: 'object', properties: { id: { type: 'string' } } },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const CALL = { tool: 'pay', params: {}, agent_id: 'a' };
const reconcile = (state_refetch: object, conditions: object = { charged: true }) => ({
  ...CALL,
  failure_policy: { reconcile: { state_refetch, conditions } },
});
const verify = (state_refetch: object) => ({ intent: 'x', required_fields: ['a'], state_refetch });

interface Cell {
  readonly cell: string;
  readonly path: string;
  readonly body?: object;
  readonly method?: string;
  readonly status?: number;
  readonly pointer: string;
  /** What a person has to read: the field, what was expected, and what to do. */
  readonly says: readonly string[];
}

const CELLS: readonly Cell[] = [
  {
    cell: 'an execution of nothing',
    path: '/v1/executions',
    body: {},
    pointer: '/action',
    says: ['/action', 'either action', 'workflow'],
  },
  {
    cell: 'an execution of two things',
    path: '/v1/executions',
    body: { workflow: 'safe-tool-execution', action: 'pay' },
    pointer: '/action',
    says: ['/action', 'either workflow or action, not both'],
  },
  {
    cell: 'an action to reconcile that is not named',
    path: '/v1/outcomes/reconcile',
    body: {},
    pointer: '/action',
    says: ['/action: expected the name of an action, or {intent, params}', '/conditions'],
  },
  {
    cell: 'a fallback that there is not',
    path: '/v1/call',
    body: { ...CALL, failure_policy: { fallback: 'nothing' } },
    status: 404,
    pointer: '/failure_policy/fallback',
    says: ['/failure_policy/fallback: There is no tool "nothing".'],
  },
  {
    cell: 'a tool that is its own fallback',
    path: '/v1/call',
    body: { ...CALL, failure_policy: { fallback: 'pay' } },
    pointer: '/failure_policy/fallback',
    says: ['/failure_policy/fallback', 'its own fallback'],
  },
  {
    cell: 'more retries than are allowed',
    path: '/v1/call',
    body: { ...CALL, failure_policy: { retry: 99 } },
    pointer: '/failure_policy/retry',
    says: ['/failure_policy/retry', 'at most'],
  },
  {
    cell: 'a lookup tool that there is not',
    path: '/v1/call',
    body: reconcile({ tool: 'nothing' }),
    status: 404,
    pointer: '/failure_policy/reconcile/state_refetch/tool',
    says: ['/failure_policy/reconcile/state_refetch/tool: There is no tool "nothing".'],
  },
  {
    cell: 'an address that is not one of the web',
    path: '/v1/call',
    body: { tool: 'fetch.url', params: { url: 'ftp://example.com/a' } },
    pointer: '/params/url',
    says: ['/params/url expected: an absolute http or https URL without credentials'],
  },
  {
    cell: 'a lookup tool that writes',
    path: '/v1/call',
    body: reconcile({ tool: 'pay' }),
    pointer: '/failure_policy/reconcile/state_refetch/tool',
    says: ['/failure_policy/reconcile/state_refetch/tool', 'pay is not declared as a read tool'],
  },
  {
    cell: 'a condition that cannot be used',
    path: '/v1/call',
    body: reconcile({ tool: 'read_state' }, { charged: '> 0; exit()' }),
    pointer: '/failure_policy/reconcile/conditions/charged',
    says: ['/failure_policy/reconcile/conditions/charged'],
  },
  {
    cell: 'a tool to verify with that there is not',
    path: '/v1/state/verify',
    body: verify({ tool: 'nothing' }),
    status: 404,
    pointer: '/state_refetch/tool',
    says: ['/state_refetch/tool: There is no tool "nothing".'],
  },
  {
    cell: 'params that do not fit the tool to verify with',
    path: '/v1/state/verify',
    body: verify({ tool: 'read_state', params: { id: 5 } }),
    pointer: '/state_refetch/params/id',
    says: ['/state_refetch/params/id', 'expected string, got integer'],
  },
  {
    cell: 'a condition to verify that cannot be used',
    path: '/v1/state/verify',
    body: { intent: 'x', conditions: { balance: '> 0; exit()' } },
    pointer: '/conditions/balance',
    says: ['/conditions/balance'],
  },
  {
    cell: 'the answer of GET /policy as it is',
    path: '/v1/policy',
    method: 'PUT',
    body: { document: { rules: [] } },
    pointer: '/document',
    says: ['/document', 'is the whole body here'],
  },
  {
    cell: 'a status that no trace has',
    path: '/v1/traces?status=zzz',
    method: 'GET',
    pointer: '/status',
    says: ['/status: expected the status of a call'],
  },
  {
    cell: 'a parameter that the list of tools does not know',
    path: '/v1/discover?q=pay&limit=0',
    method: 'GET',
    pointer: '/limit',
    says: ['/limit: this field is not known here'],
  },
  {
    cell: 'a page that is no number',
    path: '/v1/executions?limit=abc',
    method: 'GET',
    pointer: '/limit',
    says: ['/limit: expected number, got text that is no number'],
  },
];

describe('a refusal says which field, what was expected and what to do', () => {
  test.each(CELLS)('$cell', async ({ path, method = 'POST', body, status = 422, pointer, says }) => {
    const answer = await gateway.request(method, path, body === undefined ? {} : { body });
    expect(answer.status).toBe(status);
    expect((answer.body['errors'] as { pointer: string }[]).map((e) => e.pointer)).toContain(pointer);
    for (const words of says) expect(answer.body['detail']).toContain(words);
  });

  test('a key that nobody has sent is told as what it was derived from', async () => {
    const call = (amount: number) =>
      gateway.request('POST', '/v1/call', {
        body: { tool: 'order', params: { order_id: 'o1', amount }, agent_id: 'a' },
      });
    expect((await call(1)).status).toBe(200);
    const other = await call(2);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
    expect(other.body['detail']).toContain('derives the idempotency key from order_id');
    expect(other.body['detail']).toContain('send an idempotency_key of your own');
  });

  test.each(['completed', 'entity_mismatch', 'verified', 'not_executed'])(
    'traces can be asked for by %s',
    async (status) => {
      expect((await gateway.request('GET', `/v1/traces?status=${status}`)).status).toBe(200);
    },
  );
});
