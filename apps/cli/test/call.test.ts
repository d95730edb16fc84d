import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY, startFakeGateway, type FakeGateway } from './fixtures/fake-gateway.js';
import { createWorkplace } from './fixtures/test-io.js';

const loggedIn = (gateway: FakeGateway) =>
  createWorkplace({ env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url } });

const outcomes: { tool: string; code: number; says: string; why: string }[] = [
  { tool: 'completes', code: 0, says: 'completed: exec_1', why: 'done' },
  { tool: 'replays', code: 0, says: 'completed: exec_1, replayed', why: 'done before' },
  { tool: 'reconciles', code: 0, says: 'outcome_reconciled: exec_1', why: 'found to have happened' },
  { tool: 'fails', code: 1, says: 'failed: exec_1', why: 'the tool says so' },
  { tool: 'unavailable', code: 1, says: 'why:  The tool could not be reached, ', why: 'nothing was sent' },
  { tool: 'cancels', code: 1, says: 'cancelled: exec_1', why: 'not done' },
  { tool: 'expires', code: 1, says: 'expired: exec_1', why: 'not done' },
  { tool: 'mismatches', code: 10, says: 'blocked: not executed', why: 'the wrong entity' },
  { tool: 'denies', code: 10, says: 'denied: not executed', why: 'a policy' },
  { tool: 'outside', code: 10, says: 'context_denied', why: 'the limits of the key' },
  { tool: 'rejects', code: 10, says: 'rejected: exec_1', why: 'a human said no' },
  { tool: 'approves', code: 11, says: 'pending_approval: exec_1', why: 'a human is asked' },
  { tool: 'approves', code: 11, says: 'invoke approvals show appr_1', why: 'and this is what is asked' },
  { tool: 'overdrawn', code: 10, says: 'budget_exceeded', why: 'a budget' },
  { tool: 'disputed', code: 10, says: 'context_conflict', why: 'no rule can be trusted' },
  { tool: 'outdated', code: 12, says: 'replan_required: not executed', why: 'refused before it began' },
  { tool: 'replans', code: 12, says: 'replan_required: exec_1', why: 'the world has changed' },
  { tool: 'timeouts', code: 13, says: 'unknown: exec_1', why: 'it may have happened' },
  { tool: 'reviews', code: 13, says: 'needs_review: exec_1', why: 'it may have happened' },
  { tool: 'pends', code: 13, says: 'pending: exec_1', why: 'it may still happen' },
  { tool: 'invalid', code: 1, says: '/params/amount: expected a number', why: 'the params do not fit' },
  { tool: 'nowhere', code: 1, says: 'next: invoke tools', why: 'there is no such tool' },
];

describe('exit codes', () => {
  test.each(outcomes)('$tool is $code: $why', async ({ tool, code, says }) => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', tool]);
    expect(ran.stderr).toContain(says);
    expect(ran.code).toBe(code);
  });

  test('no answer in time is 13, with the key to ask again', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'silent', '--timeout-ms', '60', '--idempotency-key', 'order-17']);
    expect(ran.code).toBe(13);
    expect(ran.stderr).toContain('--idempotency-key order-17');
  });

  test('Ctrl-C is 130, and says how to find out', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const abort = new AbortController();
    setTimeout(() => abort.abort('SIGINT'), 100);
    const ran = await place.invoke(['call', 'silent', '--idempotency-key', 'order-17'], {
      signal: abort.signal,
    });
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain('invoke executions');
    expect(ran.stderr).toContain('--idempotency-key order-17');
  });

  test('no gateway is 1', async () => {
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: 'http://127.0.0.1:1' },
    });
    const ran = await place.invoke(['call', 'completes']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('why:  connection_failed');
  });

  test('no key is 4', async () => {
    await using place = await createWorkplace();
    expect((await place.invoke(['call', 'completes'])).code).toBe(4);
  });
});

