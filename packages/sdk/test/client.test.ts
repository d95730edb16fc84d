import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Invoke, InvokeError, type InvokeOptions } from '../src/index.js';
import {
  json,
  problem,
  reset,
  silence,
  startScriptedServer,
  type ScriptedServer,
} from './fixtures/scripted-server.js';

const SECRET = 'inv_live_topsecret';
const completed = {
  success: true,
  status: 'completed',
  execution_id: 'exec_1',
  result: { n: 1 },
  trace_id: 'tr_1',
};
const soon = { 'retry-after-ms': '5' };

const clientOf = (server: ScriptedServer, more: InvokeOptions = {}) =>
  new Invoke({ apiKey: SECRET, baseUrl: server.url, ...more });

async function errorOf(promise: Promise<unknown>): Promise<InvokeError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!InvokeError.isInstance(error)) throw error;
  expect(inspect(error, { depth: 9 })).not.toContain('topsecret');
  return error;
}

describe('call', () => {
  test('sends what the API takes, and gives the outcome in camelCase', async () => {
    await using server = await startScriptedServer(json(200, { ...completed, review_url: 'https://x' }));
    const result = await clientOf(server).call<{ n: number }>({
      tool: 'crm_update_customer',
      params: { customer_id: 'cust_123', camelCase: { keptAsItIs: 1 } },
      agentId: 'agent_1',
      idempotencyKey: 'linear:Investigate webhook drift:team_123',
      action: 'crm_update',
      failurePolicy: {
        retry: 2,
        onFailure: 'escalate',
        reconcile: {
          stateRefetch: { tool: 'lookup', params: { theId: 1 } },
          conditions: { isPaid: true },
          settleMs: 10,
        },
      },
      entityResolution: { entityId: 'cust_123', source: 'crm', resolvedAt: '2026-05-01T12:00:00Z' },
      executionState: { variables: { aB: 1 }, toolOutputs: { cD: 2 } },
      workflow: 'w',
      env: 'prod',
      resource: 'cust_123',
      policy: { rules: [{ when: 'x', effect: 'deny' }] },
      timeoutMs: 10_000,
    });

    expect(result.status === 'completed' && result.result.n).toBe(1);
    expect(result).toMatchObject({
      success: true,
      executionId: 'exec_1',
      traceId: 'tr_1',
      reviewUrl: 'https://x',
    });
    const [seen] = server.seen;
    expect(seen?.method).toBe('POST');
    expect(seen?.url).toBe('/v1/call');
    expect(seen?.headers['x-api-key']).toBe(SECRET);
    expect(seen?.headers['content-type']).toBe('application/json');
    expect(seen?.headers['prefer']).toBe('wait=9');
    const { timeout_ms: waitMs, ...body } = seen?.body ?? {};
    expect(waitMs).toBeGreaterThan(8_000);
    expect(waitMs).toBeLessThanOrEqual(9_000);
    expect(body).toEqual({
      tool: 'crm_update_customer',
      params: { customer_id: 'cust_123', camelCase: { keptAsItIs: 1 } },
      agent_id: 'agent_1',
      idempotency_key: 'linear:Investigate webhook drift:team_123',
      action: 'crm_update',
      failure_policy: {
        retry: 2,
        on_failure: 'escalate',
        reconcile: {
          state_refetch: { tool: 'lookup', params: { theId: 1 } },
          conditions: { isPaid: true },
          settle_ms: 10,
        },
      },
      entity_resolution: { entity_id: 'cust_123', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
      execution_state: { variables: { aB: 1 }, tool_outputs: { cD: 2 } },
      workflow: 'w',
      env: 'prod',
      resource: 'cust_123',
      policy: { rules: [{ when: 'x', effect: 'deny' }] },
    });
  });

  test('one made-up key per logical call, the same over all attempts', async () => {
    await using server = await startScriptedServer(
      reset,
      problem(503, 'storage_unavailable', { headers: soon }),
      json(200, completed),
    );
    const invoke = clientOf(server);
    const result = await invoke.call({ tool: 't' });
    await invoke.call({ tool: 't' });

    const keys = server.seen.map(({ body }) => body['idempotency_key']);
    expect(keys).toHaveLength(4);
    expect(keys[0]).toMatch(/^auto_[0-9a-f-]{36}$/);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
    expect(result).toMatchObject({ status: 'completed', idempotencyKey: keys[0] });
  });

  test.each([
    { status: 408, headers: soon, attempts: 3 },
    { status: 429, headers: soon, attempts: 3 },
    { status: 429, headers: { ...soon, 'x-should-retry': 'false' }, attempts: 1 },
    { status: 409, headers: soon, attempts: 1 },
    { status: 409, headers: { ...soon, 'x-should-retry': 'true' }, attempts: 3 },
    { status: 500, headers: soon, attempts: 1 },
    { status: 422, headers: soon, attempts: 1 },
  ])('HTTP $status with $headers is asked $attempts time(s)', async ({ status, headers, attempts }) => {
    await using server = await startScriptedServer(problem(status, 'some_code', { headers }));
    await clientOf(server)
      .call({ tool: 't' })
      .catch(() => undefined);
    expect(server.seen).toHaveLength(attempts);
  });

  test('maxRetries: 0 is one attempt', async () => {
    await using server = await startScriptedServer(problem(503, 'shutting_down', { headers: soon }));
    const error = await errorOf(clientOf(server, { maxRetries: 0 }).call({ tool: 't', idempotencyKey: 'k' }));
    expect(server.seen).toHaveLength(1);
    expect(error).toMatchObject({
      code: 'shutting_down',
      status: 503,
      retry: 'safe',
      retryable: true,
      requestId: 'req_1',
      idempotencyKey: 'k',
    });
  });

  test('an answer that does not come in time is the outcome unknown, with the key to ask again', async () => {
    await using server = await startScriptedServer(silence);
    const { data, response } = await clientOf(server)
      .call({ tool: 't', idempotencyKey: 'k', timeoutMs: 80 })
      .withResponse();
    expect(data).toMatchObject({
      success: false,
      status: 'unknown',
      code: 'outcome_unknown',
      idempotencyKey: 'k',
    });
    expect(response).toBeNull();
    expect(server.seen).toHaveLength(1);
  });

  test('so is a connection that is lost again and again', async () => {
    await using server = await startScriptedServer(reset);
    const result = await clientOf(server, { maxRetries: 1 }).call({ tool: 't', idempotencyKey: 'k' });
    expect(result).toMatchObject({ status: 'unknown', idempotencyKey: 'k' });
    expect(server.seen).toHaveLength(2);
  });

  test('a refusal after a lost attempt says nothing about that attempt', async () => {
    await using server = await startScriptedServer(
      reset,
      problem(409, 'idempotency_in_progress', { execution_id: 'exec_9' }),
    );
    expect(await clientOf(server).call({ tool: 't' })).toMatchObject({
      status: 'unknown',
      code: 'idempotency_in_progress',
      executionId: 'exec_9',
    });
  });

  test('a gateway that is not there certainly did nothing', async () => {
    const error = await errorOf(
      new Invoke({ apiKey: SECRET, baseUrl: await freeAddress(), maxRetries: 1 }).call({ tool: 't' }),
    );
    expect(error).toMatchObject({ code: 'connection_failed', retry: 'safe' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('outcomes of the gateway are values, also when they are told as problems', async () => {
    await using server = await startScriptedServer(
      problem(502, 'upstream_unavailable', { status: 'failed', execution_id: 'exec_2' }),
      problem(409, 'entity_mismatch', { headers: { 'x-should-retry': 'false' } }),
      json(202, {
        success: false,
        status: 'pending_approval',
        approval_id: 'appr_1',
        execution_id: 'e',
        trace_id: 't',
      }),
    );
    const invoke = clientOf(server);
    expect(await invoke.call({ tool: 't' })).toMatchObject({ status: 'failed', executionId: 'exec_2' });
    expect(await invoke.call({ tool: 't' })).toMatchObject({ status: 'blocked', code: 'entity_mismatch' });
    expect(await invoke.call({ tool: 't' })).toMatchObject({
      status: 'pending_approval',
      approvalId: 'appr_1',
    });
  });

  test('authentication and validation throw', async () => {
    await using server = await startScriptedServer(
      problem(401, 'unauthenticated'),
      problem(422, 'validation_failed', { errors: [{ pointer: '/amount', message: 'expected a number' }] }),
    );
    expect(await errorOf(clientOf(server).call({ tool: 't' }))).toMatchObject({
      code: 'unauthenticated',
      retry: 'never',
    });
    const error = await errorOf(clientOf(server).call({ tool: 't' }));
    expect(error.problem?.errors).toEqual([{ pointer: '/amount', message: 'expected a number' }]);
    expect(error.message).toBe('because of validation_failed (validation_failed)');
  });

  test('the key never follows a redirect', async () => {
    await using thief = await startScriptedServer(json(200, completed));
    await using server = await startScriptedServer((res) => {
      res.writeHead(307, { location: `${thief.url}/v1/call` }).end();
    });
    expect(await errorOf(clientOf(server).call({ tool: 't' }))).toMatchObject({ code: 'redirect_refused' });
    expect(thief.seen).toEqual([]);
  });

  test('an error does not repeat the key, even if the server does', async () => {
    await using server = await startScriptedServer((res, seen) => {
      res.writeHead(401, { 'content-type': 'application/problem+json' });
      res.end(
        JSON.stringify({
          code: 'unauthenticated',
          detail: `bad key ${seen.headers['x-api-key']}`,
          title: 't',
        }),
      );
    });
    const error = await clientOf(server)
      .call({ tool: 't' })
      .catch((reason: unknown) => reason as InvokeError);
    expect((error as InvokeError).message).toBe('bad key [redacted] (unauthenticated)');
  });

  test("the caller's signal ends the wait at once, and the key is there", async () => {
    await using server = await startScriptedServer(silence);
    const abort = new AbortController();
    const call = clientOf(server).call({ tool: 't', idempotencyKey: 'k', signal: abort.signal });
    await vi.waitFor(() => expect(server.seen).toHaveLength(1));
    abort.abort(new Error('enough'));
    expect(await errorOf(call)).toMatchObject({
      code: 'aborted',
      retry: 'after_reconcile',
      idempotencyKey: 'k',
    });
  });

  test('nothing is sent when the signal was aborted before', async () => {
    await using server = await startScriptedServer(json(200, completed));
    const error = await errorOf(clientOf(server).call({ tool: 't', signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', retry: 'safe' });
    expect(server.seen).toEqual([]);
  });

  test('what is no JSON is refused before it is sent', async () => {
    await using server = await startScriptedServer(json(200, completed));
    expect(await errorOf(clientOf(server).call({ tool: 't', params: { n: 1n } }))).toMatchObject({
      code: 'invalid_argument',
    });
    expect(server.seen).toEqual([]);
  });

  test('withResponse gives the HTTP answer too, and one failure is reported once', async () => {
    await using server = await startScriptedServer(
      json(200, { ...completed, replayed: true }, { 'idempotency-replayed': 'true' }),
      problem(401, 'unauthenticated'),
    );
    const { data, response } = await clientOf(server).call({ tool: 't' }).withResponse();
    expect(data.replayed).toBe(true);
    expect(response?.headers.get('idempotency-replayed')).toBe('true');
    expect(await errorOf(clientOf(server).call({ tool: 't' }).withResponse())).toMatchObject({ status: 401 });
  });
});

describe('callOrThrow', () => {
  test('gives the result, or throws with the outcome', async () => {
    await using server = await startScriptedServer(
      json(200, completed),
      json(202, { success: false, status: 'pending_approval', approval_id: 'appr_1', trace_id: 't' }),
    );
    const invoke = clientOf(server);
    expect((await invoke.callOrThrow<{ n: number }>({ tool: 't' })).result.n).toBe(1);
    const error = await errorOf(invoke.callOrThrow({ tool: 't' }));
    expect(error).toMatchObject({
      code: 'pending_approval',
      retry: 'never',
      outcome: { approvalId: 'appr_1' },
    });
  });

  test('an unknown outcome is not to be retried before it is looked up', async () => {
    await using server = await startScriptedServer(silence);
    const error = await errorOf(clientOf(server).callOrThrow({ tool: 't', timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'outcome_unknown', retry: 'after_reconcile' });
    expect(error.idempotencyKey).toMatch(/^auto_/);
  });
});

describe('the other requests', () => {
  test('tools.list', async () => {
    await using server = await startScriptedServer(
      json(200, {
        tools: [{ id: 'fetch.url', risk_level: 'low', capability_card: { input_schema: { a_b: 1 } } }],
      }),
    );
    const [tool] = await clientOf(server).tools.list({ q: 'fetch & more' });
    expect(server.seen[0]?.url).toBe('/v1/tools?q=fetch+%26+more');
    expect(tool).toEqual({ id: 'fetch.url', riskLevel: 'low', capabilityCard: { input_schema: { a_b: 1 } } });
  });

  test('executions.list goes from page to page as it is read', async () => {
    await using server = await startScriptedServer(
      json(200, { executions: [{ execution_id: 'e1' }, { execution_id: 'e2' }], next_cursor: 'c1' }),
      json(200, { executions: [{ execution_id: 'e3', attempts: [{ started_at: 5 }] }], next_cursor: null }),
    );
    const seen: string[] = [];
    for await (const execution of clientOf(server).executions.list({ limit: 2, status: 'failed' })) {
      seen.push(execution.executionId);
      if (execution.executionId === 'e1') expect(server.seen).toHaveLength(1);
    }
    expect(seen).toEqual(['e1', 'e2', 'e3']);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/executions?limit=2&status=failed',
      '/v1/executions?limit=2&status=failed&cursor=c1',
    ]);
  });

  test('traces.list by page; a cursor that leads to itself ends', async () => {
    await using server = await startScriptedServer(
      json(200, { traces: [{ trace_id: 't1' }], next_cursor: 'same' }),
    );
    const sizes: number[] = [];
    for await (const page of clientOf(server).traces.list().byPage()) sizes.push(page.items.length);
    expect(sizes).toEqual([1, 1]);
  });

  test('executions.get', async () => {
    await using server = await startScriptedServer(
      json(200, { execution: { execution_id: 'e/1', final_outcome: 'completed', result: { a_b: 1 } } }),
    );
    const execution = await clientOf(server).executions.get('e/1');
    expect(server.seen[0]?.url).toBe('/v1/executions/e%2F1');
    expect(execution).toEqual({ executionId: 'e/1', finalOutcome: 'completed', result: { a_b: 1 } });
  });

  test('executions.create carries one key; where no answer comes it says so', async () => {
    const created = {
      success: true,
      execution: { execution_id: 'e' },
      certificate: { final_outcome: 'completed' },
    };
    await using server = await startScriptedServer(json(200, created), reset);
    const invoke = clientOf(server, { maxRetries: 1 });
    const { execution, certificate } = await invoke.executions.create({ action: 't', applySafeFixes: true });
    expect([execution.executionId, certificate.finalOutcome]).toEqual(['e', 'completed']);
    expect(server.seen[0]?.body).toMatchObject({ action: 't', params: {}, apply_safe_fixes: true });

    const error = await errorOf(invoke.executions.create({ action: 't', idempotencyKey: 'k' }));
    expect(error).toMatchObject({ code: 'outcome_unknown', retry: 'after_reconcile', idempotencyKey: 'k' });
    expect(server.seen).toHaveLength(3);
  });

  test('request: anything else, as it is on the wire; a POST is not repeated unless it may be', async () => {
    await using server = await startScriptedServer(json(200, { ok_then: 1 }), reset);
    const invoke = clientOf(server);
    expect(await invoke.request({ method: 'GET', path: '/health' })).toEqual({ ok_then: 1 });
    const error = await errorOf(invoke.request({ method: 'POST', path: '/providers', body: {} }));
    expect(error).toMatchObject({ code: 'connection_lost', retry: 'after_reconcile' });
    expect(server.seen).toHaveLength(2);
    await errorOf(invoke.request({ method: 'POST', path: '/providers', body: {}, repeatable: true }));
    expect(server.seen).toHaveLength(5);
  });

  test('an answer of something else is told as such', async () => {
    await using server = await startScriptedServer(json(200, { hello: 'world' }), (res) => {
      res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>');
    });
    expect(await errorOf(clientOf(server).tools.list())).toMatchObject({ code: 'invalid_response' });
    expect(await errorOf(clientOf(server).tools.list())).toMatchObject({
      code: 'invalid_response',
      status: 404,
    });
  });
});

describe('fromEnv', () => {
  afterEach(() => vi.unstubAllEnvs());
  const without = () => {
    for (const name of ['INVOKE_API_KEY', 'TRACE_API_KEY', 'INVOKE_BASE_URL', 'TRACE_BASE_URL'])
      vi.stubEnv(name, '');
  };

  test('a missing key is reported by the first call', async () => {
    without();
    const invoke = Invoke.fromEnv();
    expect(await errorOf(invoke.call({ tool: 't' }))).toMatchObject({
      code: 'missing_api_key',
      retry: 'never',
    });
  });

  test('INVOKE_* before TRACE_*, options before both', async () => {
    await using server = await startScriptedServer(json(200, { tools: [] }));
    without();
    vi.stubEnv('TRACE_API_KEY', 'old_key');
    vi.stubEnv('TRACE_BASE_URL', server.url);
    await Invoke.fromEnv().tools.list();
    vi.stubEnv('INVOKE_API_KEY', 'new_key');
    await Invoke.fromEnv().tools.list();
    await Invoke.fromEnv({ apiKey: 'given_key' }).tools.list();
    expect(server.seen.map(({ headers }) => headers['x-api-key'])).toEqual([
      'old_key',
      'new_key',
      'given_key',
    ]);
  });
});

test('own fetch and own headers are used; the key and the address are ours', async () => {
  const seen: Request[] = [];
  const invoke = new Invoke({
    apiKey: SECRET,
    baseUrl: 'https://gw.example/invoke/v1/',
    defaultHeaders: { 'x-team': 'ops', 'x-api-key': 'not this one' },
    fetch: async (input, init) => {
      seen.push(new Request(input as string, init));
      return Response.json({ tools: [] });
    },
  });
  await invoke.tools.list();
  expect(seen[0]?.url).toBe('https://gw.example/invoke/v1/tools');
  expect(seen[0]?.headers.get('x-team')).toBe('ops');
  expect(seen[0]?.headers.get('x-api-key')).toBe(SECRET);
});

test('a client does not show its key', () => {
  const invoke = new Invoke({ apiKey: SECRET });
  expect(inspect(invoke, { depth: 9, showHidden: true })).not.toContain('topsecret');
  expect(JSON.stringify(invoke)).not.toContain('topsecret');
});

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
