import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openStateServer, type StateServer } from './support/state-server.js';

const VERIFY_LISTED = 'inv_test_verify_listed_0123456789';
const VERIFY_BARE = 'inv_test_verify_bare_0123456789';
const CALLS_ONLY = 'inv_test_calls_only_0123456789';
const KEYS = {
  [VERIFY_LISTED]: {
    scopes: ['state:verify'],
    allowed_tools: ['billing.invoice'],
    workflows: ['reminders'],
  },
  [VERIFY_BARE]: { scopes: ['state:verify'] },
  [CALLS_ONLY]: { scopes: ['tools:call'] },
};

let gateway: TestGateway;
let server: StateServer;
beforeAll(async () => {
  server = await openStateServer();
  gateway = await openGateway({ INVOKE_API_KEY_SCOPES: JSON.stringify(KEYS) });
  await register(gateway, 'billing.invoice', `${server.url}/next`, { effect: 'read', timeout_ms: 2000 });
  await register(gateway, 'payments.charge', `${server.url}/charge`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.reads = 0;
  server.states = [{ invoice_status: 'unpaid', balance: 125 }];
});

/** As in the description's section State Revalidation Engine. */
const REMINDER = {
  intent: 'send_invoice_reminder',
  required_fields: ['invoice_status', 'balance'],
  assumed_state: { invoice_status: 'unpaid', balance: 125 },
  state_refetch: { tool: 'billing.invoice', params: { invoice_id: 'inv_123' } },
  conditions: { invoice_status: 'unpaid', balance: '> 0' },
};
const verify = (body: object, key?: string, path = '/state/verify') =>
  gateway.request('POST', path, { body, ...(key === undefined ? {} : { key }) });

describe('POST /state/verify', () => {
  test.each(['/state/verify', '/v1/state/verify'])('%s: what still holds is verified', async (path) => {
    const answer = await verify(REMINDER, undefined, path);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      status: 'verified',
      decision: 'execute',
      intent: 'send_invoice_reminder',
      current_state: { invoice_status: 'unpaid', balance: 125 },
    });
    expect(answer.body['fields']).toEqual([
      {
        field: 'invoice_status',
        assumed: 'unpaid',
        current: 'unpaid',
        drifted: false,
        holds: true,
        verdict: 'ok',
      },
      { field: 'balance', assumed: 125, current: 125, drifted: false, holds: true, verdict: 'ok' },
    ]);
  });

  test.each([
    {
      cell: 'paid meanwhile',
      state: { invoice_status: 'paid', balance: 0 },
      verdicts: ['changed', 'changed'],
      reason: 'invoice_status was "unpaid" and is "paid"; balance was 125 and is 0',
    },
    {
      cell: 'another type (DEP-018)',
      state: { invoice_status: 'unpaid', balance: '125' },
      verdicts: ['ok', 'changed'],
      reason: 'balance was 125 and is "125"',
    },
    {
      cell: 'a field is gone',
      state: { invoice_status: 'unpaid' },
      verdicts: ['ok', 'missing'],
      reason: 'balance is missing',
    },
  ])('$cell: blocked / abort, or replan', async ({ state, verdicts, reason }) => {
    server.states = [state];
    const blocked = await verify(REMINDER);
    expect(blocked.body).toMatchObject({ success: false, status: 'blocked', decision: 'abort', reason });
    expect((blocked.body['fields'] as { verdict: string }[]).map((f) => f.verdict)).toEqual(verdicts);
    const replan = await verify({ ...REMINDER, on_mismatch: 'replan' });
    expect(replan.body).toMatchObject({ status: 'replan_required', decision: 'replan', reason });
  });

  test('what cannot be read is not verified', async () => {
    server.states = [500];
    const answer = await verify(REMINDER);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'blocked', decision: 'abort', current_state: null });
    expect(answer.body['reason']).toMatch(/^the current state could not be read: /);
    expect(server.reads).toBe(1);
  });

  test('what is read wins over what the caller says; without a tool the caller is believed', async () => {
    server.states = [{ invoice_status: 'paid', balance: 0 }];
    const current_state = { invoice_status: 'unpaid', balance: 125 };
    expect((await verify({ ...REMINDER, current_state })).body['status']).toBe('blocked');
    const { state_refetch: _, ...unread } = REMINDER;
    expect((await verify({ ...unread, current_state })).body['status']).toBe('verified');
    const nothing = await verify(unread);
    expect(nothing.body).toMatchObject({ status: 'blocked', current_state: null });
    expect(nothing.body['reason']).toMatch(/^nothing is known of the current state/);
  });

  test('a tool that writes is refused, even to a full key, and not touched (DEP-004)', async () => {
    const answer = await verify({ ...REMINDER, state_refetch: { tool: 'payments.charge', params: {} } });
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(answer.body['errors']).toEqual([
      { pointer: '/state_refetch/tool', message: 'payments.charge is not declared as a read tool' },
    ]);
    expect(server.reads).toBe(0);
  });

  test('nothing to verify is not verified (DEP-020)', async () => {
    const answer = await verify({ intent: 'x', required_fields: [], assumed_state: {}, conditions: {} });
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
  });

  test('a condition that cannot be used is refused with its place', async () => {
    const answer = await verify({ ...REMINDER, conditions: { balance: '> 0; exit()' } });
    expect([answer.status, answer.body['code']]).toEqual([422, 'policy_invalid']);
    expect((answer.body['errors'] as { pointer: string }[])[0]?.pointer).toBe('/conditions/balance');
    expect(server.reads).toBe(0);
  });
});

