import { NEVER, type EpochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { message, settlement } from './control-records.js';
import { execution, NOW, trace, tracePage } from './records.js';
import type { OpenStore } from './store-under-test.js';

const at = (offset: number) => (NOW + offset) as EpochMs;
const FAR = 8_000_000_000_000 as EpochMs;

/** The id of a trace that began then. */
function traceId(ms: number, n = 0): string {
  return `trace_${ms.toString(16).padStart(12, '0')}7${String(n).padStart(19, '0')}`;
}

export function describeRetention(open: OpenStore): void {
  describe('what is kept only for a while', () => {
    test('traces go by their age, oldest first, in batches, in every tenant', async () => {
      await using it = await open();
      const { traces } = it.store;
      for (const tenant of ['acme', 'globex', null]) {
        for (const [n, ms] of [NOW, NOW + 1, NOW + 2].entries()) {
          traces.append(trace({ trace_id: traceId(ms, n), tenant }));
        }
      }
      await traces.flush();
      expect(await traces.prune(NOW, 10)).toBe(0);
      expect(await traces.prune(at(2), 4)).toBe(4);
      expect(await traces.prune(at(2), 4)).toBe(2);
      expect(await traces.prune(at(2), 4)).toBe(0);
      for (const tenant of ['acme', 'globex', '']) {
        const left = await traces.list(tracePage({ tenant }));
        expect(left.map((t) => t.trace_id)).toEqual([traceId(NOW + 2, 2)]);
      }
    });

    test('what events said goes with its execution, and not before', async () => {
      await using it = await open();
      const { settlements, executions } = it.store;
      await executions.claim(execution({ id: 'exec_1', state: 'completed', finishedAt: 1 as EpochMs }));
      await executions.claim(execution({ id: 'exec_2', state: 'unknown' }));
      for (const [eventId, executionId, receivedAt] of [
        ['evt_1', 'exec_1', at(1)],
        ['evt_2', 'exec_2', at(1)],
        ['evt_3', null, at(1)],
        ['evt_4', null, at(9)],
        ['evt_5', 'exec_gone', at(2)],
      ] as const) {
        await settlements.record(settlement({ eventId, executionId, receivedAt }), null, []);
      }
      expect(await settlements.prune(at(5), 1)).toBe(1);
      expect(await settlements.prune(at(5), 10)).toBe(1);
      await executions.prune({ now: NEVER, keptMs: 0, tombstoneMs: 1_000, limit: 10 });
      expect(await settlements.prune(at(5), 10)).toBe(1);
      expect(await settlements.ofExecution('acme', 'exec_1')).toEqual([]);
      expect(await settlements.ofExecution('acme', 'exec_2')).toHaveLength(1);
      // One that was dropped would count once more; one that is kept does not.
      expect(await settlements.record(settlement({ eventId: 'evt_4' }), null, [])).toEqual({ kind: 'seen' });
    });

    test('messages that were given up are kept apart from those that were delivered', async () => {
      await using it = await open();
      const { outbox } = it.store;
      await outbox.add(['msg_1', 'msg_2', 'msg_3', 'msg_4'].map((id) => message(id)));
      await outbox.settle('msg_1', { kind: 'delivered' });
      await outbox.settle('msg_2', { kind: 'dead', why: 'gone' });
      await outbox.settle('msg_3', { kind: 'dead', why: 'gone' });
      expect(await outbox.pruneDead(1 as EpochMs, 10)).toBe(0);
      expect(await outbox.pruneDead(FAR, 1)).toBe(1);
      expect(await outbox.pruneDead(FAR, 10)).toBe(1);
      expect(await outbox.prune(FAR, 10)).toBe(1);
      expect((await outbox.take(10, 1)).map((t) => t.message.id)).toEqual(['msg_4']);
    });
  });
}
