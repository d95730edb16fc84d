import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { answered, createManualClock, LOST_CONNECTION, type ManualClock } from '@invoke/testkit/fakes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHarness, PROVIDER, recordOf, toDefinition, told, type Harness } from './harness.js';

const DONE = answered({ id: 'x1' });

/** Starts a call, lets `ms` pass, and hands back its answer. */
async function after(h: Harness, ms: number, call: ReturnType<Harness['call']>) {
  await h.clock.advance(ms);
  return call;
}

const SETTLEMENT = { reference: '/ref', applied: { ok: true }, not_applied: { ok: false } };
const TIMES = { timeout_ms: 1_000, settlement: SETTLEMENT } as const;
const TOOLS = [
  toDefinition({ name: 'pay', input_schema: {}, ...TIMES }),
  toDefinition({
    name: 'pay.keyed',
    input_schema: {},
    idempotency: { header: 'Idempotency-Key' },
    retry: { max_attempts: 3, backoff_ms: 100 },
    ...TIMES,
  }),
];

let events = 0;

function tell(h: Harness, ref: string, ok: boolean | null, id?: string) {
  events += 1;
  return h.engine.settleEvent({ provider: PROVIDER, id: id ?? `evt_${events}`, payload: { ref, ok } });
}

const find = async (h: Harness, id: string) => {
  const record = await h.store.executions.find('default', id);
  if (record === null) throw new Error(`${id} is gone`);
  return record;
};

const keyOf = (h: Harness, n = 0) => h.invoker.calls[n]?.downstreamKey ?? '';
const idOf = (h: Harness) => h.invoker.calls[0]?.executionId ?? '';

