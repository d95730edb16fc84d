import { answered, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, told, type Harness } from './harness.js';

const DONE = answered({ id: 'x1' });

/** Starts a call, lets `ms` pass, and hands back its answer. */
async function after(harness: Harness, ms: number, call: ReturnType<Harness['call']>) {
  await harness.clock.advance(ms);
  return call;
}

describe('attempts and retries', () => {
  test('a call that succeeds is attempted once and its result is recorded', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: DONE });
    const answer = await after(h, 10, h.call({ tool: 'blind', params: { a: 1 } }));
    expect(told(answer)).toBe('completed');
    expect(recordOf(answer).resultText).toBe('{"id":"x1"}');
    expect(recordOf(answer).journal.attempts.map((a) => [a.n, a.role, a.state, a.certainty])).toEqual([
      [1, 'primary', 'ok', 'effect'],
    ]);
    expect(h.invoker.calls[0]?.params).toEqual({ a: 1 });
  });

  test('nothing was sent: retried within bounds, with backoff, under one downstream key', async () => {
    const h = await createHarness();
    h.invoker.script(
      'blind',
      { reply: REFUSED_CONNECTION },
      { reply: REFUSED_CONNECTION },
      { effect: true, reply: DONE },
    );
    const call = h.call({ tool: 'blind' });
    await h.clock.advance(99);
    expect(h.invoker.calls).toHaveLength(1);
    await h.clock.advance(1);
    expect(h.invoker.calls).toHaveLength(2);
    const answer = await after(h, 200, call);
    expect(told(answer)).toBe('completed');
    expect(new Set(h.invoker.calls.map((c) => c.downstreamKey)).size).toBe(1);
    expect(h.invoker.calls[0]?.downstreamKey).toMatch(/^ivk_[0-9a-f]{32}_[0-9a-f]{12}$/);
  });

  test('retry n means one attempt and at most n more, then a certain failure', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { reply: REFUSED_CONNECTION });
    const answer = await after(h, 60_000, h.call({ tool: 'blind', failure_policy: { retry: 4 } }));
    expect(told(answer)).toBe('failed upstream_unavailable');
    expect(h.invoker.calls).toHaveLength(5);
  });

  test.each([
    { reason: 'address_denied', code: 'egress_denied', decision: 'do_not_retry' },
    { reason: 'not_configured', code: 'tool_not_callable', decision: 'do_not_retry' },
    { reason: 'connection_refused', code: 'upstream_unavailable', decision: 'retry_allowed' },
  ] as const)(
    '$reason: certainly nothing happened, and the advice is $decision',
    async ({ reason, code, decision }) => {
      const h = await createHarness();
      h.invoker.script('blind', { reply: { kind: 'failure', sent: false, reason, message: 'no' } });
      const [answer] = await Promise.all([h.call({ tool: 'blind' }), h.clock.advance(60_000)]);
      expect(recordOf(answer)).toMatchObject({ state: 'failed', outcome: { code, decision } });
    },
  );

  test('class C with an unknown outcome is attempted once and goes to people', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: LOST_CONNECTION });
    const answer = await after(
      h,
      60_000,
      h.call({ tool: 'blind', failure_policy: { retry: 5, fallback: 'fallback' } }),
    );
    expect(told(answer)).toBe('unknown upstream_unavailable');
    expect(recordOf(answer).state).toBe('needs_review');
    expect(h.invoker.calls).toHaveLength(1);
    expect(h.invoker.effects('fallback')).toBe(0);
  });

  test('class A with an unknown outcome is sent again under the same key', async () => {
    const h = await createHarness();
    h.invoker.script('keyed', { effect: true, reply: LOST_CONNECTION }, { reply: DONE });
    const answer = await after(h, 60_000, h.call({ tool: 'keyed' }));
    expect(told(answer)).toBe('completed');
    expect(h.invoker.calls.map((c) => c.downstreamKey)).toEqual([
      h.invoker.calls[0]?.downstreamKey,
      h.invoker.calls[0]?.downstreamKey,
    ]);
    expect(recordOf(answer).journal.attempts.map((a) => a.certainty)).toEqual(['unknown', 'effect']);
  });

  test('while it waits to be sent again it is unknown: other writes to its entity are held, a repetition is told so', async () => {
    const slow = toDefinition({
      name: 'kv',
      input_schema: {},
      timeout_ms: 1_000,
      entities: [{ field: '/customer_id' }],
      idempotency: { header: 'Idempotency-Key' },
      retry: { max_attempts: 3, backoff_ms: 20_000, safe: false },
    });
    const h = await createHarness({ tools: [slow] });
    h.invoker.script('kv', { effect: true, reply: LOST_CONNECTION }, { reply: DONE });
    const params = { customer_id: 'c1' };
    const first = h.call({ tool: 'kv', params, idempotency_key: 'k', timeout_ms: 400 });
    expect(told(await after(h, 500, first))).toBe('unknown');
    const other = h.call({ tool: 'kv', params: { ...params, more: true }, idempotency_key: 'k2' });
    expect(told(await after(h, 10, other))).toBe('refused entity_quarantined');
    await h.clock.advance(60_000);
    const again = h.call({ tool: 'kv', params, idempotency_key: 'k' });
    expect(told(await after(h, 10, again))).toBe('completed replayed');
    expect(h.invoker.calls).toHaveLength(2);
  });

  test('a read is simply repeated', async () => {
    const h = await createHarness();
    h.invoker.script(
      'look',
      { reply: LOST_CONNECTION },
      { reply: answered({}, { status: 503 }) },
      { reply: DONE },
    );
    expect(told(await after(h, 60_000, h.call({ tool: 'look' })))).toBe('completed');
    expect(h.invoker.calls).toHaveLength(3);
  });

  test('the fallback is called once, after the first tool certainly did nothing, with a key of its own', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { reply: REFUSED_CONNECTION });
    h.invoker.script('fallback', { effect: true, reply: DONE });
    const answer = await after(
      h,
      60_000,
      h.call({ tool: 'blind', failure_policy: { retry: 1, fallback: 'fallback' } }),
    );
    expect(told(answer)).toBe('completed');
    expect(recordOf(answer).journal.attempts.map((a) => `${a.role} ${a.tool}`)).toEqual([
      'primary blind',
      'retry blind',
      'fallback fallback',
    ]);
    expect(new Set(h.invoker.calls.map((c) => c.downstreamKey)).size).toBe(2);
  });

  test('"invalid params" may follow the effect: no fallback, and people are asked', async () => {
    const h = await createHarness();
    const reply = { kind: 'rpc_error', code: -32602, message: 'Invalid structured content' } as const;
    h.invoker.script('blind', { effect: true, reply });
    h.invoker.script('fallback', { effect: true, reply: DONE });
    const call = h.call({ tool: 'blind', failure_policy: { retry: 1, fallback: 'fallback' } });
    expect(told(await after(h, 60_000, call))).toBe('unknown upstream_unavailable');
    expect([h.invoker.effects('blind'), h.invoker.effects('fallback')]).toEqual([1, 0]);
  });

  test('a tool that says "I failed" is not retried and not doubted', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { reply: answered({ error: 'no such team' }, { isError: true }) });
    const answer = await after(h, 60_000, h.call({ tool: 'blind' }));
    expect(told(answer)).toBe('failed');
    expect(answer.kind === 'execution' && answer.outcome.http).toBe(200);
    expect(recordOf(answer).resultText).toBe('{"error":"no such team"}');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('a connection that comes too late proves that nothing was sent: retried, and the first one never acts', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: DONE, connectMs: 1_500 }, { effect: true, reply: DONE });
    const answer = await after(h, 60_000, h.call({ tool: 'blind' }));
    expect(told(answer)).toBe('completed');
    expect(recordOf(answer).journal.attempts.map((a) => [a.state, a.reason])).toEqual([
      ['not_sent', 'connect_failed'],
      ['ok', 'answered'],
    ]);
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('an attempt whose time is over before it is sent is not sent', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: DONE, afterMs: 2_000 });
    const call = h.call({ tool: 'blind' });
    await h.clock.advance(0);
    const sent = h.invoker.calls[0];
    expect(sent?.mayStillSend()).toBe(true);
    await h.clock.advance(1_001);
    expect(sent?.mayStillSend()).toBe(false);
    await call;
  });
});

