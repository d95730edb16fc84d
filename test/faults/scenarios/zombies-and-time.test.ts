import { fullAccess, type EpochMs, type ExecutionRecord } from '@invoke/core/domain';
import { answered, createManualClock, LOST_CONNECTION } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import { describe, expect, test } from 'vitest';
import { createHarness, told, type Harness } from '../../engine/harness.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NEWEST = { limit: 1, before: null, state: null, tool: null, agentId: null } as const;

const charges = (h: Harness) => h.invoker.calls.filter((c) => c.tool.id === 'charge').length;
const CHARGE = { tool: 'charge', params: { payment_id: 'p1' }, idempotency_key: 'k' } as const;

/** Gateways and tools on one clock, and a database whose own clock can be set. */
async function openWithDatabaseClock() {
  const clock = createManualClock();
  let ahead = 0;
  const store = createMemoryStore({ clock: { now: () => (clock.now() + ahead) as EpochMs } });
  const h = await createHarness({ clock, wrapStore: () => store, config: { leaseMs: 3_000 } });
  return { h, stepDatabase: (ms: number) => void (ahead += ms) };
}

async function newest(h: Harness): Promise<ExecutionRecord | undefined> {
  return (await h.engine.executions(fullAccess('key_1'), NEWEST)).records[0];
}

describe('22: clocks that step', () => {
  test.each([HOUR, -HOUR])(
    "the app's clock by %i ms while absence is waited for: not believed earlier, nor never",
    async (ms) => {
      const h = await createHarness();
      h.invoker.script('charge', { reply: LOST_CONNECTION }, { effect: true, reply: answered({ id: 'x' }) });
      h.invoker.script('payments.lookup', { reply: answered({ charged: false }) });
      const call = h.call(CHARGE);
      await h.clock.advance(100);
      h.clock.step(ms);
      // Timeout and settle time are 3 s together, by whatever clock.
      await h.clock.advance(2_850);
      expect(charges(h)).toBe(1);
      await h.clock.advance(60_000);
      expect(told(await call)).toBe('completed');
      expect(charges(h)).toBe(2);
      expect(h.invoker.effects('charge')).toBe(1);
    },
  );

  test("the app's clock by an hour while a call is connecting: it is neither given up nor sent too late", async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: answered({}), connectMs: 500 });
    const call = h.call({ tool: 'blind' });
    await h.clock.advance(100);
    h.clock.step(HOUR);
    await h.clock.advance(600);
    expect(told(await call)).toBe('completed');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test.each([MINUTE, -MINUTE])(
    "the database's clock by %i ms under a live gateway with a call under way: one effect, and the call ends",
    async (ms) => {
      const { h, stepDatabase } = await openWithDatabaseClock();
      h.invoker.script('charge', { effect: true, reply: answered({ id: 'x' }), afterMs: 900 });
      h.invoker.script('payments.lookup', { reply: answered({ charged: true }) });
      const other = await h.another({ leaseMs: 3_000 });
      void h.call(CHARGE);
      await h.clock.advance(200);
      stepDatabase(ms);
      await h.clock.advance(30_000);
      const record = await newest(h);
      expect(record?.state).toBe('completed');
      expect(h.invoker.effects('charge')).toBe(1);
      expect(charges(h)).toBe(1);
      expect([h.engine.driving(), other.driving()]).toEqual([0, 0]);
      // And a clock that was set leaves gateways that work.
      expect(told(await settled(h, h.call({ ...CHARGE, idempotency_key: 'k2' })))).toBe('completed');
    },
  );

  test('a lease that seems over by a minute too early: the heir waits for timeout and settle time before it believes in absence', async () => {
    const { h, stepDatabase } = await openWithDatabaseClock();
    // Sent, and done at the last moment that the card allows; the answer is lost.
    h.invoker.script(
      'charge',
      { reply: LOST_CONNECTION, afterMs: 900 },
      { effect: true, reply: answered({}) },
    );
    h.invoker.script('payments.lookup', { reply: answered({ charged: false }) });
    await h.another({ leaseMs: 3_000 });
    void h.call(CHARGE);
    await h.clock.advance(200);
    stepDatabase(MINUTE);
    const before = h.clock.monotonic();
    while (charges(h) === 1) await h.clock.advance(100);
    expect(h.clock.monotonic() - before).toBeGreaterThanOrEqual(2_700);
    await h.clock.advance(30_000);
    expect((await newest(h))?.state).toBe('completed');
    expect(h.invoker.effects('charge')).toBe(1);
  });

  test('a new primary whose clock is a minute behind: a lease of a dead gateway ends, only later', async () => {
    const { h, stepDatabase } = await openWithDatabaseClock();
    h.invoker.script('charge', { effect: true, reply: answered({}), afterMs: 10_000_000 });
    h.invoker.script('payments.lookup', { reply: answered({ charged: true }) });
    void h.call(CHARGE);
    await h.clock.advance(100);
    // Gone without a word: its lease is left to run out.
    const owner = (await newest(h))?.owner ?? '';
    stepDatabase(-MINUTE);
    const stopped = h.engine.stop(0);
    await h.clock.advance(10);
    await stopped;
    await h.store.incarnations.enlist({ id: owner, host: 'x', pid: 1, version: '0' }, 3_000 as never);
    stepDatabase(-MINUTE);
    const heir = await h.another({ leaseMs: 3_000 });
    await h.clock.advance(30_000);
    expect((await newest(h))?.state).toBe('running');
    await h.clock.advance(60_000);
    expect((await newest(h))?.state).toBe('completed');
    expect([h.invoker.effects('charge'), heir.driving()]).toEqual([1, 0]);
  });
});

async function settled(h: Harness, call: ReturnType<Harness['call']>) {
  await h.clock.advance(10_000);
  return call;
}
