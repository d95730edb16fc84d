import { PolicyDocument } from '@invoke/contract';
import { fullAccess } from '@invoke/core/domain';
import { answered, createManualClock, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, told, type Harness } from './harness.js';

const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;

async function onlyRecord({ store }: Pick<Harness, 'store'>) {
  const [record] = await store.executions.list({
    tenant: 'default',
    limit: 1,
    before: null,
    state: null,
    tool: null,
    agentId: null,
  });
  return record;
}

/** A gateway that stops doing anything, as after kill -9: nothing it holds is ever written. */
function mortal(store: Store): { store: Store; kill(): void } {
  let dead = false;
  const until = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown =>
          dead ? new Promise(() => undefined) : Reflect.apply(method, target, args);
      },
    });
  const parts = { executions: until(store.executions), incarnations: until(store.incarnations) };
  return { store: { ...store, ...parts }, kill: () => void (dead = true) };
}

describe('a gateway is gone', () => {
  test('killed between effect and record: another one finds the effect and completes, without a second one', async () => {
    const clock = createManualClock();
    const memory = createMemoryStore({ clock });
    const { store, kill } = mortal(memory);
    const h = await createHarness({ clock, wrapStore: () => store });
    const heir = await h.another({}, memory);
    h.invoker.script('charge', { ...DONE, afterMs: 100 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: true }) });
    void h.call({ tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'k' });
    await h.clock.advance(50);
    kill();
    await h.clock.advance(60_000);
    const record = await onlyRecord({ store: memory });
    expect([record?.state, record?.outcome?.final, record?.epoch]).toEqual([
      'completed',
      'outcome_reconciled',
      2,
    ]);
    expect([h.invoker.effects('charge'), heir.driving()]).toEqual([1, 0]);
  });

  test('the next gateway takes over when the lease is over, and not before', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: answered({}), afterMs: 10_000_000 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: true }) });
    const other = await h.another();
    void h.call({ tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'k', timeout_ms: 1 });
    await h.clock.advance(10);
    expect(other.driving()).toBe(0);
    const stopped = h.engine.stop(0);
    await h.clock.advance(60_000);
    await stopped;
    const record = await onlyRecord(h);
    expect([record?.state, record?.outcome?.final, record?.epoch]).toEqual([
      'completed',
      'outcome_reconciled',
      2,
    ]);
    expect(record?.journal.steps.map((s) => s.step)).toEqual(['taken_over']);
    expect(h.invoker.effects('charge')).toBe(1);
  });

  test('what it leaves behind is shared by those who are there', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: answered({}), afterMs: 10_000_000 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: false }) });
    const [one, other] = [await h.another(), await h.another()];
    for (let i = 0; i < 60; i += 1) {
      const params = { payment_id: `p${i}` };
      void h.call({ tool: 'charge', params, idempotency_key: `k${i}`, timeout_ms: 1 });
    }
    await h.clock.advance(10);
    const stopped = h.engine.stop(0);
    await h.clock.advance(10_000);
    await stopped;
    expect([one.driving(), other.driving()].sort()).toEqual([20, 40]);
  });

  test('a blind call of a lost gateway goes to people, and is not sent again', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: answered({}), afterMs: 10_000_000 });
    const other = await h.another();
    void h.call({ tool: 'blind', idempotency_key: 'k', timeout_ms: 1 });
    await h.clock.advance(10);
    const stopped = h.engine.stop(0);
    await h.clock.advance(60_000);
    await stopped;
    const record = await onlyRecord(h);
    expect([record?.state, h.invoker.calls.length, other.driving()]).toEqual(['needs_review', 1, 0]);
  });

  test('what it had under way holds its entity as soon as its lease is over, and not only once somebody takes it over', async () => {
    const h = await createHarness();
    h.invoker.script('charge', { effect: true, reply: answered({ id: 'x1' }), afterMs: 5_000 });
    const on = (key: string) => ({
      tool: 'charge',
      params: { payment_id: key, customer_id: 'cust_1' },
      idempotency_key: key,
      timeout_ms: 1,
    });
    const [one, beside] = [h.call(on('k1')), h.call(on('k2'))];
    await h.clock.advance(10);
    expect([told(await one), told(await beside)]).toEqual(['pending', 'pending']);
    const under = recordOf(await one);
    await h.store.incarnations.retire(under.owner ?? '');
    const held = await h.call(on('k3'));
    expect(held).toMatchObject({ refusal: { code: 'entity_quarantined', details: { held_by: under.id } } });
    expect((await h.store.executions.find('default', under.id))?.epoch).toBe(1);
  });

  test('the old gateway wakes up: it may not send, and its late writes find another epoch', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: answered({ id: 'late' }), afterMs: 900 });
    await h.another({ leaseMs: 200 });
    const call = h.call({ tool: 'blind', idempotency_key: 'k' });
    await h.clock.advance(10);
    const sent = h.invoker.calls[0];
    const before = await onlyRecord(h);
    await h.store.incarnations.retire(before?.owner ?? '');
    await h.clock.advance(60_000);
    expect(sent?.mayStillSend()).toBe(false);
    const after = await onlyRecord(h);
    expect(after?.epoch).toBeGreaterThan(1);
    expect(h.invoker.effects('blind')).toBe(1);
    await call;
  });
});