describe('reconciling', () => {
  const lookup = (charged: unknown) => ({ reply: answered({ payment_id: 'p1', charged }) });

  test('the charge was applied and its answer lost: found by one look, never charged again', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('payments.lookup', lookup(true));
    const answer = await after(h, 60_000, h.call({ tool: 'charge', params: { payment_id: 'p1' } }));
    expect(told(answer)).toBe('outcome_reconciled');
    expect(answer.kind === 'execution' && answer.outcome.decision).toBe('do_not_retry');
    expect(h.invoker.effects('charge')).toBe(1);
    expect(h.invoker.calls.map((c) => c.tool.id)).toEqual(['charge', 'payments.lookup']);
    expect(h.invoker.calls[1]?.params).toEqual({ payment_id: 'p1' });
    expect(recordOf(answer).journal.attempts.map((a) => a.state)).toEqual(['confirmed_applied']);
  });

  test('the charge was never made: absence is believed after timeout and settle time, then retried', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    h.invoker.script('payments.lookup', lookup(false));
    const call = h.call({ tool: 'charge', params: { payment_id: 'p1' } });
    await h.clock.advance(2_999);
    expect(h.invoker.calls.filter((c) => c.tool.id === 'charge')).toHaveLength(1);
    const answer = await after(h, 60_000, call);
    expect(told(answer)).toBe('completed');
    expect(h.invoker.effects('charge')).toBe(1);
    expect(recordOf(answer).journal.lookups.map((l) => l.verdict)).toEqual(['absent', 'absent', 'absent']);
    expect(recordOf(answer).journal.attempts.map((a) => a.state)).toEqual(['confirmed_absent', 'ok']);
  });

  test('lookups that fail or say nothing prove nothing: people decide after a bounded number', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script(
      'payments.lookup',
      { reply: LOST_CONNECTION },
      { reply: answered({}) },
      { reply: answered('what?') },
    );
    const answer = await after(h, 120_000, h.call({ tool: 'charge', params: { payment_id: 'p1' } }));
    expect(recordOf(answer).state).toBe('needs_review');
    expect(recordOf(answer).journal.lookups.map((l) => l.verdict)).toEqual(Array(5).fill('unclear'));
    expect(h.invoker.effects('charge')).toBe(1);
  });

  test("the caller's failure policy may name the lookup, and escalation is an answer of its own", async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('payments.lookup', { reply: answered({ state: '?' }) });
    const reconcile = {
      action: 'charge_customer',
      state_refetch: { tool: 'payments.lookup', params: { id: 1 } },
      conditions: { charged: true },
    };
    const answer = await after(
      h,
      300_000,
      h.call({ tool: 'blind', failure_policy: { on_failure: 'escalate', reconcile } }),
    );
    expect(told(answer)).toBe('needs_review');
    expect(answer.kind === 'execution' && [answer.outcome.http, answer.outcome.decision]).toEqual([
      202,
      'escalated',
    ]);
  });

  test('a lookup of the caller does not shorten the settle time that the card declares', async () => {
    const slow = toDefinition({
      name: 'transfer',
      input_schema: {},
      timeout_ms: 1_000,
      retry: { max_attempts: 3, backoff_ms: 100, safe: false },
      reconcile: {
        state_refetch: { tool: 'payments.lookup', params: {} },
        conditions: { charged: true },
        settle_ms: 20_000,
      },
    });
    const h = await createHarness({ tools: [slow] });
    let done = false;
    h.invoker.script('transfer', {
      reply() {
        h.clock.schedule(10_000, () => (done = true));
        return LOST_CONNECTION;
      },
    });
    h.invoker.script('payments.lookup', { reply: () => answered({ charged: done }) });
    const reconcile = {
      state_refetch: { tool: 'payments.lookup', params: {} },
      conditions: { charged: true },
      settle_ms: 0,
      min_absent_reads: 1,
    };
    const call = h.call({ tool: 'transfer', failure_policy: { retry: 1, reconcile } });
    expect(told(await after(h, 300_000, call))).toBe('outcome_reconciled');
    expect(h.invoker.calls.filter((c) => c.tool.id === 'transfer')).toHaveLength(1);
  });

  test('a step of the wall clock does not shorten the settle time', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    h.invoker.script('payments.lookup', lookup(false));
    const call = h.call({ tool: 'charge', params: { payment_id: 'p1' } });
    await h.clock.advance(100);
    h.clock.step(3_600_000);
    await h.clock.advance(2_800);
    expect(h.invoker.calls.filter((c) => c.tool.id === 'charge')).toHaveLength(1);
    h.clock.step(-7_200_000);
    expect(told(await after(h, 60_000, call))).toBe('completed');
    expect(h.invoker.effects('charge')).toBe(1);
  });
});

