import { answered, createManualClock } from '@invoke/testkit/fakes';
import { StorageUnavailable, type HistoryReport, type Store } from '@invoke/core/ports';
import { epochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told } from './harness.js';

/** A store whose past is what a test says. */
function withPast(past: { changedAt: number | null; quarantined: boolean }): (store: Store) => Store {
  return (store) => ({
    ...store,
    history: {
      look: async (): Promise<HistoryReport> => ({
        mark: { line: 'a', position: 1 },
        now: epochMs(10_000_000),
        changedAt: past.changedAt === null ? null : epochMs(past.changedAt),
        quarantined: past.quarantined,
      }),
      confirm: async () => void (past.quarantined = false),
      watch: () => undefined,
      resume: () => undefined,
    },
  });
}

const MADE_BEFORE = { reply: answered({ charged: true }) } as const;
const NOT_MADE = { reply: answered({ charged: false }) } as const;
const DONE = { effect: true, reply: answered({ ok: true }) } as const;
const CHARGE = { tool: 'charge', params: { payment_id: 'p' }, idempotency_key: 'k' } as const;

describe('after the database went back', () => {
  test('a write that can be looked up is looked up first: found, so it is not made again', async () => {
    const h = await createHarness({ wrapStore: withPast({ changedAt: 9_999_000, quarantined: false }) });
    h.invoker.script('payments.lookup', MADE_BEFORE);
    const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(10_000)]);
    expect(told(answer)).toBe('outcome_reconciled');
    expect(recordOf(answer).journal.lookups).toMatchObject([{ verdict: 'applied', settled: false }]);
    expect(h.invoker.effects('charge')).toBe(0);
  });

  test('not found: it is made, once, and the look of before proves nothing about it', async () => {
    const h = await createHarness({ wrapStore: withPast({ changedAt: 9_999_000, quarantined: false }) });
    h.invoker.script('payments.lookup', NOT_MADE);
    h.invoker.script('charge', DONE);
    const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(10_000)]);
    expect(told(answer)).toBe('completed');
    expect(h.invoker.effects('charge')).toBe(1);
    // It had waited until what was under way before the change has settled: a second ago, of a timeout and a settle time of 3.
    const [look] = recordOf(answer).journal.lookups;
    expect((look?.at ?? 0) - recordOf(answer).createdAt).toBeGreaterThanOrEqual(2_000);
  });

  test('when the horizon is over, nothing is looked up any more', async () => {
    const h = await createHarness({ wrapStore: withPast({ changedAt: 9_000_000, quarantined: false }) });
    h.invoker.script('charge', DONE);
    const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(10_000)]);
    expect(told(answer)).toBe('completed');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('in quarantine nothing that writes is begun, and what only reads is', async () => {
    const past = { changedAt: 9_999_000, quarantined: true };
    const h = await createHarness({ wrapStore: withPast(past) });
    h.invoker.script('look', DONE);
    expect(told(await h.call(CHARGE))).toBe('refused history_in_doubt');
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'b' }))).toBe('refused history_in_doubt');
    const [read] = await Promise.all([h.call({ tool: 'look' }), h.clock.advance(10)]);
    expect(told(read)).toBe('completed');
    expect(h.invoker.calls).toHaveLength(1);
  });

  test('nothing is taken over before those who remember how it ended have had the time to put it back', async () => {
    const clock = createManualClock();
    const started = clock.now();
    const takenOverAt: number[] = [];
    let wentBackAt: number | null = null;
    const wrapStore = (store: Store): Store => ({
      ...store,
      executions: {
        ...store.executions,
        takeOver: (owner, token, limit) => {
          takenOverAt.push(clock.now() - started);
          return store.executions.takeOver(owner, token, limit);
        },
      },
      history: {
        look: async (): Promise<HistoryReport> => ({
          mark: { line: wentBackAt === null ? 'a' : 'b', position: 1 },
          now: clock.now(),
          changedAt: wentBackAt === null ? null : epochMs(wentBackAt),
          quarantined: false,
        }),
        confirm: () => Promise.resolve(),
        watch: () => undefined,
        resume: () => undefined,
      },
    });
    await createHarness({ clock, wrapStore, config: { leaseMs: 1_000 } });
    await clock.advance(2_000);
    expect(takenOverAt.length).toBeGreaterThan(1);
    wentBackAt = clock.now();
    takenOverAt.length = 0;
    await clock.advance(4_900);
    expect(takenOverAt).toEqual([]);
    await clock.advance(2_000);
    expect(takenOverAt.length).toBeGreaterThan(1);
  });

  test('a key that was claimed again holds nothing up: keys are recalled only when calls go on', async () => {
    const clock = createManualClock();
    let wentBackAt: number | null = null;
    let resumed = 0;
    let keyless = 0;
    const wrapStore = (store: Store): Store => ({
      ...store,
      executions: {
        ...store.executions,
        find: (tenant, id) =>
          wentBackAt === null ? store.executions.find(tenant, id) : Promise.resolve(null),
        // As the lane of calls does while the past is looked at.
        recall: (key) =>
          wentBackAt === null
            ? store.executions.recall(key)
            : Promise.reject(new StorageUnavailable('halted')),
        reinstate: (record) => {
          if (record.keyDigest !== null) return Promise.resolve({ kind: 'key_taken' });
          keyless += 1;
          return Promise.resolve({ kind: 'reinstated' });
        },
      },
      history: {
        look: async (): Promise<HistoryReport> => ({
          mark: { line: wentBackAt === null ? 'a' : 'b', position: 1 },
          now: clock.now(),
          changedAt: wentBackAt === null ? null : epochMs(wentBackAt),
          quarantined: false,
        }),
        confirm: () => Promise.resolve(),
        watch: () => undefined,
        resume: () => void (resumed += 1),
      },
    });
    const h = await createHarness({ clock, wrapStore, config: { leaseMs: 1_000 } });
    h.invoker.script('keyed', DONE);
    const [answer] = await Promise.all([h.call({ tool: 'keyed', idempotency_key: 'k' }), clock.advance(100)]);
    expect(told(answer)).toBe('completed');
    wentBackAt = clock.now();
    resumed = 0;
    await clock.advance(2_000);
    expect(keyless).toBe(1);
    expect(resumed).toBeGreaterThan(0);
  });
});