/** A store that says once, when it is told to, that the lease of whoever renews it is over. */
function forgetful(store: Store): { store: Store; forget(): void } {
  let forgets = false;
  const { incarnations } = store;
  const renew: typeof incarnations.renew = async (id, leaseMs) => {
    if (!forgets) return incarnations.renew(id, leaseMs);
    forgets = false;
    await incarnations.retire(id);
    return false;
  };
  const over = new Proxy(incarnations, {
    get: (target, name) => (name === 'renew' ? renew : (Reflect.get(target, name) as unknown)),
  });
  return { store: { ...store, incarnations: over }, forget: () => void (forgets = true) };
}

describe('a gateway that loses its lease while a call is under way, and takes the call over again', () => {
  const call = { tool: 'blind', idempotency_key: 'k', timeout_ms: 1 } as const;

  async function afterRebirth(answersAfterMs: number) {
    let forget: () => void = () => undefined;
    const h = await createHarness({
      wrapStore(store) {
        const f = forgetful(store);
        forget = f.forget;
        return f.store;
      },
    });
    h.invoker.script('blind', { ...DONE, afterMs: answersAfterMs });
    await h.clock.advance(4_500);
    forget();
    void h.call(call);
    // The lease is renewed every five seconds.
    await h.clock.advance(800);
    const reborn = await onlyRecord(h);
    await h.clock.advance(60_000);
    return { reborn, ended: await onlyRecord(h), calls: h.invoker.calls.length };
  }

  test('waits on for the answer that comes to it in time', async () => {
    const { reborn, ended, calls } = await afterRebirth(900);
    expect([reborn?.state, reborn?.epoch]).toEqual(['running', 2]);
    expect(ended).toMatchObject({ state: 'completed', resultText: '{"id":"x1"}' });
    expect([ended?.seq, calls]).toEqual([3, 1]);
  });

  test('listens on for one that comes later, when people have been asked', async () => {
    const { ended, calls } = await afterRebirth(5_000);
    expect(ended).toMatchObject({ state: 'completed', resultText: '{"id":"x1"}' });
    expect([ended?.journal.attempts.map((a) => a.reason), calls]).toEqual([['late_answered'], 1]);
  });
});

