import { PolicyDocument, type Budget, type CapabilityCardInput } from '@invoke/contract';
import { epochMs, fullAccess } from '@invoke/core/domain';
import { StorageUnavailable } from '@invoke/core/ports';
import { answered, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, PROVIDER, recordOf, toDefinition, told, type Harness } from './harness.js';

/** One attempt, and nothing to look up: what is lost stays unknown. */
const PAY: CapabilityCardInput = {
  name: 'pay',
  input_schema: { type: 'object', properties: { amount: {} } },
  amount_field: '/amount',
  answers: { no_effect_statuses: [402] },
  timeout_ms: 1_000,
};
const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;
const DAILY: Budget = { id: 'daily', per: 'key', window: 'day', max_calls: 3, max_amount: 100 };
const ME = fullAccess('key_1');

async function openWith(...budgets: readonly Budget[]): Promise<Harness> {
  const h = await createHarness({ tools: [toDefinition(PAY)] });
  h.invoker.script('pay', DONE);
  await h.engine.savePolicy(ME, PolicyDocument.parse({ budgets }));
  return h;
}

async function pay(h: Harness, amount: unknown, more: object = {}): Promise<string> {
  const call = h.call({ tool: 'pay', params: { amount }, ...more });
  await h.clock.advance(2_000);
  return told(await call);
}

async function used(h: Harness): Promise<unknown> {
  const { budgets } = await h.engine.usage(ME, { per: 'tool', since: null, until: null });
  return budgets.map(({ calls, amount }) => ({ calls, amount }));
}

const SETTLEMENT = { reference: '/ref', applied: { ok: true }, not_applied: { ok: false } };

test('what an event ends without effect is given back, even where the event itself could not be kept', async () => {
  let failing = false;
  const h = await createHarness({
    tools: [toDefinition({ ...PAY, settlement: SETTLEMENT })],
    wrapStore: (store) => ({
      ...store,
      settlements: {
        ...store.settlements,
        record: (...args) =>
          failing ? Promise.reject(new StorageUnavailable('away')) : store.settlements.record(...args),
      },
    }),
  });
  await h.engine.savePolicy(ME, PolicyDocument.parse({ budgets: [DAILY] }));
  h.invoker.script('pay', { reply: LOST_CONNECTION });
  await pay(h, 60);
  expect(await used(h)).toEqual([{ calls: 1, amount: 60 }]);
  const payload = { ref: h.invoker.calls[0]?.downstreamKey ?? '', ok: false };
  failing = true;
  await expect(h.engine.settleEvent({ provider: PROVIDER, id: 'evt', payload })).rejects.toThrow('away');
  failing = false;
  expect((await h.engine.settleEvent({ provider: PROVIDER, id: 'evt', payload })).status).toBe('confirmed');
  expect(await used(h)).toEqual([{ calls: 0, amount: 0 }]);
});

test('a call whose own claim comes back as taken, because its gateway was replaced meanwhile, is paid for', async () => {
  let replaced = false;
  const h = await createHarness({
    tools: [toDefinition(PAY)],
    wrapStore: (store) => ({
      ...store,
      executions: {
        ...store.executions,
        async claim(record) {
          const claimed = await store.executions.claim(record);
          if (!replaced) return claimed;
          const mine = await store.executions.find(record.tenant, record.id);
          return mine === null ? claimed : { kind: 'execution', record: { ...mine, epoch: 2, seq: 2 } };
        },
      },
    }),
  });
  await h.engine.savePolicy(ME, PolicyDocument.parse({ budgets: [DAILY] }));
  h.invoker.script('pay', DONE);
  replaced = true;
  await pay(h, 60, { idempotency_key: 'k' });
  expect(await used(h)).toEqual([{ calls: 1, amount: 60 }]);
});

describe('what a call costs', () => {
  test('a call is let through as long as there is enough left, of calls and of money', async () => {
    const h = await openWith(DAILY);
    expect(await pay(h, 60)).toBe('completed');
    expect(await pay(h, 60)).toBe('refused budget_exceeded');
    expect(await pay(h, 30)).toBe('completed');
    expect(await pay(h, 1)).toBe('completed');
    expect(await pay(h, 1)).toBe('refused budget_exceeded');
    expect(h.invoker.effects('pay')).toBe(3);
    expect(await used(h)).toEqual([{ calls: 3, amount: 91 }]);
  });

  test('a refusal says of which budget, how much of it is used and when it is full again', async () => {
    const h = await openWith({ id: 'hourly', per: 'tool', window: 'hour', max_calls: 1 });
    await pay(h, 1);
    const answer = await h.call({ tool: 'pay', params: { amount: 1 } });
    if (answer.kind !== 'refused') throw new Error('expected a refusal');
    expect(answer.refusal.details).toMatchObject({
      budget: 'tenant:hourly',
      subject: 'pay',
      spent: { calls: 1, amount: 1 },
      max: { calls: 1, amount: null },
    });
    const resetsAt = Number(answer.refusal.details?.['resets_at']);
    expect(resetsAt % 3_600_000).toBe(0);
    expect(resetsAt).toBeGreaterThan(h.clock.now());
    await h.clock.advance(epochMs(resetsAt) - h.clock.now());
    expect(await pay(h, 1)).toBe('completed');
  });

  test('of calls at the same time, no more than there is money for', async () => {
    const h = await openWith(DAILY);
    const calls = Array.from({ length: 20 }, () => h.call({ tool: 'pay', params: { amount: 1 } }));
    await h.clock.advance(2_000);
    const answers = (await Promise.all(calls)).map(told);
    expect(answers.filter((a) => a === 'completed')).toHaveLength(3);
    expect(answers.filter((a) => a === 'refused budget_exceeded')).toHaveLength(17);
    expect(h.invoker.effects('pay')).toBe(3);
  });

  test.each([[undefined], ['60'], [-1], [null], [[1]]])(
    'an amount of %j is never counted as nothing: refused',
    async (amount) => {
      const h = await openWith({ id: 'daily', per: 'key', window: 'day', max_amount: 100 });
      expect(await pay(h, amount)).toBe('refused budget_exceeded');
      expect(h.invoker.calls).toEqual([]);
    },
  );

  test('only calls that the condition of the budget is about, and those of which that cannot be told', async () => {
    const h = await openWith({
      id: 'some',
      per: 'key',
      window: 'day',
      max_calls: 1,
      when: 'params.amount > 50',
    });
    expect(await pay(h, 1)).toBe('completed');
    expect(await pay(h, 2)).toBe('completed');
    expect(await pay(h, 60)).toBe('completed');
    expect(await pay(h, 61)).toBe('refused budget_exceeded');
    expect(await pay(h, 'much')).toBe('refused budget_exceeded');
    expect(await pay(h, 3)).toBe('completed');
  });
});

