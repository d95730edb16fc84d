import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, TENANT_B, type Answer, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'git.push', `${tools.url}/ok`, {
    input_schema: { type: 'object', properties: { branch: { type: 'string' }, force: { type: 'boolean' } } },
  });
  await register(gateway, 'read_state', `${tools.url}/state`, { effect: 'read' });
  await register(gateway, 'read_nothing', `${tools.url}/status/500`, { effect: 'read' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const PUSH = {
  tool: 'git.push',
  params: { branch: 'main' },
  agent_id: 'billing_agent',
  action: 'git_push',
} as const;

/** Sends a call in both forms of the path; both answers have to be the same but for their ids. */
async function callBoth(body: object): Promise<Answer> {
  const [plain, versioned] = [
    await gateway.request('POST', '/call', { body }),
    await gateway.request('POST', '/v1/call', { body }),
  ];
  expect([plain.status, plain.body['code']]).toEqual([versioned.status, versioned.body['code']]);
  return versioned;
}

const REFUSED: readonly {
  cell: string;
  policy: unknown;
  call?: object;
  status: number;
  code: string;
  pointer?: string;
  detail?: string;
}[] = [
  {
    cell: 'a constructor by way of escapes',
    policy: {
      rules: [
        { when: 'action["\\x63onstructor"]["\\x63onstructor"]("return 1")()', effect: 'require_approval' },
      ],
    },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/rules/0/when',
  },
  {
    cell: 'a misspelt name',
    policy: { rules: [{ when: 'brnach == main', effect: 'allow' }] },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/rules/0/when',
    detail: 'rules[0] cannot be used: brnach is not known in this call; did you mean branch?',
  },
  {
    cell: 'a dotted word without quotes',
    policy: { rules: [{ when: 'tool == git.push', effect: 'deny' }] },
    status: 422,
    code: 'policy_invalid',
    detail: 'rules[0] cannot be used: git is not known in this call; text needs quotes',
  },
  {
    cell: 'deny and allow',
    policy: {
      rules: [
        { when: 'action == git_push', effect: 'allow' },
        { when: 'action == git_push', effect: 'deny' },
      ],
    },
    status: 403,
    code: 'policy_denied',
    detail: 'Not allowed, because action == git_push',
  },
  {
    cell: 'a name that two values are given for',
    policy: { rules: [{ when: 'branch == main', effect: 'deny' }] },
    call: { execution_state: { variables: { branch: 'dev' } } },
    status: 409,
    code: 'context_conflict',
  },
  {
    cell: 'a condition on such a name',
    policy: { intent: 'x', condition: 'status == overdue' },
    call: { params: { status: 'paid' }, execution_state: { variables: { status: 'overdue' } } },
    status: 409,
    code: 'context_conflict',
  },
  {
    cell: 'a deny rule on a param that is missing',
    policy: { rules: [{ when: 'force', effect: 'deny', reason: 'No force pushes' }] },
    status: 403,
    code: 'policy_denied',
    detail: 'No force pushes (it cannot be decided: force is missing)',
  },
  {
    cell: 'regular expressions of JavaScript',
    policy: { rules: [{ when: "branch matches '^(a+)+$'", effect: 'deny' }] },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/rules/0/when',
  },
  {
    cell: 'nested macros',
    policy: { rules: [{ when: 'params.l.all(x, params.l.all(y, x == y))', effect: 'deny' }] },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/rules/0/when',
  },
  {
    cell: 'more than an operator and a literal',
    policy: { intent: 'x', conditions: { balance: '> 0; process.exit()' }, threshold: 'strict' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/conditions/balance',
  },
  {
    cell: 'a number that is not finite',
    policy: { intent: 'x', conditions: { balance: '> 1e400' }, threshold: 'strict' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/conditions/balance',
  },
  {
    cell: 'a threshold that there is not',
    policy: { intent: 'x', conditions: { balance: '> 0' }, threshold: 'whatever' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/threshold',
  },
  {
    cell: 'a contract without conditions',
    policy: { intent: 'x', conditions: {}, threshold: 'strict' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/conditions',
  },
  {
    cell: 'an expiry in the past',
    policy: { intent: 'x', conditions: { a: 1 }, expires_at: '2020-01-01T00:00:00Z' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/expires_at',
  },
  {
    cell: 'an expiry that is none',
    policy: { intent: 'x', conditions: { a: 1 }, expires_at: '9999-12-31T23:59:59Z' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/expires_at',
  },
  {
    cell: 'a date that does not exist',
    policy: { intent: 'x', conditions: { a: 1 }, expires_at: '2026-02-30T00:00:00Z' },
    status: 422,
    code: 'policy_invalid',
    pointer: '/policy/expires_at',
  },
  {
    cell: 'a write tool to read state with',
    policy: {
      intent: 'x',
      conditions: { charged: true },
      state_refetch: { tool: 'git.push', params: {} },
    },
    status: 422,
    code: 'validation_failed',
    pointer: '/policy/state_refetch/tool',
  },
  {
    cell: 'a tool to read state with that there is not',
    policy: { intent: 'x', conditions: { charged: true }, state_refetch: { tool: 'nothing', params: {} } },
    status: 404,
    code: 'not_found',
    pointer: '/policy/state_refetch/tool',
  },
  {
    cell: 'state that cannot be read',
    policy: { intent: 'x', conditions: { charged: true }, state_refetch: { tool: 'read_nothing' } },
    status: 409,
    code: 'replan_required',
  },
  {
    cell: 'conditions that current state does not satisfy',
    policy: { intent: 'x', conditions: { charged: true }, state_refetch: { tool: 'read_state' } },
    status: 409,
    code: 'replan_required',
    detail: 'Current state does not satisfy the conditions of this call: charged.',
  },
  {
    cell: 'a condition that current state does not satisfy, whatever the caller remembers',
    policy: { intent: 'x', condition: 'charged == true', state_refetch: { tool: 'read_state' } },
    call: { execution_state: { variables: { charged: true } } },
    status: 409,
    code: 'replan_required',
    detail: 'The condition of this call does not hold any more: charged == true',
  },
];

describe('a policy that is attached to a call', () => {
  test.each(REFUSED)('$cell: $code, and nothing is executed', async ({ policy, call = {}, ...expected }) => {
    const before = tools.effects.length;
    const answer = await callBoth({ ...PUSH, ...call, policy });
    expect([answer.status, answer.body['code']]).toEqual([expected.status, expected.code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const [error] = (answer.body['errors'] ?? []) as readonly { pointer: string }[];
    if (expected.pointer !== undefined) expect(error?.pointer).toBe(expected.pointer);
    if (expected.detail !== undefined) expect(answer.body['detail']).toBe(expected.detail);
    expect(tools.effects).toHaveLength(before);
  });

  test('shows the place of a mistake', async () => {
    const policy = { rules: [{ when: 'action == git_push and branch = main', effect: 'deny' }] };
    const answer = await callBoth({ ...PUSH, policy });
    expect(answer.body['caret']).toBe(
      '/policy/rules/0/when: use "==" to compare\n  action == git_push and branch = main\n                                ^',
    );
  });

  test('says which rule denies and whose it is', async () => {
    const rule = { id: 'no-main', when: 'branch == main', effect: 'deny', reason: 'Not to main' };
    const answer = await callBoth({ ...PUSH, policy: { rules: [rule] } });
    expect(answer.body).toMatchObject({
      detail: 'Not to main',
      rule: 'no-main',
      source: 'call',
      reason: 'Not to main',
    });
    expect(answer.body).not.toHaveProperty('undecided');
  });

  test('with rules that do not apply, the call is executed', async () => {
    const before = tools.effects.length;
    const policy = { rules: [{ when: 'branch == release', effect: 'deny' }] };
    expect((await callBoth({ ...PUSH, policy })).status).toBe(200);
    expect(tools.effects).toHaveLength(before + 2);
  });

  test('a refused call holds no key: the same key may be used for a call that is allowed', async () => {
    const keyed = { ...PUSH, idempotency_key: 'policy-1' };
    const policy = { rules: [{ when: 'branch == main', effect: 'deny' }] };
    expect((await gateway.request('POST', '/v1/call', { body: { ...keyed, policy } })).status).toBe(403);
    expect((await gateway.request('POST', '/v1/call', { body: keyed })).status).toBe(200);
  });
});

describe('the policy of a tenant', () => {
  const save = (document: object, key?: string) =>
    gateway.request('PUT', '/v1/policy', { body: document, ...(key === undefined ? {} : { key }) });

  test('counts from the answer on, also for reads, and for no other tenant', async () => {
    const rules = [
      { id: 'no-push', when: 'tool == "git.push" and branch == main', effect: 'deny' },
      { id: 'no-look', when: 'tool == read_state', effect: 'deny' },
    ];
    expect((await save({ rules }, TENANT_B)).status).toBe(200);
    expect((await callBoth(PUSH)).status).toBe(200);
    expect((await save({ rules })).status).toBe(200);
    expect((await callBoth(PUSH)).body).toMatchObject({
      code: 'policy_denied',
      rule: 'no-push',
      source: 'tenant',
    });
    expect((await callBoth({ tool: 'read_state' })).body).toMatchObject({
      code: 'policy_denied',
      rule: 'no-look',
    });
    expect((await callBoth({ ...PUSH, params: { branch: 'dev' } })).status).toBe(200);
    expect((await callBoth({ ...PUSH, params: {} })).body).toMatchObject({
      code: 'policy_denied',
      undecided: 'branch is missing',
    });
    expect((await save({ rules: [] })).status).toBe(200);
    expect((await callBoth(PUSH)).status).toBe(200);
  });

  test("a caller's own allow does not open what it forbids", async () => {
    await save({ rules: [{ id: 'no-push', when: 'action == git_push', effect: 'deny' }] });
    const policy = { rules: [{ when: 'true', effect: 'allow', priority: 1000 }] };
    expect((await callBoth({ ...PUSH, policy })).body).toMatchObject({
      code: 'policy_denied',
      rule: 'no-push',
    });
    await save({ rules: [] });
  });

  test('a repeat of a call that went through gets its answer, whatever is forbidden since', async () => {
    const body = { ...PUSH, idempotency_key: 'policy-2' };
    const first = await gateway.request('POST', '/v1/call', { body });
    await save({ rules: [{ when: 'true', effect: 'deny' }] });
    const again = await gateway.request('POST', '/v1/call', { body });
    expect([again.status, again.body['execution_id']]).toEqual([200, first.body['execution_id']]);
    await save({ rules: [] });
  });
});
