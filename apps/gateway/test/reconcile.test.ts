import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openStateServer, type StateServer } from './support/state-server.js';

const RECONCILER = 'inv_test_reconciler_0123456789';
const KEYS = { [RECONCILER]: { scopes: ['outcomes:reconcile'], allowed_tools: ['payments.lookup'] } };

let gateway: TestGateway;
let server: StateServer;
beforeAll(async () => {
  server = await openStateServer();
  gateway = await openGateway({ INVOKE_API_KEY_SCOPES: JSON.stringify(KEYS) });
  await register(gateway, 'payments.lookup', `${server.url}/next`, { effect: 'read', timeout_ms: 2000 });
  await register(gateway, 'payments.charge', `${server.url}/charge`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.states = [{ charged: true }];
  server.reads = 0;
});

/** As in the description's section Outcome Reconciliation. */
const CHARGE = {
  action: { intent: 'charge_customer', params: { payment_id: 'pay_123' } },
  outcome: 'UNKNOWN',
  state_refetch: { tool: 'payments.lookup', params: { payment_id: 'pay_123' } },
  conditions: { charged: true },
};
const reconcile = (body: object, path = '/outcomes/reconcile') => gateway.request('POST', path, { body });

describe('POST /outcomes/reconcile', () => {
  test.each(['/outcomes/reconcile', '/v1/outcomes/reconcile'])('%s: found is found', async (path) => {
    const answer = await reconcile(CHARGE, path);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      status: 'outcome_reconciled',
      decision: 'do_not_retry',
      outcome: 'SUCCESS',
      current_state: { charged: true },
      reason: 'charge_customer took effect: all conditions hold',
    });
    expect(answer.body['fields']).toEqual([
      { field: 'charged', assumed: null, current: true, drifted: false, holds: true, verdict: 'ok' },
    ]);
    expect(server.reads).toBe(1);
  });

  test('the action may be a name alone', async () => {
    const answer = await reconcile({ ...CHARGE, action: 'charge_customer' });
    expect(answer.body['reason']).toBe('charge_customer took effect: all conditions hold');
  });

  test('absent counts after two clean reads', async () => {
    server.states = [{ charged: false }];
    const answer = await reconcile(CHARGE);
    expect(answer.body).toMatchObject({
      success: true,
      status: 'not_executed',
      decision: 'retry_allowed',
      outcome: 'FAILED',
      reason: 'charge_customer did not take effect: charged is false, which its condition does not allow',
    });
    expect(server.reads).toBe(2);
  });

  test('a charge that turns up at the second look was made', async () => {
    server.states = [{ charged: false }, { charged: true }];
    expect((await reconcile(CHARGE)).body['decision']).toBe('do_not_retry');
  });

  test('a failed read proves nothing and starts the count again', async () => {
    server.states = [{ charged: false }, 503, { charged: false }, { charged: false }];
    expect((await reconcile(CHARGE)).body['decision']).toBe('retry_allowed');
    expect(server.reads).toBe(4);
  });

  test.each([
    { cell: 'the field is missing', states: [{}], reason: /charged is missing/ },
    { cell: 'the tool fails', states: [500], reason: /could not be read/ },
  ])('$cell: unknown / escalate', async ({ states, reason }) => {
    server.states = states;
    const answer = await reconcile({ ...CHARGE, min_absent_reads: 1 });
    expect(answer.body).toMatchObject({
      success: false,
      status: 'unknown',
      decision: 'escalate',
      outcome: 'UNKNOWN',
    });
    expect(answer.body['reason']).toMatch(reason);
  });

  test('what the caller believes is verified all the same, and a contradiction is told', async () => {
    const failed = await reconcile({ ...CHARGE, outcome: 'FAILED' });
    expect(failed.body).toMatchObject({ decision: 'do_not_retry', outcome: 'SUCCESS' });
    expect(failed.body['reason']).toMatch(/This contradicts the outcome FAILED that was reported/);
    server.states = [{ charged: false }];
    const succeeded = await reconcile({ ...CHARGE, outcome: 'SUCCESS' });
    expect(succeeded.body).toMatchObject({ decision: 'retry_allowed', outcome: 'FAILED' });
    expect(succeeded.body['reason']).toMatch(/This contradicts the outcome SUCCESS that was reported/);
  });

  test('state that the caller sends is one look', async () => {
    const { state_refetch: _, ...unread } = CHARGE;
    const current_state = { charged: false };
    expect((await reconcile({ ...unread, current_state })).body['decision']).toBe('retry_allowed');
    const twice = await reconcile({ ...unread, current_state, min_absent_reads: 2 });
    expect(twice.body['decision']).toBe('escalate');
    expect(twice.body['reason']).toMatch(/not seen absent 2 times in a row$/);
    expect((await reconcile(unread)).body).toMatchObject({ status: 'unknown', decision: 'escalate' });
    expect(server.reads).toBe(0);
  });

  test('absence is not believed against what is recorded', async () => {
    server.states = [{ ok: true }];
    const call = { tool: 'payments.charge', params: { payment_id: 'pay_123' }, idempotency_key: 'pay-1' };
    const executed = await gateway.request('POST', '/v1/call', { body: call });
    expect(executed.body['status']).toBe('completed');
    server.states = [{ charged: false }];
    const action = { ...CHARGE.action, idempotency_key: 'pay-1' };
    const answer = await reconcile({ ...CHARGE, action });
    expect(answer.body).toMatchObject({ status: 'unknown', decision: 'escalate' });
    expect(answer.body['reason']).toContain(
      `Invoke has recorded ${String(executed.body['execution_id'])} as completed`,
    );
    server.states = [{ charged: true }];
    expect((await reconcile({ ...CHARGE, action })).body['decision']).toBe('do_not_retry');
  });

  test('a tool that writes is refused and not touched', async () => {
    const answer = await reconcile({ ...CHARGE, state_refetch: { tool: 'payments.charge', params: {} } });
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(server.reads).toBe(0);
  });

  test('no conditions, nothing to reconcile', async () => {
    const answer = await reconcile({ ...CHARGE, conditions: {} });
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
  });

  test('a key that only reconciles reads by the tools of its list', async () => {
    const answer = await gateway.request('POST', '/outcomes/reconcile', { body: CHARGE, key: RECONCILER });
    expect(answer.body['decision']).toBe('do_not_retry');
    const verify = await gateway.request('POST', '/state/verify', {
      body: { intent: 'x', required_fields: ['charged'], current_state: { charged: true } },
      key: RECONCILER,
    });
    expect([verify.status, verify.body['code']]).toEqual([403, 'insufficient_scope']);
  });
});
