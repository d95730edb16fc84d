import { epochMs, type ProviderRecord } from '@invoke/core/domain';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { answered, LOST_CONNECTION } from '@invoke/testkit/fakes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, type Harness } from './harness.js';

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

const PROVIDER: ProviderRecord = {
  id: 'test',
  tenant: 'default',
  slug: 'test',
  name: 'Test',
  ownerEmail: null,
  webhookSecret: null,
  createdAt: epochMs(0),
  updatedAt: epochMs(0),
};

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
