import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Invoke, InvokeError, type InvokeOptions } from '../src/index.js';
import {
  json,
  problem,
  reset,
  startScriptedServer,
  type ScriptedServer,
  type Step,
} from './fixtures/scripted-server.js';

const clientOf = (server: ScriptedServer, more: InvokeOptions = {}) =>
  new Invoke({ apiKey: 'inv_test_k', baseUrl: server.url, maxRetries: 0, ...more });

async function errorOf(promise: Promise<unknown>): Promise<InvokeError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!InvokeError.isInstance(error)) throw error;
  return error;
}

const wire = (status: string, more: object = {}) => ({
  id: 'appr_1',
  kind: 'approval',
  status,
  execution_id: 'exec_1',
  params: { customer_id: 'cust_123', keepMe: { as_it: 'is' } },
  entity_resolution: { entity_id: 'cust_123', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
  conditions: { customer_balance: '> 0' },
  frozen_state: { customer_balance: 5 },
  fallback: 'backup',
  failure_policy: {
    on_failure: 'escalate',
    reconcile: { state_refetch: { tool: 'look', params: { as_it: 'is' } }, conditions: { is_paid: true } },
  },
  drift: [{ field: 'customer_balance', frozen: 5, live: 0, condition: '> 0', verdict: 'fails' }],
  next_id: null,
  ...more,
});
const approval = (status: string) => json(200, { approval: wire(status) });
const tell = (...statuses: string[]) =>
  statuses.map((status) => `event: approval\ndata: ${JSON.stringify(wire(status))}\n\n`).join('');

/** A stream of events that stays open, or is cut or ended after the last one. */
function stream(text: string, end: 'open' | 'end' | 'cut' = 'end'): Step {
  return (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    res.write(text, () => {
      if (end === 'end') res.end();
      if (end === 'cut') res.socket?.resetAndDestroy();
    });
  };
}

const EVENTS = '/v1/approvals/appr_1/events';
const ONE = '/v1/approvals/appr_1';

describe('what is read and what is sent', () => {
  test('list: filters in the words of the API, and data of others as it is', async () => {
    await using server = await startScriptedServer(
      json(200, { approvals: [wire('pending')], next_cursor: 'c' }),
      json(200, { approvals: [], next_cursor: null }),
    );
    const seen = [];
    for await (const one of clientOf(server).approvals.list({ status: 'pending', agentId: 'a', limit: 1 }))
      seen.push(one);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/approvals?status=pending&agent_id=a&limit=1',
      '/v1/approvals?status=pending&agent_id=a&limit=1&cursor=c',
    ]);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      executionId: 'exec_1',
      params: { customer_id: 'cust_123', keepMe: { as_it: 'is' } },
      entityResolution: { entityId: 'cust_123', resolvedAt: '2026-05-01T12:00:00Z' },
      conditions: { customer_balance: '> 0' },
      frozenState: { customer_balance: 5 },
      fallback: 'backup',
      failurePolicy: {
        onFailure: 'escalate',
        reconcile: { stateRefetch: { params: { as_it: 'is' } }, conditions: { is_paid: true } },
      },
      nextId: null,
    });
  });

  test('get', async () => {
    await using server = await startScriptedServer(json(200, { approval: wire('pending') }));
    expect((await clientOf(server).approvals.get('a/b')).drift[0]?.verdict).toBe('fails');
    expect(server.seen[0]?.url).toBe('/v1/approvals/a%2Fb');
  });

  test('approve, reject and resolve', async () => {
    const decision = {
      success: true,
      status: 'requeued',
      outcome: 'requeued',
      approval_id: 'appr_1',
      next_approval_id: 'appr_2',
      execution_id: 'exec_1',
      execution_status: 'pending_approval',
      result: { tool_said: 1 },
      reason: 'customer_balance changed',
      drift: wire('pending').drift,
    };
    await using server = await startScriptedServer(json(200, decision));
    const { approvals } = clientOf(server);
    const state = { customer_balance: 0, camelCase: 1 };
    const answer = await approvals.approve('appr_1', {
      reviewedBy: 'ana',
      digest: 'sha256:aa',
      state,
      comment: 'fine',
      timeoutMs: 10_000,
    });
    expect(answer).toMatchObject({
      outcome: 'requeued',
      nextApprovalId: 'appr_2',
      executionStatus: 'pending_approval',
      result: { tool_said: 1 },
      drift: [{ field: 'customer_balance', frozen: 5, live: 0 }],
    });
    await approvals.reject('appr_1', { comment: 'no' });
    await approvals.resolve('appr_1', { resolution: 'applied', result: { theId: 7 } });
    expect(server.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', `${ONE}/approve`, { reviewed_by: 'ana', digest: 'sha256:aa', state, comment: 'fine' }],
      ['POST', `${ONE}/reject`, { comment: 'no' }],
      ['POST', `${ONE}/resolve`, { resolution: 'applied', result: { theId: 7 } }],
    ]);
    // What is executed may take long: the gateway is to answer before this client gives up.
    expect(server.seen[0]?.headers['prefer']).toBe('wait=9');
  });

  test('a decision is sent once: after a lost answer, the approval says what came of it', async () => {
    await using server = await startScriptedServer(reset);
    const error = await errorOf(clientOf(server, { maxRetries: 2 }).approvals.approve('appr_1'));
    expect(error).toMatchObject({ code: 'connection_lost', retry: 'after_reconcile' });
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    { http: 403, code: 'self_approval_denied' },
    { http: 409, code: 'approval_conflict' },
    { http: 409, code: 'approval_digest_mismatch' },
    { http: 409, code: 'state_required' },
  ])('$code is an error that stays', async ({ http, code }) => {
    await using server = await startScriptedServer(problem(http, code));
    const error = await errorOf(clientOf(server, { maxRetries: 2 }).approvals.approve('appr_1'));
    expect(error).toMatchObject({ code, status: http, retry: 'never' });
    expect(server.seen).toHaveLength(1);
  });
});