describe('what costs nothing', () => {
  test('a repeat of a call, also when the budget is used up', async () => {
    const h = await openWith({ id: 'one', per: 'key', window: 'day', max_calls: 1 });
    expect(await pay(h, 1, { idempotency_key: 'k' })).toBe('completed');
    expect(await pay(h, 1, { idempotency_key: 'k' })).toBe('completed replayed');
    expect(await used(h)).toEqual([{ calls: 1, amount: 1 }]);
  });

  test('equal calls at the same time cost once', async () => {
    const h = await openWith(DAILY);
    const call = { tool: 'pay', params: { amount: 10 }, idempotency_key: 'k' };
    const calls = [1, 2, 3].map(() => h.call(call, { attachMs: 5_000 }));
    await h.clock.advance(2_000);
    expect((await Promise.all(calls)).map(told)).toContain('completed');
    expect(await used(h)).toEqual([{ calls: 1, amount: 10 }]);
  });

  test('nor does the last of the budget make an equal call at the same time look like another one', async () => {
    const h = await openWith({ id: 'one', per: 'key', window: 'day', max_calls: 1 });
    const call = { tool: 'pay', params: { amount: 10 }, idempotency_key: 'k' };
    const calls = [5_000, 5_000, 0].map((attachMs) => h.call(call, { attachMs }));
    await h.clock.advance(2_000);
    const answers = (await Promise.all(calls)).map(told);
    expect(answers[0]).toBe('completed');
    expect(answers[1]).toMatch(/^completed/);
    expect(answers[2]).toBe('refused idempotency_in_progress');
    expect(await used(h)).toEqual([{ calls: 1, amount: 10 }]);
  });

  test('a call that was refused', async () => {
    const h = await openWith(DAILY);
    expect(await pay(h, 1, { failure_policy: { retry: 1_000 } })).toBe('refused policy_invalid');
    expect(await used(h)).toEqual([]);
  });

  test.each([
    ['never reached the tool', { reply: REFUSED_CONNECTION }],
    ['was declined by the tool', { reply: answered({ no: true }, { status: 402 }) }],
  ])('a call that %s: what was reserved is given back', async (_, script) => {
    const h = await openWith(DAILY);
    h.invoker.script('pay', script);
    expect(await pay(h, 90)).toMatch(/^failed/);
    expect(await used(h)).toEqual([{ calls: 0, amount: 0 }]);
    h.invoker.script('pay', DONE);
    expect(await pay(h, 100)).toBe('completed');
  });
});

describe('what stays spent', () => {
  test('an outcome that nobody knows, until somebody finds out that nothing happened', async () => {
    const h = await openWith(DAILY);
    h.invoker.script('pay', { reply: LOST_CONNECTION });
    const call = h.call({ tool: 'pay', params: { amount: 90 } });
    await h.clock.advance(2_000);
    const { id } = recordOf(await call);
    expect(await used(h)).toEqual([{ calls: 1, amount: 90 }]);
    const {
      records: [review],
    } = await h.engine.approvals(ME, { limit: 10, before: null, state: null, agentId: null });
    expect(review).toMatchObject({ kind: 'review', executionId: id });
    const request = { resolution: 'not_applied' } as const;
    await h.engine.resolve({ principal: fullAccess('key_2'), id: review?.id ?? '', request, waitMs: 0 });
    expect(await used(h)).toEqual([{ calls: 0, amount: 0 }]);
  });

  test('what waits for a human, until it is rejected', async () => {
    const h = await openWith(DAILY);
    const policy = { rules: [{ when: 'params.amount > 0', effect: 'require_approval' as const }] };
    expect(await pay(h, 90, { policy })).toBe('pending_approval');
    expect(await used(h)).toEqual([{ calls: 1, amount: 90 }]);
    expect(await pay(h, 20)).toBe('refused budget_exceeded');
    const {
      records: [waiting],
    } = await h.engine.approvals(ME, { limit: 10, before: null, state: null, agentId: null });
    const decision = { principal: fullAccess('key_2'), id: waiting?.id ?? '', request: {}, waitMs: 0 };
    await h.engine.reject(decision);
    expect(await used(h)).toEqual([{ calls: 0, amount: 0 }]);
    expect(await pay(h, 20)).toBe('completed');
  });
});
