import { describe, expect, test } from 'vitest';
import { Invoke, InvokeError, type InvokeOptions } from '../src/index.js';
import {
  json,
  problem,
  reset,
  startScriptedServer,
  type ScriptedServer,
} from './fixtures/scripted-server.js';

const clientOf = (server: ScriptedServer, more: InvokeOptions = {}) =>
  new Invoke({ apiKey: 'inv_test_k', baseUrl: server.url, ...more });

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => (InvokeError.isInstance(error) ? `${error.code}, ${error.retry}` : error),
  );

describe('state', () => {
  test('verifyState: the example of the description; data of the caller keeps its spelling', async () => {
    await using server = await startScriptedServer(
      json(200, {
        success: true,
        status: 'blocked',
        decision: 'abort',
        intent: 'send_invoice_reminder',
        current_state: { invoice_status: 'paid', someField: { a_b: 1 } },
        fields: [
          {
            field: 'invoice_status',
            assumed: 'unpaid',
            current: 'paid',
            drifted: true,
            holds: false,
            verdict: 'condition_failed',
          },
        ],
        reason: 'invoice_status is paid',
        trace_id: 'tr_1',
      }),
    );
    const state = await clientOf(server).verifyState({
      intent: 'send_invoice_reminder',
      requiredFields: ['invoice_status', 'customerBalance'],
      assumedState: { invoice_status: 'unpaid', customerBalance: 125 },
      stateRefetch: { tool: 'fetch.url', params: { theUrl: 'https://billing.example.com/invoices/inv_123' } },
      conditions: { invoice_status: 'unpaid', customerBalance: '> 0' },
      onMismatch: 'replan',
      agentId: 'a',
      currentState: { aB: 1 },
    });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/v1/state/verify' });
    expect(server.seen[0]?.body).toEqual({
      intent: 'send_invoice_reminder',
      required_fields: ['invoice_status', 'customerBalance'],
      assumed_state: { invoice_status: 'unpaid', customerBalance: 125 },
      state_refetch: {
        tool: 'fetch.url',
        params: { theUrl: 'https://billing.example.com/invoices/inv_123' },
      },
      conditions: { invoice_status: 'unpaid', customerBalance: '> 0' },
      on_mismatch: 'replan',
      agent_id: 'a',
      current_state: { aB: 1 },
    });
    expect(state.decision).toBe('abort');
    expect(state.currentState).toEqual({ invoice_status: 'paid', someField: { a_b: 1 } });
    expect(state.fields[0]?.verdict).toBe('condition_failed');
    expect(state.traceId).toBe('tr_1');
  });

  test('reconcile: the example of the description', async () => {
    await using server = await startScriptedServer(
      reset,
      json(200, {
        success: true,
        status: 'outcome_reconciled',
        decision: 'do_not_retry',
        outcome: 'SUCCESS',
        current_state: { charged: true },
        fields: [],
        reason: 'charged',
        trace_id: 'tr_1',
      }),
    );
    const outcome = await clientOf(server).reconcile({
      action: { intent: 'charge_customer', params: { paymentId: 'pay_123' }, idempotencyKey: 'k' },
      outcome: 'UNKNOWN',
      stateRefetch: { tool: 'payments.lookup', params: { payment_id: 'pay_123' } },
      conditions: { isCharged: true },
      minAbsentReads: 2,
    });
    expect(outcome.decision).toBe('do_not_retry');
    // It only reads, so a lost connection is no reason to stop.
    expect(server.seen).toHaveLength(2);
    expect(server.seen[1]).toMatchObject({ url: '/v1/outcomes/reconcile' });
    expect(server.seen[1]?.body).toEqual({
      action: { intent: 'charge_customer', params: { paymentId: 'pay_123' }, idempotency_key: 'k' },
      outcome: 'UNKNOWN',
      state_refetch: { tool: 'payments.lookup', params: { payment_id: 'pay_123' } },
      conditions: { isCharged: true },
      min_absent_reads: 2,
    });
    await clientOf(server).reconcile({ action: 'charge_customer', conditions: { charged: true } });
    expect(server.seen[2]?.body).toEqual({ action: 'charge_customer', conditions: { charged: true } });
  });
});

