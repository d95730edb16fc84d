import type { EpochMs } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { charge } from './control-records.js';
import { NOW } from './records.js';
import type { OpenStore } from './store-under-test.js';

const HOUR = 3_600_000;
const at = (offset: number) => (NOW + offset) as EpochMs;

const spentOf = async ({ usage }: Store, now = NOW) =>
  (await usage.spent('acme', now)).map(
    ({ budget, subject, calls, amount }) => `${budget}/${subject}: ${calls}, ${amount}`,
  );

export function describeBudgets(open: OpenStore): void {
  describe('budgets', () => {
    test('are charged up to their limits, and not beyond', async () => {
      await using it = await open();
      const { usage } = it.store;
      const daily = charge({ amount: 40, maxAmount: 100, maxCalls: 3 });
      expect(await usage.reserve([daily])).toEqual({ kind: 'reserved' });
      expect(await usage.reserve([daily])).toEqual({ kind: 'reserved' });
      expect(await usage.reserve([daily])).toEqual({ kind: 'exceeded', charge: daily });
      const rest = charge({ amount: 20, maxAmount: 100, maxCalls: 3 });
      expect(await usage.reserve([rest])).toEqual({ kind: 'reserved' });
      const free = charge({ amount: 0, maxAmount: 100, maxCalls: 3 });
      expect(await usage.reserve([free])).toEqual({ kind: 'exceeded', charge: free });
      expect(await usage.spent('acme', NOW)).toEqual([
        { budget: 'daily', subject: 'key_1', windowStart: NOW, calls: 3, amount: 100 },
      ]);
    });

    test('a first charge that is too much is refused like any other', async () => {
      await using it = await open();
      const sheet = [charge({ maxCalls: 0 }), charge({ amount: 5.01, maxAmount: 5 })];
      for (const over of sheet) {
        expect(await it.store.usage.reserve([over])).toEqual({ kind: 'exceeded', charge: over });
      }
      expect(await spentOf(it.store)).toEqual([]);
    });

    test('all charges of a call or none', async () => {
      await using it = await open();
      const { usage } = it.store;
      const [a, b, c] = ['a', 'b', 'c'].map((budget) => charge({ budget, amount: 1, maxCalls: 2 }));
      await usage.reserve([b as never]);
      const full = charge({ budget: 'b', amount: 1, maxCalls: 1 });
      expect(await usage.reserve([c as never, full, a as never])).toEqual({ kind: 'exceeded', charge: full });
      expect(await spentOf(it.store)).toEqual(['b/key_1: 1, 1']);
      expect(await usage.reserve([c as never, b as never, a as never])).toEqual({ kind: 'reserved' });
      expect(await spentOf(it.store)).toEqual(['a/key_1: 1, 1', 'b/key_1: 2, 2', 'c/key_1: 1, 1']);
    });

    test('what shares a budget but not its subject or window is counted by itself', async () => {
      await using it = await open();
      const { usage } = it.store;
      const later = { windowStart: at(HOUR), windowEnd: at(2 * HOUR) };
      for (const fields of [{}, { subject: 'key_2' }, { tenant: 'other' }, later]) {
        const one = charge({ maxCalls: 1, ...fields });
        expect(await usage.reserve([one])).toEqual({ kind: 'reserved' });
        expect(await usage.reserve([one])).toEqual({ kind: 'exceeded', charge: one });
      }
    });

    test('of fifty calls at once, as many are charged as there is room for', async () => {
      await using it = await open();
      const { usage } = it.store;
      const other = (i: number) => charge({ budget: `other-${i % 2}`, subject: 'agent-1' });
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) => {
          const shared = charge({ amount: 2.5, maxCalls: 10 });
          return usage.reserve(i % 3 === 0 ? [shared, other(i)] : [other(i), shared]);
        }),
      );
      expect(results.filter((result) => result.kind === 'reserved')).toHaveLength(10);
      const spent = await it.store.usage.spent('acme', NOW);
      expect(spent.find((one) => one.budget === 'daily')).toMatchObject({ calls: 10, amount: 25 });
      const others = spent.filter((one) => one.budget !== 'daily');
      expect(others.reduce((sum, one) => sum + one.calls, 0)).toBe(10);
    }, 20_000);

    test('amounts are the doubles of JSON: 0.1 and 0.2 are what JavaScript makes of them', async () => {
      await using it = await open();
      for (const amount of [0.1, 0.2, 1e-7, 9_007_199_254_740_991]) {
        await it.store.usage.reserve([charge({ budget: `b${amount}`, amount })]);
      }
      await it.store.usage.reserve([charge({ budget: 'sum', amount: 0.1 })]);
      await it.store.usage.reserve([charge({ budget: 'sum', amount: 0.2 })]);
      expect(await spentOf(it.store)).toEqual([
        'b0.1/key_1: 1, 0.1',
        'b0.2/key_1: 1, 0.2',
        'b1e-7/key_1: 1, 1e-7',
        'b9007199254740991/key_1: 1, 9007199254740991',
        'sum/key_1: 2, 0.30000000000000004',
      ]);
    });
  });

  describeReleases(open);
}

function describeReleases(open: OpenStore): void {
  describe('budgets, given back', () => {
    test('what is given back can be spent again, and nothing falls below zero', async () => {
      await using it = await open();
      const { usage } = it.store;
      const call = charge({ amount: 60, maxAmount: 100 });
      await usage.reserve([call, charge({ budget: 'few' })]);
      expect(await usage.reserve([call])).toMatchObject({ kind: 'exceeded' });
      await usage.release([call]);
      expect(await spentOf(it.store)).toEqual(['daily/key_1: 0, 0', 'few/key_1: 1, 0']);
      expect(await usage.reserve([call])).toEqual({ kind: 'reserved' });
      await usage.release([call, call, call]);
      await usage.release([charge({ budget: 'unheard' })]);
      expect(await spentOf(it.store)).toEqual(['daily/key_1: 0, 0', 'few/key_1: 1, 0']);
    });

    test('more than was taken leaves no negative amount, and the last one no rounding', async () => {
      await using it = await open();
      const { usage } = it.store;
      for (const amount of [0.1, 0.2, 5]) await usage.reserve([charge({ amount })]);
      await usage.release([charge({ amount: 5 }), charge({ amount: 0.1 })]);
      expect(await spentOf(it.store)).toEqual(['daily/key_1: 1, 0.19999999999999982']);
      await usage.release([charge({ amount: 0.2 })]);
      expect(await spentOf(it.store)).toEqual(['daily/key_1: 0, 0']);
      for (const amount of [1, 2]) await usage.reserve([charge({ amount })]);
      await usage.release([charge({ amount: 7 })]);
      expect(await spentOf(it.store)).toEqual(['daily/key_1: 1, 0']);
    });

    test('windows that have ended are not shown, and are dropped', async () => {
      await using it = await open();
      const { usage } = it.store;
      const windows = [1, 2, 3].map((n) =>
        charge({ budget: `b${n}`, windowStart: at(n), windowEnd: at(n + 10) }),
      );
      for (const window of windows) await usage.reserve([window]);
      expect(await spentOf(it.store, at(11))).toEqual(['b2/key_1: 1, 0', 'b3/key_1: 1, 0']);
      expect(await usage.prune(at(11), 10)).toBe(0);
      expect(await usage.prune(at(13), 1)).toBe(1);
      expect(await spentOf(it.store)).toEqual(['b2/key_1: 1, 0', 'b3/key_1: 1, 0']);
      expect(await usage.prune(at(99), 10)).toBe(2);
      expect(await spentOf(it.store)).toEqual([]);
    });
  });
}
