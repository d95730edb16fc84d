import type { CapabilityCardInput } from '@invoke/contract';
import { answered, createManualClock, LOST_CONNECTION } from '@invoke/testkit/fakes';
import { StorageUnavailable, type HistoryReport, type Store } from '@invoke/core/ports';
import { epochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { createChangingPast } from './changing-past.js';
import { createHarness, recordOf, toDefinition, told } from './harness.js';

/** A store whose past is what a test says: when it went back, as long before now as that was before 10,000,000. */
function withPast(past: { changedAt: number | null; quarantined: boolean }) {
  const clock = createManualClock();
  const began = clock.now();
  const wrapStore = (store: Store): Store => ({
    ...store,
    history: {
      mayForget: true,
      look: async (): Promise<HistoryReport> => ({
        mark: { line: 'a', position: 1 },
        now: epochMs(10_000_000 + clock.now() - began),
        changedAt: past.changedAt === null ? null : epochMs(past.changedAt),
        quarantined: past.quarantined,
      }),
      confirm: async () => void (past.quarantined = false),
      watch: () => undefined,
      resume: () => undefined,
    },
  });
  return { clock, wrapStore, config: { leaseMs: 1_000 } };
}

const MADE_BEFORE = { reply: answered({ charged: true }) } as const;
const NOT_MADE = { reply: answered({ charged: false }) } as const;
const DONE = { effect: true, reply: answered({ ok: true }) } as const;
const SLOW: CapabilityCardInput = {
  name: 'slow',
  input_schema: {},
  timeout_ms: 1_000,
  reconcile: {
    state_refetch: { tool: 'payments.lookup', params: {} },
    conditions: { charged: true },
    settle_ms: 8_000,
  },
};
const CHARGE = { tool: 'charge', params: { payment_id: 'p' }, idempotency_key: 'k' } as const;

describe('after the database went back', () => {
  test('a write that can be looked up is looked up first: found, so it is not made again', async () => {
    const h = await createHarness(withPast({ changedAt: 9_999_000, quarantined: false }));
    h.invoker.script('payments.lookup', MADE_BEFORE);
    const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(10_000)]);
    expect(told(answer)).toBe('outcome_reconciled');
    expect(recordOf(answer).journal.lookups).toMatchObject([{ verdict: 'applied', settled: false }]);
    expect(h.invoker.effects('charge')).toBe(0);
  });

  test('not found: it is made, once, and the look of before proves nothing about it', async () => {
    const past = withPast({ changedAt: 9_999_000, quarantined: false });
    const h = await createHarness({ ...past, tools: [toDefinition(SLOW)] });
    h.invoker.script('payments.lookup', NOT_MADE);
    h.invoker.script('slow', DONE);
    const [answer] = await Promise.all([h.call({ ...CHARGE, tool: 'slow' }), h.clock.advance(20_000)]);
    expect(told(answer)).toBe('completed');
    expect(h.invoker.effects('slow')).toBe(1);
    // Begun 3 s after the change; then waited until what was under way before it has settled: a timeout of 1 s and 8 s more.
    const [look] = recordOf(answer).journal.lookups;
    expect((look?.at ?? 0) - recordOf(answer).createdAt).toBeGreaterThanOrEqual(6_000);
  });

  test('when the horizon is over, nothing is looked up any more', async () => {
    const h = await createHarness(withPast({ changedAt: 9_000_000, quarantined: false }));
    h.invoker.script('charge', DONE);
    const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(10_000)]);
    expect(told(answer)).toBe('completed');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('in quarantine nothing that writes is begun, and what only reads is', async () => {
    const past = { changedAt: 9_999_000, quarantined: true };
    const h = await createHarness(withPast(past));
    h.invoker.script('look', DONE);
    expect(told(await h.call(CHARGE))).toBe('refused history_in_doubt');
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'b' }))).toBe('refused history_in_doubt');
    const [read] = await Promise.all([h.call({ tool: 'look' }), h.clock.advance(10)]);
    expect(told(read)).toBe('completed');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('a write waits until every gateway has put back what it remembers, and what only reads does not', async () => {
    const h = await createHarness(withPast({ changedAt: 9_999_000, quarantined: false }));
    h.invoker.script('look', DONE);
    h.invoker.script('blind', DONE);
    const calling = h.call({ tool: 'blind', idempotency_key: 'b' });
    const [read] = await Promise.all([h.call({ tool: 'look' }), h.clock.advance(1_900)]);
    expect(told(read)).toBe('completed');
    expect(h.invoker.calls.map(({ tool }) => tool.id)).toEqual(['look']);
    await h.clock.advance(200);
    expect(told(await calling)).toBe('completed');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('a write that waits is held when a write to the same entity is put back as unknown meanwhile', async () => {
    const quiet = await createHarness();
    quiet.invoker.script('charge', { effect: true, reply: LOST_CONNECTION });
    quiet.invoker.script('payments.lookup', { reply: answered({}) });
    const params = { payment_id: 'p', customer_id: 'cust_1' };
    const [lost] = await Promise.all([
      quiet.call({ ...CHARGE, params, idempotency_key: 'lost', timeout_ms: 1_000 }),
      quiet.clock.advance(1_500),
    ]);
    const h = await createHarness(withPast({ changedAt: 9_999_000, quarantined: false }));
    h.invoker.script('charge', DONE);
    const waiting = h.call({ ...CHARGE, params });
    await h.clock.advance(1_000);
    await h.store.executions.reinstate({ ...recordOf(lost), state: 'unknown' }, null);
    await h.clock.advance(10_000);
    expect(told(await waiting)).toBe('refused entity_quarantined');
    expect(h.invoker.effects('charge')).toBe(0);
  });

  test('who does not wait for that long is refused, and told when to ask again', async () => {
    const h = await createHarness(withPast({ changedAt: 9_999_000, quarantined: false }));
    const answer = await h.call({ tool: 'blind', idempotency_key: 'b', timeout_ms: 1_500 });
    expect(answer).toMatchObject({
      kind: 'refused',
      refusal: { code: 'history_in_doubt', details: { retry_after: 2 } },
    });
    expect(h.invoker.calls).toEqual([]);
  });

  test('waiting until it can be begun is part of what the caller waits', async () => {
    const h = await createHarness(withPast({ changedAt: 9_999_000, quarantined: false }));
    h.invoker.script('keyed', { effect: true, reply: answered({ ok: true }), afterMs: 900 });
    const began = h.clock.monotonic();
    const calling = h
      .call({ tool: 'keyed', idempotency_key: 'k', timeout_ms: 2_500 })
      .then((answer) => ({ answer, ms: h.clock.monotonic() - began }));
    await h.clock.advance(5_000);
    const { answer, ms } = await calling;
    expect(told(answer)).toBe('pending');
    expect(ms).toBe(2_500);
  });

  test('nothing is taken over before those who remember how it ended have had the time to put it back', async () => {
    const clock = createManualClock();
    const started = clock.now();
    const takenOverAt: number[] = [];
    const past = createChangingPast(clock);
    const wrapStore = (store: Store): Store => ({
      ...store,
      executions: {
        ...store.executions,
        takeOver: (owner, token, limit) => {
          takenOverAt.push(clock.now() - started);
          return store.executions.takeOver(owner, token, limit);
        },
      },
      history: past.history,
    });
    await createHarness({ clock, wrapStore, config: { leaseMs: 1_000 } });
    await clock.advance(2_000);
    expect(takenOverAt.length).toBeGreaterThan(1);
    past.goBack();
    takenOverAt.length = 0;
    await clock.advance(4_900);
    expect(takenOverAt).toEqual([]);
    await clock.advance(2_000);
    expect(takenOverAt.length).toBeGreaterThan(1);
  });

  test('a key that was claimed again holds nothing up: keys are recalled only when calls go on', async () => {
    const clock = createManualClock();
    const past = createChangingPast(clock);
    let keyless = 0;
    const wrapStore = (store: Store): Store => ({
      ...store,
      executions: {
        ...store.executions,
        find: (tenant, id) =>
          past.wentBackAt() === null ? store.executions.find(tenant, id) : Promise.resolve(null),
        // As the lane of calls does while the past is looked at.
        recall: (key) =>
          past.wentBackAt() === null
            ? store.executions.recall(key)
            : Promise.reject(new StorageUnavailable('halted')),
        reinstate: (record) => {
          if (record.keyDigest !== null) return Promise.resolve({ kind: 'key_taken' });
          keyless += 1;
          return Promise.resolve({ kind: 'reinstated' });
        },
      },
      history: past.history,
    });
    const h = await createHarness({ clock, wrapStore, config: { leaseMs: 1_000 } });
    h.invoker.script('keyed', DONE);
    const [answer] = await Promise.all([h.call({ tool: 'keyed', idempotency_key: 'k' }), clock.advance(100)]);
    expect(told(answer)).toBe('completed');
    past.goBack();
    const before = past.resumed();
    await clock.advance(2_000);
    expect(keyless).toBe(1);
    expect(past.resumed()).toBeGreaterThan(before);
  });
});
