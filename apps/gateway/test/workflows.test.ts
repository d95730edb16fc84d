import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

const CALLER = 'inv_test_caller_0123456789';
const TRACER = 'inv_test_tracer_0123456789';
const LISTED = 'inv_test_listed_0123456789';
const OTHER = 'inv_test_other_0123456789';
const APPROVER = 'inv_test_approver_0123456789';
const KEYS = {
  [CALLER]: { scopes: ['tools:call'], workflows: ['safe-tool-execution', 'failure-trace-visualization'] },
  [TRACER]: { scopes: ['traces:read'] },
  [LISTED]: { scopes: ['tools:call'], allowed_tools: ['create_issue'] },
  [APPROVER]: { scopes: ['approvals:read', 'approvals:write'] },
  [OTHER]: { tenant: 'b', scopes: ['tools:call', 'tools:read', 'traces:read', 'providers:admin'] },
};

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  tools = await openToolServer();
  gateway = await openGateway({ INVOKE_API_KEY_SCOPES: JSON.stringify(KEYS) });
  await register(gateway, 'create_issue', `${tools.url}/ok`, { timeout_ms: 1000 });
  await register(gateway, 'broken', `${tools.url}/status/500`, { timeout_ms: 1000 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

type Options = Parameters<TestGateway['request']>[2];
const post = (path: string, body: object, options: Options = {}) =>
  gateway.request('POST', path, { body, ...options });
const codeOf = ({ status, body }: Awaited<ReturnType<typeof post>>) => [status, body['code']];

/** Curl 4 of the description. */
const CHARGE = {
  workflow: 'safe-tool-execution',
  agent_id: 'revops_agent',
  input: { params: { customer_id: 'cust_acme', amount: 2400, currency: 'usd' } },
};
const execute = (key: string, body: object = CHARGE, options: Options = {}) =>
  post('/v1/executions', body, { ...options, headers: { 'Idempotency-Key': key, ...options.headers } });

interface Execution {
  readonly execution_id: string;
  readonly trace: readonly { readonly step: string; readonly status: string }[];
}

describe('POST /executions with a workflow', () => {
  test('curl 4 of the description: the lost answer is reconciled, and the execution has the shape it shows', async () => {
    const startedAt = performance.now();
    const answer = await execute('demo-charge-001');
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      execution: {
        workflow_id: 'safe-tool-execution',
        status: 'completed',
        decision: 'do_not_retry',
        idempotency_key: 'demo-charge-001',
        final_outcome: 'completed',
      },
      certificate: { decision: 'do_not_retry', final_outcome: 'completed' },
    });
    const execution = answer.body['execution'] as Execution;
    expect(execution.execution_id).toMatch(/^exec_[0-9a-f]{32}$/);
    expect((answer.body['certificate'] as Execution).execution_id).toBe(execution.execution_id);
    expect(execution.trace.map((s) => [s.step, s.status])).toEqual([
      ['request_received', 'completed'],
      ['risk_scanned', 'completed'],
      ['tool_authorized', 'completed'],
      ['tool_called', 'outcome_reconciled'],
      ['attempt_started', 'completed'],
      ['attempt_ended', 'confirmed_applied'],
      ['outcome_looked_up', 'applied'],
      ['unknown_outcome_reconciled', 'completed'],
      ['duplicate_retry_blocked', 'completed'],
      ['execution_completed', 'completed'],
    ]);
    const listed = await gateway.request('GET', '/v1/executions');
    expect((listed.body['executions'] as Execution[])[0]?.execution_id).toBe(execution.execution_id);
  });

  test('repeats get the same bytes, whatever the order of keys and the spelling of numbers (IDEM-007, 008)', async () => {
    const first = await execute('k-order');
    const again = await execute('k-order');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.text).toBe(first.text);
    const raw =
      '{"agent_id":"revops_agent","input":{"params":{"currency":"usd","amount":2400.0,"customer_id":"cust_acme"}},"workflow":"safe-tool-execution"}';
    const options = { body: raw, headers: { 'Idempotency-Key': '"k-order"' } };
    const spelled = await gateway.request('POST', '/executions', options);
    expect(spelled.text).toBe(first.text);
  });

  test('another payload, agent or workflow under the same key is refused (IDEM-001, 011)', async () => {
    const first = await execute('k1');
    const params = { customer_id: 'cust_acme', amount: 9900, currency: 'usd' };
    expect(codeOf(await execute('k1', { ...CHARGE, input: { params } }))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(codeOf(await execute('k1', { ...CHARGE, agent_id: 'other_agent' }))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    await gateway.request('PUT', '/v1/workflows/same-call', {
      body: {
        title: 'Same call',
        steps: [
          {
            kind: 'call',
            step: 'called',
            title: 'Called',
            tool: 'sandbox.charge',
            params: '${input.params}',
          },
        ],
      },
    });
    const other = await execute('k1', { ...CHARGE, workflow: 'same-call' });
    expect(codeOf(other)).toEqual([422, 'idempotency_key_reused']);
    expect((await execute('k1')).text).toBe(first.text);
  });

  test('the same key of another tenant names another execution (IDEM-002)', async () => {
    const own = await execute('k-tenant');
    const theirs = await execute('k-tenant', CHARGE, { key: OTHER });
    expect(theirs.status).toBe(200);
    const id = (a: typeof own) => (a.body['execution'] as Execution).execution_id;
    expect(id(theirs)).not.toBe(id(own));
  });

  test('empty and contradicting keys are refused (IDEM-003)', async () => {
    expect(codeOf(await execute(''))).toEqual([400, 'bad_request']);
    expect(codeOf(await execute('a', { ...CHARGE, idempotency_key: 'b' }))).toEqual([400, 'bad_request']);
  });

  test('any params will do for the sandbox, and no agent is needed', async () => {
    const body = { workflow: 'safe-tool-execution', input: { params: { invoice_id: 'inv_123' } } };
    expect((await execute('checkout-retry-001', body)).body).toMatchObject({
      success: true,
      execution: { idempotency_key: 'checkout-retry-001', final_outcome: 'completed' },
    });
  });

  test('without a key every request is a call of its own', async () => {
    const first = await post('/v1/executions', CHARGE);
    const second = await post('/v1/executions', CHARGE);
    expect(first.body).toMatchObject({ success: true, execution: { idempotency_key: null } });
    expect(first.text).not.toBe(second.text);
  });

  test('a tool that is named is called instead of the sandbox', async () => {
    const before = tools.effects.length;
    const body = { workflow: 'safe-tool-execution', input: { tool: 'create_issue', params: { title: 'a' } } };
    const answer = await execute('k-tool', body);
    expect(answer.body).toMatchObject({
      success: true,
      execution: { tool: 'create_issue', status: 'completed' },
    });
    await execute('k-tool', body);
    expect(tools.effects.length).toBe(before + 1);
  });

  test.each([
    ['no such workflow', { ...CHARGE, workflow: 'nope' }, [404, 'not_found']],
    [
      'a workflow that calls nothing',
      { ...CHARGE, workflow: 'live-context-retrieval' },
      [422, 'validation_failed'],
    ],
    ['both forms at once', { ...CHARGE, action: 'create_issue' }, [422, 'validation_failed']],
    ['no such tool', { ...CHARGE, input: { tool: 'nope' } }, [404, 'not_found']],
  ])('%s', async (_, body, expected) => {
    expect(codeOf(await execute('k-refused', body))).toEqual(expected);
  });

  test('a key has no more rights in a workflow than in a call', async () => {
    expect(codeOf(await execute('k-listed', CHARGE, { key: LISTED }))).toEqual([403, 'tool_not_allowed']);
    expect(codeOf(await execute('k-tracer', CHARGE, { key: TRACER }))).toEqual([403, 'insufficient_scope']);
    expect((await execute('k-caller', CHARGE, { key: CALLER })).status).toBe(200);
    const other = { ...CHARGE, workflow: 'same-call' };
    expect(codeOf(await execute('k-caller-2', other, { key: CALLER }))).toEqual([403, 'context_denied']);
  });
});

describe('POST /workflows/{id}/run', () => {
  test('safe-tool-execution needs nothing', async () => {
    const answer = await post('/v1/workflows/safe-tool-execution/run', {});
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      workflow_id: 'safe-tool-execution',
      status: 'completed',
    });
    expect(answer.body['visual_flow']).toBe(
      'request_received -> risk_scanned -> tool_authorized -> tool_called -> unknown_outcome_reconciled -> duplicate_retry_blocked -> execution_completed',
    );
    const trace = answer.body['trace'] as Record<string, unknown>[];
    expect(trace[1]).toEqual({
      step: 'risk_scanned',
      title: 'Risk scanned',
      status: 'completed',
      detail: 'sandbox.charge: low risk (25 of 100)',
    });
    expect(trace.flatMap((line) => Object.values(line)).every((v) => typeof v === 'string')).toBe(true);
    expect(answer.body['summary']).toMatch(/^Safe tool execution completed: sandbox\.charge: /);
  });

  test('live-context-retrieval says what is missing while nobody searches', async () => {
    const answer = await post('/v1/workflows/live-context-retrieval/run', { query: 'mcp auth' });
    expect(codeOf(answer)).toEqual([501, 'not_configured']);
    expect(answer.body['detail']).toContain('no search provider');
    expect(answer.body['visual_flow']).toBe('request_received -> execution_refused');
    const silent = await post('/v1/workflows/live-context-retrieval/run', {});
    expect(codeOf(silent)).toEqual([422, 'validation_failed']);
    expect(silent.body['detail']).toContain('input.query is missing');
  });

  test('failure-trace-visualization draws the worst of what went wrong', async () => {
    const failing = await post('/v1/call', { tool: 'broken', params: {}, agent_id: 'agent' });
    expect(failing.body['status']).toBe('unknown');
    await post('/v1/call', { tool: 'nope', params: {} });
    const answer = await post('/v1/workflows/failure-trace-visualization/run', { limit: 5 });
    expect(answer.status).toBe(200);
    expect(answer.body['visual_flow']).toBe(
      'request_received -> attempt_started -> attempt_ended -> unknown',
    );
    expect(answer.body['summary']).toMatch(/requests went wrong; the worst is broken \(unknown\)\.$/);
    const { failures } = answer.body['result'] as { failures: { tool: string }[] };
    expect(failures[0]?.tool).toBe('broken');
    expect(failures.map((f) => f.tool)).toContain('nope');
    expect(codeOf(await post('/v1/workflows/failure-trace-visualization/run', {}, { key: CALLER }))).toEqual([
      403,
      'insufficient_scope',
    ]);
    const theirs = await post('/v1/workflows/failure-trace-visualization/run', {}, { key: OTHER });
    expect(theirs.body['summary']).toMatch(/none went wrong\.$/);
  });

  test('POST /search is not configured, and long queries are refused (MISC-001)', async () => {
    const answer = await post('/v1/search', { query: 'latest MCP agent failures', limit: 3 });
    expect(codeOf(answer)).toEqual([501, 'not_configured']);
    expect(codeOf(await post('/v1/search', { query: 'x'.repeat(2001) }))).toEqual([422, 'validation_failed']);
  });
});