describe('an event that comes while the call is under way', () => {
  test('is kept, and is the outcome when the answer is lost: nothing is sent again', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('pay.keyed', { effect: true, reply: DONE, afterMs: 90_000 });
    const calling = h.call({ tool: 'pay.keyed' });
    await h.clock.advance(100);
    expect((await tell(h, keyOf(h), true)).status).toBe('kept');
    const answer = await after(h, 5_000, calling);
    expect(recordOf(answer)).toMatchObject({
      state: 'completed',
      outcome: { final: 'outcome_reconciled', decision: 'do_not_retry' },
    });
    expect(h.invoker.calls).toHaveLength(1);
    expect(recordOf(answer).journal.steps.map((s) => s.step)).toEqual(['settled_by_event']);
  });

  test('and says "not applied" lets the failure policy go on as after proof of absence', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('pay.keyed', { reply: LOST_CONNECTION, afterMs: 500 }, { effect: true, reply: DONE });
    const calling = h.call({ tool: 'pay.keyed' });
    await h.clock.advance(100);
    expect((await tell(h, keyOf(h), false)).status).toBe('kept');
    const answer = await after(h, 5_000, calling);
    expect(recordOf(answer).state).toBe('completed');
    expect(recordOf(answer).journal.attempts.map((a) => a.state)).toEqual(['confirmed_absent', 'ok']);
  });

  test('and is contradicted by the answer is told of when the call has ended', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('pay', { effect: true, reply: DONE, afterMs: 500 });
    const calling = h.call({ tool: 'pay' });
    await h.clock.advance(100);
    await tell(h, keyOf(h), false);
    const answer = await after(h, 1_000, calling);
    const record = recordOf(answer);
    expect(record).toMatchObject({ state: 'completed', outcome: { final: 'completed' } });
    expect(await h.engine.settlementsOf(record)).toMatchObject([
      { verdict: 'not_applied', contradiction: true },
    ]);
  });

  test('and is contradicted by the answer is told of, also when the gateway stops as soon as it has recorded that answer', async () => {
    let stopped = false;
    const sent: string[] = [];
    const h = await createHarness({
      tools: TOOLS,
      sender: {
        channels: new Set(['events']),
        send: ({ topic }) => {
          sent.push(topic);
          return Promise.resolve({ kind: 'delivered' });
        },
        close: () => Promise.resolve(),
      },
      wrapStore: (store) => ({ ...store, settlements: deadWhile(() => stopped, store.settlements) }),
    });
    h.invoker.script('pay', { effect: true, reply: DONE, afterMs: 500 });
    const calling = h.call({ tool: 'pay' });
    await h.clock.advance(100);
    await tell(h, keyOf(h), false);
    stopped = true;
    expect(told(await after(h, 1_000, calling))).toBe('completed');
    stopped = false;
    expect(sent).toEqual([]);
    await h.another();
    await h.clock.advance(60_000);
    expect(sent).toEqual(['execution.contradicted']);
  });

  test('and cannot be judged keeps nobody from judging those that came after it', async () => {
    let stopped = false;
    let unreadable = '';
    const h = await createHarness({
      tools: TOOLS,
      wrapStore: (store) => ({
        ...store,
        settlements: deadWhile(() => stopped, store.settlements),
        executions: {
          ...store.executions,
          find: (tenant, id) =>
            id === unreadable
              ? Promise.reject(new Error('written by a newer version'))
              : store.executions.find(tenant, id),
        },
      }),
    });
    h.invoker.script('pay', ...[1, 2].map(() => ({ effect: true, reply: DONE, afterMs: 500 })));
    const calling = [h.call({ tool: 'pay' }), h.call({ tool: 'pay' })];
    await h.clock.advance(100);
    for (const n of [0, 1]) await tell(h, keyOf(h, n), false);
    stopped = true;
    await h.clock.advance(1_000);
    await Promise.all(calling);
    stopped = false;
    unreadable = idOf(h);
    await h.another();
    await h.clock.advance(60_000);
    const [first = '', second = ''] = h.invoker.calls.map((call) => call.executionId);
    const isOpen = async (id: string) => (await h.store.settlements.ofExecution('default', id))[0]?.open;
    expect([await isOpen(first), await isOpen(second)]).toEqual([true, false]);
  });

  test('settles what was handed to people between its reading and its writing', async () => {
    let written = (): void => undefined;
    const h = await createHarness({
      tools: TOOLS,
      wrapStore: (store) => ({ ...store, settlements: delayed(store, new Promise((r) => (written = r))) }),
    });
    h.invoker.script('pay', { effect: true, reply: LOST_CONNECTION, afterMs: 500 });
    const calling = h.call({ tool: 'pay' });
    await h.clock.advance(100);
    const telling = tell(h, keyOf(h), true);
    await after(h, 1_000, calling);
    expect((await find(h, idOf(h))).state).toBe('needs_review');
    written();
    await telling;
    expect((await find(h, idOf(h))).state).toBe('completed');
  });
});

describe('an event that settles a call whose next step is waited for', () => {
  const patient = toDefinition({
    name: 'pay.patient',
    input_schema: {},
    idempotency: { header: 'Idempotency-Key' },
    retry: { max_attempts: 3, backoff_ms: 20_000 },
    ...TIMES,
  });
  const lookedUp = toDefinition({
    name: 'pay.looked_up',
    input_schema: {},
    reconcile: {
      state_refetch: { tool: 'payments.lookup', params: {} },
      conditions: { charged: true },
      settle_ms: 20_000,
    },
    ...TIMES,
  });

  test.each([
    { what: 'a retry', tool: patient },
    { what: 'a lookup', tool: lookedUp },
  ])('$what: the caller hears of it at once, whichever gateway took it', async ({ tool }) => {
    const h = await createHarness({ tools: [tool] });
    h.invoker.script(tool.id, { reply: LOST_CONNECTION });
    h.invoker.script('payments.lookup', { reply: answered({ charged: false }) });
    const other = await h.another();
    let heard: string | null = null;
    const calling = h.call({ tool: tool.id, timeout_ms: 60_000 }).then((answer) => (heard = told(answer)));
    await h.clock.advance(3_000);
    expect(heard).toBeNull();
    const event = { provider: PROVIDER, id: 'evt_of_another', payload: { ref: keyOf(h), ok: true } };
    expect((await other.settleEvent(event)).status).toBe('settled');
    await h.clock.advance(1_000);
    expect(heard).toBe('outcome_reconciled');
    await calling;
    await h.clock.advance(60_000);
    expect(h.invoker.calls.filter((c) => c.tool.id === tool.id)).toHaveLength(1);
  });
});