describe('executions', () => {
  const execution = {
    execution_id: 'exec_142',
    workflow_id: 'safe-tool-execution',
    final_outcome: 'completed',
  };

  test('execute: a workflow, as in the description', async () => {
    await using server = await startScriptedServer(
      json(200, { success: true, execution, certificate: { execution_id: 'exec_142' } }),
    );
    const created = await clientOf(server).execute({
      workflow: 'safe-tool-execution',
      agentId: 'revops_agent',
      idempotencyKey: 'demo-charge-001',
      input: { params: { customer_id: 'cust_acme', amount: 2400, inCents: false } },
    });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/v1/executions' });
    expect(server.seen[0]?.body).toEqual({
      workflow: 'safe-tool-execution',
      agent_id: 'revops_agent',
      idempotency_key: 'demo-charge-001',
      input: { params: { customer_id: 'cust_acme', amount: 2400, inCents: false } },
    });
    expect([created.execution.executionId, created.certificate.executionId]).toEqual([
      'exec_142',
      'exec_142',
    ]);
  });

  test('execute: an action, with what was known before', async () => {
    await using server = await startScriptedServer(
      json(200, {
        success: true,
        execution,
        preflight: { risk_score: 'low', safe_fixes: { idempotency_key: 'k' } },
      }),
    );
    const created = await clientOf(server).execute({ action: 'charge', applySafeFixes: true });
    expect(server.seen[0]?.body).toEqual({
      action: 'charge',
      params: {},
      apply_safe_fixes: true,
      idempotency_key: expect.stringMatching(/^auto_/),
    });
    expect(created.preflight).toEqual({ riskScore: 'low', safeFixes: { idempotencyKey: 'k' } });
  });

  test('preflight', async () => {
    await using server = await startScriptedServer(
      json(200, {
        preflight: {
          risk_score: 'high',
          risk_score_numeric: 71,
          subject: { tool: 'charge', safety_class: 'C' },
          simulation: { similar_traces: 3, source: 'store', completed: 1, failed: 1, unknown: 1 },
          warnings: [{ severity: 'warning', message: 'blind' }],
          recommended_guardrails: [{ type: 'idempotency', action: 'add_key', applied: false }],
          safe_fixes: { idempotency_key: null },
          decision: 'require_approval',
          code: null,
          reason: 'a rule asks for it',
        },
      }),
      json(200, { something: 'else' }),
    );
    const invoke = clientOf(server);
    const { data, response } = await invoke
      .preflight({
        action: 'charge',
        params: { customerId: 1 },
        agentId: 'a',
        policy: { rules: [{ when: 'x', effect: 'deny', allowed_action: 'y' }] },
        failurePolicy: { onFailure: 'escalate' },
        entityResolution: { entityId: 'e', source: 's', resolvedAt: '2026-05-01T12:00:00Z' },
      })
      .withResponse();
    expect(response?.status).toBe(200);
    expect(data).toMatchObject({
      riskScoreNumeric: 71,
      subject: { safetyClass: 'C' },
      simulation: { similarTraces: 3 },
      recommendedGuardrails: [{ type: 'idempotency' }],
      decision: 'require_approval',
    });
    expect(server.seen[0]?.url).toBe('/v1/preflight');
    expect(server.seen[0]?.body).toEqual({
      action: 'charge',
      params: { customerId: 1 },
      agent_id: 'a',
      policy: { rules: [{ when: 'x', effect: 'deny', allowed_action: 'y' }] },
      failure_policy: { on_failure: 'escalate' },
      entity_resolution: { entity_id: 'e', source: 's', resolved_at: '2026-05-01T12:00:00Z' },
    });
    expect(await codeOf(invoke.preflight({ action: 'charge' }))).toBe('invalid_response, never');
  });
});

describe('workflows', () => {
  test('run: one key over all attempts, and the story', async () => {
    await using server = await startScriptedServer(
      reset,
      json(200, {
        success: true,
        workflow_id: 'live-context-retrieval',
        status: 'completed',
        summary: 'Three sources.',
        visual_flow: 'request_received -> context_retrieved',
        trace: [{ step: 'request_received', title: 'Request', status: 'completed', detail: '' }],
        execution_id: null,
        result: { a_b: 1 },
      }),
    );
    const run = await clientOf(server).workflow('live-context-retrieval', {
      query: 'latest MCP agent failures',
      limit: 3,
      params: { keepMe: 1 },
      agentId: 'a',
    });
    expect(run).toMatchObject({ visualFlow: 'request_received -> context_retrieved', result: { a_b: 1 } });
    const [first, second] = server.seen;
    expect(second?.url).toBe('/v1/workflows/live-context-retrieval/run');
    expect(second?.body).toEqual({
      query: 'latest MCP agent failures',
      limit: 3,
      params: { keepMe: 1 },
      agent_id: 'a',
      idempotency_key: first?.body['idempotency_key'],
    });
  });

  test('run: where no answer comes, it says so with the key', async () => {
    await using server = await startScriptedServer(reset);
    const error = await clientOf(server, { maxRetries: 0 })
      .workflow('w', { idempotencyKey: 'k' })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'outcome_unknown', retry: 'after_reconcile', idempotencyKey: 'k' });
  });

  test('list and put: documents, as they are on the wire', async () => {
    const workflow = {
      id: 'w',
      title: 'W',
      steps: [{ kind: 'call', failure_policy: { on_failure: 'error' } }],
    };
    await using server = await startScriptedServer(json(200, { workflows: [workflow] }));
    const [listed] = await clientOf(server).workflows.list();
    expect(listed).toEqual(workflow);
    await clientOf(server).workflows.put(workflow);
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/workflows',
      'PUT /v1/workflows/w',
    ]);
    expect(server.seen[1]?.body).toEqual(workflow);
  });
});