describe('the definition that a call was made with is gone when another gateway takes over', () => {
  const tool = (version: string) =>
    toDefinition(
      {
        name: 'kv',
        input_schema: {},
        timeout_ms: 1_000,
        idempotency: { header: 'Idempotency-Key' },
        retry: { max_attempts: 3, backoff_ms: 20_000, safe: false },
      },
      { version },
    );

  /** Another gateway on the same store, which knows the tool in its next version only, after the first one has stopped. */
  async function replace(h: Harness) {
    const stopped = h.engine.stop(0);
    await h.clock.advance(10);
    await stopped;
    const next = await createHarness({ tools: [tool('v2')], clock: h.clock, wrapStore: () => h.store });
    await h.clock.advance(60_000);
    return next;
  }

  async function begin() {
    const h = await createHarness({ tools: [tool('v1')] });
    const document = PolicyDocument.parse({
      budgets: [{ id: 'b', per: 'key', window: 'day', max_calls: 5 }],
    });
    await h.engine.savePolicy(fullAccess('key_1'), document);
    return h;
  }

  const spent = async ({ engine }: Harness) =>
    (await engine.usage(fullAccess('key_1'), { per: 'tool', since: null, until: null })).budgets.map(
      (b) => b.calls,
    );

  test('while a call in doubt waited to be made again by its key: people decide, and the budget stays charged', async () => {
    const h = await begin();
    h.invoker.script('kv', { effect: true, reply: LOST_CONNECTION });
    void h.call({ tool: 'kv', idempotency_key: 'k', timeout_ms: 1 });
    await h.clock.advance(500);
    expect((await onlyRecord(h))?.state).toBe('unknown');
    const next = await replace(h);
    expect(await onlyRecord(h)).toMatchObject({
      state: 'needs_review',
      outcome: { decision: 'review', code: 'tool_not_callable' },
    });
    expect(await spent(next)).toEqual([1]);
  });

  test('while a call that was never sent waited: it has failed, and gives back what it took', async () => {
    const h = await begin();
    h.invoker.script('kv', { reply: REFUSED_CONNECTION });
    void h.call({ tool: 'kv', idempotency_key: 'k', timeout_ms: 1 });
    await h.clock.advance(500);
    expect((await onlyRecord(h))?.state).toBe('retry_wait');
    const next = await replace(h);
    expect(await onlyRecord(h)).toMatchObject({ state: 'failed', outcome: { decision: 'retry_allowed' } });
    expect(await spent(next)).toEqual([0]);
  });

  test('of a fallback that writes: what it did is not judged by the card of a tool that reads', async () => {
    const h = await createHarness({ tools: [tool('v1')] });
    h.invoker.script('look', { reply: REFUSED_CONNECTION });
    h.invoker.script('kv', { effect: true, reply: answered({}), afterMs: 10_000_000 });
    void h.call({ tool: 'look', failure_policy: { retry: 0, fallback: 'kv' }, timeout_ms: 1 });
    await h.clock.advance(500);
    expect(h.invoker.effects('kv')).toBe(1);
    await replace(h);
    expect(await onlyRecord(h)).toMatchObject({
      state: 'needs_review',
      outcome: { message: 'the definition of kv that this call was made with is gone' },
    });
  });
});

describe('the store is out of reach', () => {
  const failing = (store: Store, fails: () => boolean): Store => ({
    ...store,
    executions: {
      ...store.executions,
      claim: (r) =>
        fails() ? Promise.reject(new StorageUnavailable('disk full')) : store.executions.claim(r),
      transition: (m) =>
        fails() ? Promise.reject(new StorageUnavailable('disk full')) : store.executions.transition(m),
    },
  });

  test('at the claim: refused, nothing sent, nothing left behind', async () => {
    let full = true;
    const h = await createHarness({ wrapStore: (s) => failing(s, () => full) });
    h.invoker.script('blind', DONE);
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'k' }))).toBe('refused storage_unavailable');
    expect(h.invoker.calls).toHaveLength(0);
    full = false;
    const again = h.call({ tool: 'blind', idempotency_key: 'k' });
    await h.clock.advance(10);
    expect(told(await again)).toBe('completed');
  });

  test('at the outcome: the caller is told that it is not settled, and the outcome is kept until it can be recorded', async () => {
    let full = false;
    const h = await createHarness({ wrapStore: (s) => failing(s, () => full) });
    h.invoker.script('blind', { ...DONE, afterMs: 50 });
    const call = h.call({ tool: 'blind', idempotency_key: 'k' });
    await h.clock.advance(10);
    full = true;
    await h.clock.advance(100);
    expect(told(await call)).toBe('pending');
    full = false;
    await h.clock.advance(10_000);
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'k' }))).toBe('completed replayed');
    expect(h.invoker.effects('blind')).toBe(1);
  });
});

