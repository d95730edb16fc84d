import { describe, expect, test } from 'vitest';
import { message, settlement } from './control-records.js';
import { execution, move } from './records.js';
import type { OpenStore } from './store-under-test.js';

const UNKNOWN = execution({ id: 'exec_1', state: 'unknown' });

export function describeSettlements(open: OpenStore): void {
  describe('settlements', () => {
    test('an event is kept together with what it leads to', async () => {
      await using it = await open();
      const { settlements, executions, outbox } = it.store;
      await executions.claim(UNKNOWN);
      const step = move(UNKNOWN, 'completed');
      expect(await settlements.record(settlement(), step, [message('msg_1')])).toEqual({ kind: 'moved' });
      expect(await executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
      expect(await settlements.ofExecution('acme', 'exec_1')).toEqual([settlement()]);
      expect((await outbox.take(9, 1000)).map((taken) => taken.message.id)).toEqual(['msg_1']);
    });

    test('an event that was kept before changes nothing', async () => {
      await using it = await open();
      const { settlements, executions, outbox } = it.store;
      await executions.claim(UNKNOWN);
      await settlements.record(settlement(), null, []);
      const again = settlement({ verdict: 'not_applied', detail: 'charge.failed' });
      expect(await settlements.record(again, move(UNKNOWN, 'failed'), [message('msg_1')])).toEqual({
        kind: 'seen',
      });
      expect(await executions.find('acme', 'exec_1')).toEqual(UNKNOWN);
      expect(await settlements.ofExecution('acme', 'exec_1')).toEqual([settlement()]);
      expect(await outbox.take(9, 1000)).toEqual([]);
    });

    test('an event id belongs to its tenant and its provider', async () => {
      await using it = await open();
      const { settlements } = it.store;
      for (const fields of [{}, { tenant: 'other' }, { provider: 'bank' }, { eventId: 'evt_2' }]) {
        expect(await settlements.record(settlement(fields), null, [])).toEqual({ kind: 'moved' });
      }
      expect(await settlements.ofExecution('acme', 'exec_1')).toEqual([
        settlement(),
        settlement({ provider: 'bank' }),
        settlement({ eventId: 'evt_2' }),
      ]);
      expect(await settlements.ofExecution('other', 'exec_1')).toEqual([settlement({ tenant: 'other' })]);
      expect(await settlements.ofExecution('acme', 'exec_2')).toEqual([]);
    });

    test('lost, nothing is written: the event can come again', async () => {
      await using it = await open();
      const { settlements, executions, outbox } = it.store;
      await executions.claim(UNKNOWN);
      const stale = move({ ...UNKNOWN, seq: 3 }, 'completed');
      expect(await settlements.record(settlement(), stale, [message('msg_1')])).toEqual({ kind: 'lost' });
      expect(await settlements.ofExecution('acme', 'exec_1')).toEqual([]);
      expect(await outbox.take(9, 1000)).toEqual([]);
      expect(await settlements.record(settlement(), move(UNKNOWN, 'completed'), [])).toEqual({
        kind: 'moved',
      });
    });

    test('what was kept before can settle later, together with the messages that tell of it', async () => {
      await using it = await open();
      const { settlements, executions, outbox } = it.store;
      await executions.claim(UNKNOWN);
      expect(await settlements.settle(move(UNKNOWN, 'completed'), [message('msg_1')])).toEqual({
        kind: 'moved',
      });
      expect(await executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
      expect(await settlements.settle(move(UNKNOWN, 'failed'), [message('msg_2')])).toEqual({ kind: 'lost' });
      expect(await executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
      expect((await outbox.take(9, 1000)).map((taken) => taken.message.id)).toEqual(['msg_1']);
    });

    test('what was kept while a call was under way is left open until it is judged, with the messages that tell of it', async () => {
      await using it = await open();
      const { settlements, executions, outbox } = it.store;
      const running = execution({ id: 'exec_1' });
      await executions.claim(running);
      await settlements.record(settlement({ open: true }), null, []);
      await settlements.record(settlement({ eventId: 'evt_2', open: true }), null, []);
      await settlements.record(settlement({ eventId: 'evt_3' }), null, []);
      expect(await settlements.leftOpen(9)).toEqual([]);
      await executions.transition(move(running, 'completed'));
      expect(await settlements.leftOpen(9)).toEqual([{ tenant: 'acme', id: 'exec_1' }]);
      await settlements.close(settlement(), [message('msg_1')]);
      await settlements.close(settlement(), [message('msg_1')]);
      expect(await settlements.leftOpen(9)).toEqual([{ tenant: 'acme', id: 'exec_1' }]);
      await settlements.close(settlement({ eventId: 'evt_2' }), []);
      expect(await settlements.leftOpen(9)).toEqual([]);
      expect((await settlements.ofExecution('acme', 'exec_1')).map((kept) => kept.open)).toEqual([
        false,
        false,
        false,
      ]);
      expect((await outbox.take(9, 1000)).map((taken) => taken.message.id)).toEqual(['msg_1']);
    });

    test('of the same event ten times at once, one is kept', async () => {
      await using it = await open();
      const { settlements, executions } = it.store;
      await executions.claim(UNKNOWN);
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          settlements.record(settlement(), move(UNKNOWN, 'completed', { token: `t${i}` }), []),
        ),
      );
      expect(results.map((result) => result.kind).toSorted()).toEqual([
        'moved',
        ...Array.from({ length: 9 }, () => 'seen'),
      ]);
      expect(await executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
    });

    test('events that concern no execution are kept, too', async () => {
      await using it = await open();
      const foreign = settlement({ executionId: null, verdict: 'unclear' });
      expect(await it.store.settlements.record(foreign, null, [])).toEqual({ kind: 'moved' });
      expect(await it.store.settlements.record(foreign, null, [])).toEqual({ kind: 'seen' });
    });
  });
}