test('search', async () => {
  await using server = await startScriptedServer(
    json(200, {
      query: 'latest MCP agent failures',
      provider: 'exa',
      results: [{ title: 'T', summary: 'S', url: 'https://x' }],
      trace_id: 'tr_1',
    }),
    problem(501, 'not_configured'),
  );
  const invoke = clientOf(server);
  const context = await invoke.search('latest MCP agent failures', { limit: 3 });
  expect(context.results[0]?.url).toBe('https://x');
  expect(context.traceId).toBe('tr_1');
  expect(server.seen[0]).toMatchObject({
    url: '/v1/search',
    body: { query: 'latest MCP agent failures', limit: 3 },
  });
  expect(await codeOf(invoke.search('x'))).toBe('not_configured, never');
});

test('usage', async () => {
  await using server = await startScriptedServer(
    json(200, {
      usage: [{ subject: 'charge', calls: 3, completed: 2, failed: 0, open: 1 }],
      complete: true,
      budgets: [{ budget: 'b', window_start: 1, resets_at: 2, max_calls: null }],
    }),
  );
  const usage = await clientOf(server).usage({ per: 'tool', since: 1_000, until: 2_000 });
  expect(server.seen[0]?.url).toBe('/v1/usage?per=tool&since=1000&until=2000');
  expect(usage.budgets[0]).toEqual({ budget: 'b', windowStart: 1, resetsAt: 2, maxCalls: null });
});

describe('policy', () => {
  const document = { rules: [{ when: 'action == git_push', effect: 'deny', allowed_action: 'x' }] };
  const call = { tool: 'git', params: { branchName: 'main' }, agent_id: 'a' };

  test('documents and sample calls go out as they are', async () => {
    await using server = await startScriptedServer(json(200, {}));
    const { policy } = clientOf(server);
    await policy.get();
    await policy.put(document);
    await policy.check({ document });
    await policy.check({ when: 'x' });
    await policy.test({ document, tests: [{ name: 'n', call, expect: { effect: 'deny' } }] });
    await policy.explain({ when: 'action == git_push', call });
    await policy.simulate({ document, last: 100, call });
    expect(server.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/v1/policy', {}],
      ['PUT', '/v1/policy', document],
      ['POST', '/v1/policy/check', { document }],
      ['POST', '/v1/policy/check', { when: 'x' }],
      ['POST', '/v1/policy/test', { document, tests: [{ name: 'n', call, expect: { effect: 'deny' } }] }],
      ['POST', '/v1/policy/explain', { when: 'action == git_push', call }],
      ['POST', '/v1/policy/simulate', { document, last: 100, call }],
    ]);
  });

  test('the stored document comes back as it is; a backtest in camelCase', async () => {
    const verdict = (effect: string) => ({ effect, rule: null, source: null, reason: null, undecided: null });
    await using server = await startScriptedServer(
      json(200, { document, updated_by: 'key_1', updated_at: 5, broken: null }),
      json(200, {
        call: null,
        backtest: {
          examined: 9,
          changed: [{ execution_id: 'e', agent_id: null, from: verdict('allow'), to: verdict('deny') }],
          changes: { 'allow -> require_approval': 1 },
        },
      }),
    );
    const { policy } = clientOf(server);
    expect(await policy.get()).toEqual({ document, updatedBy: 'key_1', updatedAt: 5, broken: null });
    const { backtest } = await policy.simulate({ document, last: 9 });
    expect(backtest?.changed[0]).toMatchObject({ executionId: 'e', agentId: null, to: { effect: 'deny' } });
    expect(backtest?.changes).toEqual({ 'allow -> require_approval': 1 });
  });

  test('a document that cannot be used is an error with its places', async () => {
    await using server = await startScriptedServer(
      problem(422, 'policy_invalid', {
        errors: [{ pointer: '/rules/0/when', message: 'expected an operator' }],
      }),
    );
    const error = await clientOf(server)
      .policy.put(document)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'policy_invalid',
      retry: 'never',
      problem: { errors: [{ pointer: '/rules/0/when', message: 'expected an operator' }] },
    });
  });
});