/** A store that does not take a transition whenever `fails` says so. */
const failingMoves =
  (fails: () => boolean) =>
  (store: Store): Store => ({
    ...store,
    executions: {
      ...store.executions,
      transition: (move) =>
        fails() ? Promise.reject(new StorageUnavailable('out of reach')) : store.executions.transition(move),
    },
  });

test('shutting down waits for what is under way', async () => {
  const h = await createHarness();
  h.invoker.script('blind', { ...DONE, afterMs: 500 });
  const call = h.call({ tool: 'blind' });
  await h.clock.advance(10);
  const stopped = h.engine.stop(20_000);
  await h.clock.advance(1_000);
  await stopped;
  expect(recordOf(await call).state).toBe('completed');
});

test('an answer that is known is recorded while shutting down, though the store is out of reach for a moment', async () => {
  let fails = false;
  const h = await createHarness({
    wrapStore: failingMoves(() => {
      const failsNow = fails;
      fails = false;
      return failsNow;
    }),
  });
  h.invoker.script('blind', { ...DONE, afterMs: 500 });
  const call = h.call({ tool: 'blind' });
  await h.clock.advance(10);
  fails = true;
  const stopped = h.engine.stop(20_000);
  await h.clock.advance(20_000);
  await stopped;
  const { id } = recordOf(await call);
  expect((await h.store.executions.find('default', id))?.state).toBe('completed');
});

test('a store that stays out of reach does not hold up the end of the grace', async () => {
  let fails = false;
  const h = await createHarness({
    wrapStore: failingMoves(() => fails),
  });
  h.invoker.script('blind', { ...DONE, afterMs: 500 });
  void h.call({ tool: 'blind' });
  await h.clock.advance(10);
  fails = true;
  const stopped = h.engine.stop(2_000);
  await h.clock.advance(20_000);
  await stopped;
  expect(h.engine.driving()).toBe(0);
});

test('a store that is out of reach at the very end leaves the lease to run out, and does not break off the stop', async () => {
  const said: string[] = [];
  const clock = createManualClock();
  const memory = createMemoryStore({ clock });
  const retire = () => Promise.reject(new StorageUnavailable('out of reach'));
  const incarnations = new Proxy(memory.incarnations, {
    get: (port, name) => (name === 'retire' ? retire : (Reflect.get(port, name) as unknown)),
  });
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (event: string) => void said.push(event),
  };
  const h = await createHarness({ clock, log, wrapStore: () => ({ ...memory, incarnations }) });
  await h.engine.stop(0);
  expect(said).toContain('lease_not_ended');
});

test('stopped after an approval: the attempt is looked up by the next one, never sent twice', async () => {
  const h = await createHarness();
  const next = await h.another();
  h.invoker.script('charge', { ...DONE, afterMs: 10_000_000 });
  h.invoker.script('payments.lookup', { reply: answered({ charged: true }) });
  const rules = [{ when: 'tool == charge', effect: 'require_approval', priority: 0 }] as const;
  const request = {
    tool: 'charge',
    params: { payment_id: 'p1' },
    idempotency_key: 'k',
    policy: { rules: [...rules] },
  };
  const [frozen] = await Promise.all([h.call(request), h.clock.advance(10)]);
  const id = recordOf(frozen).outcome?.approvalId ?? '';
  const decided = h.engine.approve({ principal: fullAccess('approver'), id, request: {}, waitMs: 0 });
  await h.clock.advance(50);
  await decided;
  expect(h.invoker.effects('charge')).toBe(1);
  const stopped = h.engine.stop(0);
  await h.clock.advance(120_000);
  await stopped;
  const after = await next.execution(fullAccess('key_1'), recordOf(frozen).id);
  expect([after?.state, after?.outcome?.final, h.invoker.effects('charge')]).toEqual([
    'completed',
    'outcome_reconciled',
    1,
  ]);
});