describe('workflows of a tenant', () => {
  const TWO_CALLS = {
    title: 'Two calls',
    steps: [
      {
        kind: 'call',
        step: 'first',
        title: 'First',
        tool: 'create_issue',
        params: { title: '${input.params.title}' },
      },
      {
        kind: 'call',
        step: 'second',
        title: 'Second',
        tool: '${input.tool|create_issue}',
        params: { about: '${steps.first.path}', note: 'not ${input.params.title}' },
      },
    ],
  };

  test('one is added, listed, run and resumed; each call has a key of its own', async () => {
    const saved = await gateway.request('PUT', '/v1/workflows/two-calls', { body: TWO_CALLS });
    expect(saved.status).toBe(201);
    expect((await gateway.request('PUT', '/v1/workflows/two-calls', { body: TWO_CALLS })).status).toBe(200);
    const listed = await gateway.request('GET', '/v1/workflows');
    expect((listed.body['workflows'] as { id: string }[]).map((w) => w.id)).toEqual(
      expect.arrayContaining([
        'safe-tool-execution',
        'live-context-retrieval',
        'failure-trace-visualization',
        'two-calls',
      ]),
    );
    const before = tools.effects.length;
    const input = { params: { title: '${input.params}' } };
    const stuck = await execute('two', { workflow: 'two-calls', input: { ...input, tool: 'broken' } });
    expect(stuck.body).toMatchObject({ success: false, execution: { tool: 'broken' } });
    expect(tools.effects.slice(before).map((e) => e.body)).toEqual([{ title: '${input.params}' }]);
    const whole = await execute('two-2', { workflow: 'two-calls', input });
    expect(whole.body).toMatchObject({
      success: true,
      execution: { idempotency_key: 'two-2', workflow_id: 'two-calls' },
    });
    expect(tools.effects.at(-1)?.body).toEqual({ about: '/ok', note: 'not ${input.params.title}' });
    expect((await execute('two-2', { workflow: 'two-calls', input })).text).toBe(whole.text);
    expect(tools.effects.length).toBe(before + 3);
  });

  test('one that waits for a human goes on where it stopped', async () => {
    const steps = [
      { kind: 'call', step: 'first', title: 'First', tool: 'create_issue', params: { n: 1 } },
      {
        kind: 'call',
        step: 'second',
        title: 'Second',
        tool: 'create_issue',
        params: { n: 2 },
        policy: {
          rules: [{ when: 'tool == create_issue', effect: 'require_approval', reason: 'a human looks' }],
        },
      },
      { kind: 'call', step: 'third', title: 'Third', tool: 'create_issue', params: { n: 3 } },
    ];
    await gateway.request('PUT', '/v1/workflows/with-approval', { body: { title: 'With approval', steps } });
    const before = tools.effects.length;
    const made = () => tools.effects.slice(before).map((e) => (e.body as { n: number }).n);
    const run = () =>
      post('/v1/workflows/with-approval/run', {}, { headers: { 'Idempotency-Key': 'appr-1' } });
    const waiting = await run();
    expect([waiting.status, waiting.body['status'], made()]).toEqual([202, 'pending_approval', [1]]);
    expect(waiting.body['visual_flow']).toBe(
      'request_received -> first -> second -> approval_requested -> execution_pending_approval',
    );
    expect((await run()).body['execution_id']).toBe(waiting.body['execution_id']);
    const { body } = await gateway.request('GET', '/v1/approvals', { key: APPROVER });
    const pending = (body['approvals'] as { id: string; execution_id: string }[]).find(
      (a) => a.execution_id === waiting.body['execution_id'],
    );
    await post(`/v1/approvals/${String(pending?.id)}/approve`, {}, { key: APPROVER });
    const ended = await run();
    expect([ended.status, ended.body['status'], made()]).toEqual([200, 'completed', [1, 2, 3]]);
    expect((await run()).body).toEqual(ended.body);
    expect(made()).toEqual([1, 2, 3]);
  });

  test('it is the tenant\u2019s own', async () => {
    const run = await post('/v1/workflows/two-calls/run', {}, { key: OTHER });
    expect(codeOf(run)).toEqual([404, 'not_found']);
  });

  const step = { kind: 'call', step: 'a', title: 'A', tool: 'create_issue' };
  test.each([
    ['a name that is taken', 'safe-tool-execution', [step], '/id'],
    ['two steps of one name', 'w', [step, step], '/steps/1/step'],
    ['a step that comes later', 'w', [{ ...step, params: { x: '${steps.b.y}' } }], '/steps/0/params/x'],
    ['a placeholder that is none', 'w', [{ ...step, params: { x: '${env.HOME}' } }], '/steps/0/params/x'],
    ['a step of the runner', 'w', [{ ...step, step: 'request_received' }], '/steps/0/step'],
  ])('%s is refused', async (_, id, steps, pointer) => {
    const answer = await gateway.request('PUT', `/v1/workflows/${id}`, { body: { title: 'W', steps } });
    expect(codeOf(answer)).toEqual([422, 'validation_failed']);
    expect((answer.body['errors'] as { pointer: string }[])[0]?.pointer).toBe(pointer);
  });
});