describe('wait', () => {
  test('follows the stream to the end, and asks nothing else', async () => {
    await using server = await startScriptedServer(async (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`${tell('pending')}: still here\n\nevent: other\ndata: 1\n\n`);
      await sleep(20);
      const [head, tail] = [tell('executed').slice(0, 40), tell('executed').slice(40)];
      res.write(head);
      await sleep(20);
      res.write(tail);
    });
    expect(await clientOf(server).approvals.wait('appr_1')).toMatchObject({
      id: 'appr_1',
      status: 'executed',
      executionId: 'exec_1',
    });
    expect(server.seen.map(({ url, headers }) => [url, headers.accept])).toEqual([
      [EVENTS, 'text/event-stream'],
    ]);
    expect(server.seen[0]?.headers['x-api-key']).toBe('inv_test_k');
  });

  test.each(['rejected', 'cancelled', 'expired', 'invalidated', 'replan_required', 'resolved'])(
    '%s is an end',
    async (status) => {
      await using server = await startScriptedServer(stream(tell(status), 'open'));
      expect((await clientOf(server).approvals.wait('appr_1')).status).toBe(status);
    },
  );

  test('a stream that ends or is cut before the end is opened again', async () => {
    await using server = await startScriptedServer(
      stream(tell('pending'), 'end'),
      stream(`${tell('pending')}event: approval\ndata: {"status":"exe`, 'cut'),
      stream(tell('rejected')),
    );
    expect((await clientOf(server).approvals.wait('appr_1')).status).toBe('rejected');
    expect(server.seen.map(({ url }) => url)).toEqual([EVENTS, EVENTS, EVENTS]);
  });

  test('where there is no stream it asks, again and again', async () => {
    await using server = await startScriptedServer(
      problem(404, 'not_found'),
      approval('pending'),
      json(200, { odd: 1 }),
      approval('executed'),
    );
    expect((await clientOf(server).approvals.wait('appr_1')).status).toBe('executed');
    expect(server.seen.map(({ url }) => url)).toEqual([EVENTS, ONE, EVENTS, ONE]);
  });

  test('it outlives a gateway that is away for a while', async () => {
    await using server = await startScriptedServer(
      stream(tell('pending'), 'cut'),
      reset,
      reset,
      problem(503, 'shutting_down'),
      problem(503, 'shutting_down'),
      stream(tell('executed')),
    );
    expect((await clientOf(server).approvals.wait('appr_1')).status).toBe('executed');
    expect(server.seen).toHaveLength(6);
  });

  test('but not one that stays away', async () => {
    await using server = await startScriptedServer(reset);
    const error = await errorOf(clientOf(server, { timeoutMs: 600 }).approvals.wait('appr_1'));
    expect(error.code).toBe('connection_lost');
  });

  test('who may follow an approval but not read approvals is not stopped by that', async () => {
    await using server = await startScriptedServer(
      stream(tell('pending'), 'cut'),
      problem(503, 'shutting_down'),
      problem(403, 'insufficient_scope'),
      stream(tell('executed')),
    );
    expect((await clientOf(server).approvals.wait('appr_1')).status).toBe('executed');
    expect(server.seen.map(({ url }) => url)).toEqual([EVENTS, EVENTS, ONE, EVENTS]);
  });

  test('what cannot be read is told at once', async () => {
    await using server = await startScriptedServer(problem(404, 'not_found'));
    expect(await errorOf(clientOf(server).approvals.wait('appr_9'))).toMatchObject({
      code: 'not_found',
      status: 404,
    });
    expect(server.seen).toHaveLength(2);
  });

  test('its time is over', async () => {
    await using server = await startScriptedServer(stream(tell('pending'), 'open'));
    const error = await errorOf(clientOf(server).approvals.wait('appr_1', { timeoutMs: 60 }));
    expect(error).toMatchObject({ code: 'timeout', retry: 'safe' });
  });

  test("the caller's signal ends it, also between two looks", async () => {
    await using server = await startScriptedServer(stream('', 'cut'));
    const abort = new AbortController();
    const waiting = errorOf(clientOf(server).approvals.wait('appr_1', { signal: abort.signal }));
    await vi.waitFor(() => expect(server.seen).toHaveLength(1));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'aborted', retry: 'safe' });
  });

  test('a silent connection is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await using server = await startScriptedServer(
        stream(tell('pending'), 'open'),
        stream(tell('executed')),
      );
      const waiting = clientOf(server).approvals.wait('appr_1');
      await vi.waitFor(
        async () => {
          await vi.advanceTimersByTimeAsync(1_000);
          expect(server.seen).toHaveLength(2);
        },
        { timeout: 10_000, interval: 5 },
      );
      expect((await waiting).status).toBe('executed');
    } finally {
      vi.useRealTimers();
    }
  });
});