describe('an event that is kept after the driver has read what was told', () => {
  const lookedUp = toDefinition({
    name: 'pay.looked_up',
    input_schema: {},
    retry: { max_attempts: 3, backoff_ms: 100, safe: false },
    reconcile: {
      state_refetch: { tool: 'payments.lookup', params: {} },
      conditions: { charged: true },
      settle_ms: 1_000,
      max_reads: 5,
    },
    ...TIMES,
  });

  /** The write by which the driver begins to look up takes its time, so that the row still says `running` meanwhile. */
  const slowToLookUp = (store: Store, clock: ManualClock): Store => ({
    ...store,
    executions: {
      ...store.executions,
      async transition(move) {
        if (move.from.state === 'running' && move.state === 'reconciling') await sleep(clock, 100);
        return store.executions.transition(move);
      },
    },
  });

  async function begin(failure_policy: { retry: number; fallback?: string }) {
    const clock = createManualClock();
    const wrapStore = (store: Store) => slowToLookUp(store, clock);
    const h = await createHarness({ clock, tools: [lookedUp], wrapStore });
    h.invoker.script('pay.looked_up', { effect: true, reply: LOST_CONNECTION, afterMs: 500 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: false }) });
    h.invoker.script('fallback', { effect: true, reply: DONE });
    const calling = h.call({ tool: 'pay.looked_up', failure_policy });
    await clock.advance(550);
    expect((await tell(h, keyOf(h), true)).status).toBe('kept');
    return { h, answer: await after(h, 60_000, calling) };
  }

  test.each([
    { failure_policy: { retry: 1 }, why: 'is read before the call is made again' },
    { failure_policy: { retry: 0, fallback: 'fallback' }, why: 'is read before a fallback is called' },
    { failure_policy: { retry: 0 }, why: 'is read before a failure is recorded' },
  ])('$why', async ({ failure_policy }) => {
    const { h, answer } = await begin(failure_policy);
    expect(told(answer)).toBe('outcome_reconciled');
    expect(h.invoker.effects('pay.looked_up') + h.invoker.effects('fallback')).toBe(1);
  });
});

test('events that cannot be read for a moment end nothing: the tool is still listened to', async () => {
  let fails = false;
  const h = await createHarness({
    tools: TOOLS,
    wrapStore: (store) => ({
      ...store,
      settlements: {
        ...store.settlements,
        ofExecution(...args) {
          if (!fails) return store.settlements.ofExecution(...args);
          fails = false;
          return Promise.reject(new StorageUnavailable('out of reach'));
        },
      },
    }),
  });
  h.invoker.script('pay', { effect: true, reply: DONE, afterMs: 30_000 });
  const calling = h.call({ tool: 'pay', idempotency_key: 'k' });
  await h.clock.advance(500);
  fails = true;
  expect(recordOf(await after(h, 5_000, calling)).state).toBe('needs_review');
  await h.clock.advance(60_000);
  expect((await find(h, idOf(h))).state).toBe('completed');
});

const sleep = (clock: ManualClock, ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve));

