import { KeyGrant } from '@invoke/contract';
import { fullAccess, toPrincipal } from '@invoke/core/domain';
import { answered } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told, tracesOf } from './harness.js';

const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;

describe('one key, one execution', () => {
  test('a repeat gets the recorded answer, whatever the order of its params', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const first = h.call({ tool: 'blind', params: { a: 1, b: { c: 2.0 } }, idempotency_key: 'k' });
    await h.clock.advance(10);
    const again = h.call({ tool: 'blind', params: { b: { c: 2 }, a: 1 }, idempotency_key: 'k' });
    await h.clock.advance(10);
    expect([told(await first), told(await again)]).toEqual(['completed', 'completed replayed']);
    expect(recordOf(await again).id).toBe(recordOf(await first).id);
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test.each([
    ['other params', { params: { a: 2 } }],
    ['another action', { action: 'x' }],
    ['another agent', { agent_id: 'b' }],
    ['another tool', { tool: 'keyed' }],
    [
      'another entity',
      { entity_resolution: { entity_id: 'cust_2', source: 's', resolved_at: '2026-05-01T12:00:00Z' } },
    ],
  ])('%s under the same key: refused, and nothing of the first call is shown', async (_, change) => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const base = { tool: 'blind', params: { a: 1 }, idempotency_key: 'k' };
    await Promise.all([h.call(base), h.clock.advance(10)]);
    const answer = await h.call({ ...base, ...change });
    expect(told(answer)).toBe('refused idempotency_key_reused');
    expect(JSON.stringify(answer)).not.toContain('exec_');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('the same key in another tenant or environment is another key', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const base = { tool: 'blind', idempotency_key: 'k' };
    await Promise.all([
      h.call(base),
      h.call({ ...base, env: 'dev' }),
      h.call(base, { principal: fullAccess('k2', 'other') }),
      h.clock.advance(10),
    ]);
    expect(h.invoker.effects('blind')).toBe(3);
  });

  test('another API key of the tenant is answered with the same execution, if it may call that tool', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const base = { tool: 'blind', idempotency_key: 'k' };
    await Promise.all([h.call(base), h.clock.advance(10)]);
    expect(told(await h.call(base, { principal: fullAccess('rotated') }))).toBe('completed replayed');
    const other = toPrincipal('limited', KeyGrant.parse({ scopes: ['tools:call'], allowed_tools: ['look'] }));
    expect(told(await h.call(base, { principal: other }))).toBe('refused tool_not_allowed');
  });

  test('100 equal calls at once: one effect; who waits gets the answer, who does not is told to come back', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { ...DONE, afterMs: 300 });
    const calls = Array.from({ length: 100 }, (_, i) =>
      h.call({ tool: 'blind', idempotency_key: 'k' }, { attachMs: i % 2 === 0 ? 10_000 : 0 }),
    );
    await h.clock.advance(5_000);
    const answers = (await Promise.all(calls)).map(told);
    const count = (word: string) => answers.filter((a) => a === word).length;
    expect(h.invoker.effects('blind')).toBe(1);
    expect(count('completed')).toBe(1);
    expect(count('completed') + count('completed replayed') + count('refused idempotency_in_progress')).toBe(
      100,
    );
    expect(count('completed replayed')).toBeGreaterThanOrEqual(49);
  });

  test('failures are recorded answers, too', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { reply: answered({}, { status: 404 }) }, DONE);
    const base = { tool: 'blind', idempotency_key: 'k' };
    await Promise.all([h.call(base), h.clock.advance(10)]);
    expect(told(await h.call(base))).toBe('failed replayed');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('after pruning a key is refused for ever, never executed a second time', async () => {
    const h = await createHarness({ config: { retentionMs: 600_000, tombstoneMs: 6_000_000 } });
    h.invoker.script('blind', DONE);
    const base = { tool: 'blind', idempotency_key: 'k' };
    await Promise.all([h.call(base), h.clock.advance(10)]);
    await h.clock.advance(500_000);
    expect(told(await h.call(base))).toBe('completed replayed');
    await h.clock.advance(300_000);
    expect(told(await h.call(base))).toBe('refused idempotency_key_expired');
    expect(told(await h.call({ ...base, params: { a: 2 } }))).toBe('refused idempotency_key_reused');
    expect(h.invoker.effects('blind')).toBe(1);
  });
});

describe('refusals before anything is executed', () => {
  test.each([
    ['an unknown tool', { tool: 'nope' }, 'not_found'],
    ['params that do not fit', { tool: 'charge', params: { amount: 1 } }, 'validation_failed'],
    ['too many retries', { tool: 'blind', failure_policy: { retry: 6 } }, 'policy_invalid'],
    [
      'a tool as its own fallback',
      { tool: 'blind', failure_policy: { fallback: 'blind' } },
      'policy_invalid',
    ],
    ['a fallback that does not exist', { tool: 'blind', failure_policy: { fallback: 'nope' } }, 'not_found'],
    [
      'a lookup by a tool that writes',
      {
        tool: 'blind',
        failure_policy: { reconcile: { state_refetch: { tool: 'keyed' }, conditions: { a: 1 } } },
      },
      'validation_failed',
    ],
    [
      'a condition that cannot be read',
      {
        tool: 'blind',
        failure_policy: {
          reconcile: { state_refetch: { tool: 'look' }, conditions: { a: '> 0; process.exit()' } },
        },
      },
      'policy_invalid',
    ],
    [
      'the wrong entity',
      {
        tool: 'charge',
        params: { payment_id: 'p', customer_id: 'cust_9' },
        entity_resolution: { entity_id: 'cust_1', source: 's', resolved_at: '2026-05-01T12:00:00Z' },
      },
      'entity_mismatch',
    ],
  ])('%s', async (_, request, code) => {
    const h = await createHarness();
    expect(told(await h.call(request))).toBe(`refused ${code}`);
    expect(h.invoker.calls).toHaveLength(0);
    const traces = await tracesOf(h);
    expect(traces.map((t) => [t.status, t.code, t.execution_id])).toEqual([[code, code, null]]);
    expect(
      await h.store.executions.list({
        tenant: 'default',
        limit: 10,
        before: null,
        state: null,
        tool: null,
        agentId: null,
      }),
    ).toEqual([]);
  });

  test('while a write to an entity is unknown, other writes to it are held, and other entities are not', async () => {
    const h = await createHarness();
    h.invoker.script(
      'charge',
      { effect: true, reply: { kind: 'failure', sent: true, reason: 'connection_lost', message: 'reset' } },
      DONE,
    );
    h.invoker.script('payments.lookup', { reply: answered({}) });
    const on = (customer_id: string) => h.call({ tool: 'charge', params: { payment_id: 'p', customer_id } });
    const first = on('cust_1');
    await h.clock.advance(100);
    expect(told(await on('cust_1'))).toBe('refused entity_quarantined');
    const other = on('cust_2');
    await h.clock.advance(100);
    expect(told(await other)).toBe('completed');
    await h.clock.advance(300_000);
    await first;
    expect(told(await on('cust_1'))).toBe('refused entity_quarantined');
  });
});
