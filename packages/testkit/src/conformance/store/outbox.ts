import type { EpochMs } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { message } from './control-records.js';
import type { OpenStore } from './store-under-test.js';

const HOUR = 3_600_000;
const LONG_AGO = 1 as EpochMs;
/** Beyond the end of any test, on any clock. */
const SOME_DAY = 9_000_000_000_000 as EpochMs;

const take = async ({ outbox }: Store, limit = 50, leaseMs = HOUR) =>
  (await outbox.take(limit, leaseMs)).map(({ message: { id }, attempts }) => `${id}:${attempts}`);

export function describeOutbox(open: OpenStore): void {
  describe('outbox', () => {
    test('hands out messages as they were given, oldest first', async () => {
      await using it = await open();
      const rows = [message('m1'), message('m2', { channel: 'slack', tenant: 'other' }), message('m3')];
      await it.store.outbox.add(rows.slice(0, 2));
      await it.store.outbox.add(rows.slice(2));
      const taken = [...(await it.store.outbox.take(2, HOUR)), ...(await it.store.outbox.take(2, HOUR))];
      expect(taken).toEqual(rows.map((row) => ({ message: row, attempts: 0 })));
      expect(await take(it.store)).toEqual([]);
    });

    test('the same id twice is one message, the first', async () => {
      await using it = await open();
      await it.store.outbox.add([message('m1')]);
      await it.store.outbox.add([message('m1', { topic: 'other' }), message('m2')]);
      const taken = await it.store.outbox.take(10, HOUR);
      expect(taken.map((one) => one.message)).toEqual([message('m1'), message('m2')]);
    });

    test('what nobody has settled by the end of the lease goes to somebody else', async () => {
      await using it = await open();
      await it.store.outbox.add([message('m1')]);
      expect(await take(it.store, 10, 60)).toEqual(['m1:0']);
      await it.elapse(120);
      expect(await take(it.store)).toEqual(['m1:1']);
      expect(await take(it.store)).toEqual([]);
    });

    test('of several that take at once, each message goes to one', async () => {
      await using it = await open();
      const ids = Array.from({ length: 30 }, (_, i) => `m${String(i).padStart(2, '0')}`);
      await it.store.outbox.add(ids.map((id) => message(id)));
      const taken = await Promise.all(Array.from({ length: 6 }, () => take(it.store, 10)));
      const all = taken.flat();
      expect(new Set(all).size).toBe(all.length);
      const rest = await take(it.store);
      expect([...all, ...rest].toSorted()).toEqual(ids.map((id) => `${id}:0`));
    });

    test('delivered and dead ones are never handed out again', async () => {
      await using it = await open();
      const { outbox } = it.store;
      await outbox.add(['gone', 'dead', 'open'].map((id) => message(id)));
      await outbox.take(10, 60);
      await outbox.settle('gone', { kind: 'delivered' });
      await outbox.settle('dead', { kind: 'dead', why: '410 Gone' });
      await outbox.settle('gone', { kind: 'retry', afterMs: 0, why: 'too late to say so' });
      await outbox.settle('dead', { kind: 'delivered' });
      await it.elapse(120);
      expect(await take(it.store)).toEqual(['open:1']);
      expect(await outbox.prune(SOME_DAY, 10)).toBe(1);
    });

    test('a retry waits for its time', async () => {
      await using it = await open();
      const { outbox } = it.store;
      await outbox.add([message('soon'), message('far')]);
      await outbox.take(10, HOUR);
      await outbox.settle('far', { kind: 'retry', afterMs: HOUR, why: 'http_503' });
      await outbox.settle('soon', { kind: 'retry', afterMs: 60, why: 'http_503' });
      await it.elapse(120);
      expect(await take(it.store)).toEqual(['soon:1']);
    });

    test('one that is due later waits for its time, and is then handed out like any other', async () => {
      await using it = await open();
      const far = message('far', { channel: 'recheck', dueInMs: HOUR });
      await it.store.outbox.add([message('now'), message('soon', { dueInMs: 60 }), far]);
      expect(await take(it.store)).toEqual(['now:0']);
      await it.elapse(120);
      expect(await it.store.outbox.take(10, HOUR)).toEqual([{ message: message('soon'), attempts: 0 }]);
      expect(await take(it.store)).toEqual([]);
    });

    test('prune drops what was delivered before, the oldest first, and nothing else', async () => {
      await using it = await open();
      const { outbox } = it.store;
      await outbox.add(['m1', 'm2', 'm3', 'dead', 'open'].map((id) => message(id)));
      await outbox.take(10, 60);
      for (const id of ['m1', 'm2', 'm3']) await outbox.settle(id, { kind: 'delivered' });
      await outbox.settle('dead', { kind: 'dead', why: '410 Gone' });
      expect(await outbox.prune(LONG_AGO, 10)).toBe(0);
      expect(await outbox.prune(SOME_DAY, 2)).toBe(2);
      expect(await outbox.prune(SOME_DAY, 2)).toBe(1);
      expect(await outbox.prune(SOME_DAY, 2)).toBe(0);
      await it.elapse(120);
      expect(await take(it.store)).toEqual(['open:1']);
    });
  });
}