test('what a kept event settles is told of with the same commit: no gateway that stops in between keeps it for itself', async () => {
  let hidden = true;
  const h = await createHarness({
    tools: TOOLS,
    sender: {
      channels: new Set(['events']),
      send: () => new Promise(() => undefined),
      close: async () => {},
    },
    wrapStore: (store) => ({
      ...store,
      settlements: {
        ...store.settlements,
        ofExecution: async (tenant, id) => (hidden ? [] : store.settlements.ofExecution(tenant, id)),
      },
      // Whoever would write the message on its own has stopped by then.
      outbox: { ...store.outbox, add: () => Promise.reject(new StorageUnavailable('stopped')) },
    }),
  });
  h.invoker.script('pay', { effect: true, reply: LOST_CONNECTION, afterMs: 500 });
  const calling = h.call({ tool: 'pay' });
  await h.clock.advance(100);
  await tell(h, keyOf(h), true, 'evt');
  await after(h, 1_000, calling);
  expect((await find(h, idOf(h))).state).toBe('needs_review');
  hidden = false;
  expect((await tell(h, keyOf(h), true, 'evt')).status).toBe('duplicate');
  expect((await find(h, idOf(h))).state).toBe('completed');
  expect(await topicsLeft(h)).toEqual(['review.requested', 'execution.settled']);
});

/** What is told of and has not been delivered. */
async function topicsLeft(h: Harness) {
  await h.clock.advance(60_000);
  return (await h.store.outbox.take(9, 1)).map((taken) => taken.message.topic);
}

/** Settlements that are written only after `until`. */
/** What is asked while `isDead` is never answered, as nobody hears an answer who is dead. */
function deadWhile<Port extends object>(isDead: () => boolean, port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => (isDead() ? new Promise(() => undefined) : method(...args));
    },
  });
}

function delayed({ settlements }: Store, until: Promise<void>): Store['settlements'] {
  return {
    ...settlements,
    async record(...args) {
      await until;
      return settlements.record(...args);
    },
  };
}

test('an execution that moves while the event is judged is judged again', async () => {
  let moves = 0;
  const h = await createHarness({
    tools: TOOLS,
    wrapStore: (store) => ({
      ...store,
      approvals: {
        ...store.approvals,
        async decide(move) {
          moves += 1;
          return moves <= 2 ? { kind: 'lost' } : store.approvals.decide(move);
        },
      },
    }),
  });
  h.invoker.script('pay', { effect: true, reply: LOST_CONNECTION });
  await after(h, 2_000, h.call({ tool: 'pay' }));
  expect((await tell(h, idOf(h), true)).status).toBe('settled');
  expect(moves).toBe(3);
  expect((await find(h, idOf(h))).state).toBe('completed');
});

test('"not applied" about one of two attempts proves nothing about the other', async () => {
  const h = await createHarness({ tools: TOOLS });
  h.invoker.script(
    'pay.keyed',
    { reply: LOST_CONNECTION },
    { reply: LOST_CONNECTION },
    { reply: LOST_CONNECTION },
  );
  await after(h, 60_000, h.call({ tool: 'pay.keyed' }));
  const before = await find(h, idOf(h));
  expect(before.state).toBe('needs_review');
  expect((await tell(h, keyOf(h), false)).status).toBe('ignored');
  expect(await find(h, idOf(h))).toEqual(before);
  expect((await tell(h, keyOf(h), true)).status).toBe('settled');
});

test('no sequence of events, repeats included, changes what is recorded once it is settled', async () => {
  const event = fc.record({
    ok: fc.constantFrom(true, false, null),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(DONE, LOST_CONNECTION),
      fc.array(event, { minLength: 1, maxLength: 8 }),
      async (reply, sequence) => {
        const h = await createHarness({ tools: TOOLS });
        h.invoker.script('pay', { effect: true, reply });
        await after(h, 2_000, h.call({ tool: 'pay' }));
        const id = idOf(h);
        const seen = new Set<string>();
        for (const { ok, id: eventId } of sequence) {
          const before = await find(h, id);
          const { status } = await tell(h, id, ok, eventId);
          const now = await find(h, id);
          if (before.state !== 'needs_review') expect(now).toEqual(before);
          expect(status === 'duplicate').toBe(seen.has(eventId));
          seen.add(eventId);
        }
        expect(await h.store.settlements.ofExecution('default', id)).toHaveLength(seen.size);
        expect(h.invoker.calls).toHaveLength(1);
      },
    ),
    { numRuns: 40 },
  );
});