describe('whose rights a verification has', () => {
  const inWorkflow = { ...REMINDER, workflow: 'reminders' };
  test.each([
    { cell: 'a listed read', key: VERIFY_LISTED, body: inWorkflow, expected: [200, undefined], reads: 1 },
    {
      cell: 'a tool outside of its list (DEP-003)',
      key: VERIFY_LISTED,
      body: { ...inWorkflow, state_refetch: { tool: 'payments.charge', params: {} } },
      expected: [403, 'tool_not_allowed'],
      reads: 0,
    },
    {
      cell: 'a tool that does not exist looks the same',
      key: VERIFY_LISTED,
      body: { ...inWorkflow, state_refetch: { tool: 'nope', params: {} } },
      expected: [403, 'tool_not_allowed'],
      reads: 0,
    },
    {
      cell: 'outside of its workflows',
      key: VERIFY_LISTED,
      body: REMINDER,
      expected: [403, 'context_denied'],
      reads: 0,
    },
    {
      cell: 'no list and no calls',
      key: VERIFY_BARE,
      body: REMINDER,
      expected: [403, 'tool_not_allowed'],
      reads: 0,
    },
    {
      cell: 'without the scope',
      key: CALLS_ONLY,
      body: REMINDER,
      expected: [403, 'insufficient_scope'],
      reads: 0,
    },
  ])('$cell', async ({ key, body, expected, reads }) => {
    const answer = await verify(body, key);
    expect([answer.status, answer.body['code']]).toEqual(expected);
    expect(server.reads).toBe(reads);
  });

  test('a key that only verifies cannot call', async () => {
    const body = { tool: 'billing.invoice', params: {}, workflow: 'reminders' };
    const answer = await gateway.request('POST', '/v1/call', { body, key: VERIFY_LISTED });
    expect([answer.status, answer.body['code']]).toEqual([403, 'insufficient_scope']);
  });

  test('each is traced: what was found, and what was refused', async () => {
    const found = await verify(REMINDER);
    const refused = await verify({ ...REMINDER, state_refetch: { tool: 'payments.charge', params: {} } });
    const { body } = await gateway.request('GET', '/v1/traces?limit=2');
    const [second, first] = body['traces'] as {
      trace_id: string;
      status: string;
      steps: { step: string }[];
    }[];
    expect([first?.trace_id, first?.status]).toEqual([found.body['trace_id'], 'verified']);
    expect(first?.steps.map((s) => s.step)).toEqual([
      'request_received',
      'state_refetched',
      'state_compared',
    ]);
    expect([second?.trace_id, second?.status]).toEqual([refused.body['trace_id'], 'validation_failed']);
  });
});