describe('what is sent', () => {
  test('every option in the words of the API', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    await writeFile(join(place.cwd, 'policy.json'), '{"retry":2,"on_failure":"escalate"}');
    const ran = await place.invoke([
      'call',
      'completes',
      '{"customer_id":"cust_123"}',
      '--idempotency-key',
      'k',
      '--agent-id',
      'a',
      '--action',
      'act',
      '--env',
      'prod',
      '--workflow',
      'w',
      '--resource',
      'r',
      '--entity',
      'cust_123',
      '--entity-source',
      'crm',
      '--entity-resolved-at',
      '2026-05-01T12:00:00Z',
      '--state',
      '{"variables":{"x":1},"tool_outputs":{}}',
      '--failure-policy',
      '@policy.json',
      '--policy',
      '{"intent":"i","conditions":{"a":"> 0"}}',
      '--timeout-ms',
      '5000',
    ]);
    expect(ran.code).toBe(0);
    const { timeout_ms: waitMs, ...body } = gateway.calls[0] ?? {};
    expect(Number(waitMs)).toBeLessThan(5_000);
    expect(body).toEqual({
      tool: 'completes',
      params: { customer_id: 'cust_123' },
      idempotency_key: 'k',
      agent_id: 'a',
      action: 'act',
      env: 'prod',
      workflow: 'w',
      resource: 'r',
      entity_resolution: { entity_id: 'cust_123', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
      execution_state: { variables: { x: 1 }, tool_outputs: {} },
      failure_policy: { retry: 2, on_failure: 'escalate' },
      policy: { intent: 'i', conditions: { a: '> 0' } },
    });
  });

  test('params from pairs, from standard input and from nothing', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    await place.invoke(['call', 'completes', 'customer_id=cust_123', '--json', 'amount=5', 'note=a=b']);
    await place.invoke(['call', 'completes', '-'], { stdin: '{"from":"stdin"}' });
    await place.invoke(['call', 'completes']);
    expect(gateway.calls.map(({ params }) => params)).toEqual([
      { customer_id: 'cust_123', amount: 5, note: 'a=b' },
      { from: 'stdin' },
      {},
    ]);
  });

  test.each([
    { cell: 'twice the same key', params: ['{"a":1,"a":2}'], says: 'has the key "a" twice' },
    { cell: 'a number that is rounded', params: ['{"a":12345678901234567890}'], says: 'does not survive' },
    { cell: 'a list', params: ['[1]'], says: 'must be a JSON object' },
    { cell: 'broken JSON', params: ['{"a":'], says: 'is not valid JSON' },
    { cell: 'no such file', params: ['@missing.json'], says: 'there is no such file (ENOENT)' },
    { cell: 'a word among pairs', params: ['a=1', 'b'], says: '"b" is no param' },
  ])('$cell is exit code 2, and nothing is sent', async ({ params, says }) => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'completes', ...params]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(says);
    expect(gateway.seen).toEqual([]);
  });
});

describe('what is printed', () => {
  test('the result alone goes to standard output, and does not command the terminal', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'completes']);
    expect(JSON.parse(ran.stdout)).toEqual({ text: 'plain \u001b[31mred\u001b[0m' });
    expect(ran.stdout).not.toContain('\u001b');
  });

  test('--json: the whole answer, with the names of the API, also when it is not a success', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'approves', '--json', '--idempotency-key', 'k']);
    expect(ran).toMatchObject({ code: 11, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      success: false,
      status: 'pending_approval',
      execution_id: 'exec_1',
      approval_id: 'appr_1',
      trace_id: 'tr_1',
      request_id: 'req_7',
      idempotency_key: 'k',
    });
  });

  test('an agent is told that the result is not to be trusted, and what to do next', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'fails'], { env: { AI_AGENT: 'x' } });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      status: 'failed',
      result: { untrusted: true, data: { error: 'no such customer' } },
      next: [{ command: 'invoke executions show exec_1' }],
    });
  });

  test('an error for an agent, and with --json, is one JSON document on standard error', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    for (const options of [{ argv: ['--json'] }, { argv: [], env: { CURSOR_AGENT: '1' } }]) {
      const ran = await place.invoke(['call', 'invalid', ...options.argv], { env: options.env ?? {} });
      expect(ran.stdout).toBe('');
      expect(JSON.parse(ran.stderr)).toEqual({
        status: 'error',
        reason: 'validation_failed',
        message: 'The params do not fit. (validation_failed)',
        details: ['/params/amount: expected a number'],
        next: [{ command: 'invoke tools --json' }],
        user_action_required: false,
        request_id: 'req_7',
        exit_code: 1,
      });
    }
  });

  test('what a human has decided is not waited for', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const ran = await place.invoke(['call', 'rejects']);
    expect(ran.stderr).toContain('next: invoke approvals show appr_1\n');
  });

  test('a stack only with --debug', async () => {
    await using gateway = await startFakeGateway();
    await using place = await loggedIn(gateway);
    const plain = await place.invoke(['call', 'invalid']);
    expect(plain.stderr.trimEnd().split('\n')).toEqual([
      'error: The params do not fit. (validation_failed)',
      '  /params/amount: expected a number',
      '  why:  request req_7',
      '  next: invoke tools --json',
    ]);
    const debug = await place.invoke(['call', 'invalid', '--debug']);
    expect(debug.stderr).toMatch(/^\s+at /m);
    expect(debug.stderr).not.toContain(API_KEY);
  });

  test('the key does not follow a redirect', async () => {
    await using thief = await startFakeGateway();
    const { createServer } = await import('node:http');
    const server = createServer((_, res) => res.writeHead(302, { location: `${thief.url}/v1/call` }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: `http://127.0.0.1:${port}` },
    });
    const ran = await place.invoke(['call', 'completes']);
    server.close();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('redirect_refused');
    expect(thief.seen).toEqual([]);
  });
});