describe('late answers', () => {
  test('the tool answers after its time: the answer settles the unknown and is replayed', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: DONE, afterMs: 2_500 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: 'pending' }) });
    const answer = await after(
      h,
      60_000,
      h.call({ tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'k' }),
    );
    expect(told(answer)).toBe('completed');
    expect(recordOf(answer).resultText).toBe('{"id":"x1"}');
    expect(recordOf(answer).journal.attempts.map((a) => a.reason)).toEqual(['late_answered']);
    expect(h.invoker.effects('charge')).toBe(1);
    expect(
      told(
        await after(h, 10, h.call({ tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'k' })),
      ),
    ).toBe('completed replayed');
  });

  describe('the tool has answered "done" when the last look that sees nothing comes back', () => {
    const policies = [
      { why: 'no fallback is called', failure_policy: { retry: 0, fallback: 'fallback' } },
      { why: 'no failure is recorded', failure_policy: { retry: 0 } },
      { why: 'it is not called again', failure_policy: { retry: 1 } },
    ];
    test.each(policies)('$why', async ({ failure_policy }) => {
      const h = await createHarness();
      h.invoker.script('charge', { effect: true, reply: DONE, afterMs: 3_900 });
      h.invoker.script('payments.lookup', { reply: answered({ charged: false }), afterMs: 300 });
      h.invoker.script('fallback', { effect: true, reply: DONE });
      const call = h.call({ tool: 'charge', params: { payment_id: 'p1' }, failure_policy });
      const answer = await after(h, 60_000, call);
      expect(told(answer)).toBe('completed');
      expect(recordOf(answer).journal.attempts.map((a) => [a.tool, a.state, a.reason])).toEqual([
        ['charge', 'ok', 'late_answered'],
      ]);
    });
  });

  test("the caller's deadline ends the waiting, not the call", async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: DONE, afterMs: 800 });
    const first = await after(h, 200, h.call({ tool: 'blind', idempotency_key: 'k', timeout_ms: 100 }));
    expect(told(first)).toBe('pending');
    expect(told(await after(h, 10, h.call({ tool: 'blind', idempotency_key: 'k' })))).toBe(
      'refused idempotency_in_progress',
    );
    await h.clock.advance(1_000);
    expect(told(await after(h, 10, h.call({ tool: 'blind', idempotency_key: 'k' })))).toBe(
      'completed replayed',
    );
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('a blind tool that answers after it was given up: people need not decide any more', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: DONE, afterMs: 5_000 });
    const first = await after(h, 2_000, h.call({ tool: 'blind', idempotency_key: 'k' }));
    expect(recordOf(first).state).toBe('needs_review');
    await h.clock.advance(4_000);
    expect(told(await after(h, 10, h.call({ tool: 'blind', idempotency_key: 'k' })))).toBe(
      'completed replayed',
    );
  });
});
