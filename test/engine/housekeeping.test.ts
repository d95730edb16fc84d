import type { Store } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import { createHarness } from './harness.js';

/** A store in which this much of each kind has to go. It notes when which batch was asked for. */
function overdue(store: Store, left: Record<'executions' | 'tombstones' | 'windows' | 'messages', number>) {
  const batches: { kind: keyof typeof left; limit: number; dropped: number }[] = [];
  const drop = (kind: keyof typeof left, limit: number): Promise<number> => {
    const dropped = Math.min(limit, left[kind]);
    left[kind] -= dropped;
    batches.push({ kind, limit, dropped });
    return Promise.resolve(dropped);
  };
  const wrapped: Store = {
    ...store,
    executions: {
      ...store.executions,
      prune: ({ limit }) => drop('executions', limit),
      dropTombstones: (_before, limit) => drop('tombstones', limit),
    },
    usage: { ...store.usage, prune: (_before, limit) => drop('windows', limit) },
    outbox: { ...store.outbox, prune: (_before, limit) => drop('messages', limit) },
  };
  return { wrapped, batches, left };
}

test('everything that is past its time goes within one round, in bounded batches', async () => {
  const left = { executions: 1_234, tombstones: 5_000, windows: 900, messages: 2_000 };
  let batches: ReturnType<typeof overdue>['batches'] = [];
  const { clock, engine } = await createHarness({
    wrapStore: (store) => {
      const it = overdue(store, left);
      batches = it.batches;
      return it.wrapped;
    },
  });
  await clock.advance(80_000);
  expect(left).toEqual({ executions: 0, tombstones: 0, windows: 0, messages: 0 });
  expect(batches.every(({ limit }) => limit <= 500)).toBe(true);
  await engine.stop(0);
});

test('between two batches time passes, in which calls are served', async () => {
  const left = { executions: 1_000, tombstones: 0, windows: 0, messages: 0 };
  const at: number[] = [];
  const { clock, engine } = await createHarness({
    wrapStore: (store) => ({
      ...store,
      executions: {
        ...store.executions,
        prune: ({ limit }) => {
          at.push(clock.now());
          const dropped = Math.min(limit, left.executions);
          left.executions -= dropped;
          return Promise.resolve(dropped);
        },
      },
    }),
  });
  await clock.advance(80_000);
  expect(at.length).toBeGreaterThan(2);
  expect(at.every((time, i) => i === 0 || time > (at[i - 1] ?? time))).toBe(true);
  await engine.stop(0);
});
