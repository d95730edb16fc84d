import { durationMs } from '@invoke/core/domain';
import type { Transition } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { execution, incarnation, move, NOW } from './records.js';
import type { OpenStore } from './store-under-test.js';

export function describeTransitions(open: OpenStore): void {
  describe('transition', () => {
    test('moves the row, raises seq by one and replaces what may change', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1', owner: 'inc-1' });
      await it.store.executions.claim(record);
      const step = move(record, 'unknown', {
        owner: 'inc-2',
        notBeforeAt: NOW,
        finishedAt: null,
        resultText: null,
      });
      expect(await it.store.executions.transition(step)).toEqual({ kind: 'moved' });
      const { id, from, ...changed } = step;
      expect(await it.store.executions.find('acme', id)).toEqual({
        ...record,
        ...changed,
        seq: from.seq + 1,
      });
    });

    test('is lost from a version that is not the stored one', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1' });
      await it.store.executions.claim(record);
      await it.store.executions.transition(move(record, 'retry_wait', { token: 't1' }));
      const sheet: readonly { cell: string; from: Partial<Transition['from']> }[] = [
        { cell: 'older seq', from: { seq: 0 } },
        { cell: 'newer seq', from: { seq: 2 } },
        { cell: 'older epoch: a gateway that was taken over', from: { epoch: -1 } },
        { cell: 'newer epoch', from: { epoch: 1 } },
        { cell: 'another state', from: { state: 'unknown' } },
      ];
      for (const { cell, from } of sheet) {
        const stale = move({ ...record, state: 'retry_wait', seq: 1, ...from }, 'completed');
        expect(await it.store.executions.transition(stale), cell).toEqual({ kind: 'lost' });
      }
      expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({
        state: 'retry_wait',
        seq: 1,
        token: 't1',
      });
    });

    test('is lost where there is no such row', async () => {
      await using it = await open();
      expect(await it.store.executions.transition(move(execution({ id: 'gone' }), 'completed'))).toEqual({
        kind: 'lost',
      });
    });

    test('of fifty from the same version at once, one moves', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1' });
      await it.store.executions.claim(record);
      const steps = Array.from({ length: 50 }, (_, i) =>
        move(record, 'completed', { token: `t${i}`, resultText: `${i}` }),
      );
      const results = await Promise.all(steps.map((step) => it.store.executions.transition(step)));
      const winners = steps.filter((_, i) => results[i]?.kind === 'moved');
      expect(winners).toHaveLength(1);
      expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({
        seq: 1,
        token: winners[0]?.token,
        resultText: winners[0]?.resultText,
      });
    });

    test('the same token twice is still one move', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1' });
      await it.store.executions.claim(record);
      const step = move(record, 'completed');
      const results = await Promise.all([
        it.store.executions.transition(step),
        it.store.executions.transition(step),
      ]);
      expect(results.map((result) => result.kind).toSorted()).toEqual(['lost', 'moved']);
    });

    test('many rows at once each move by themselves', async () => {
      await using it = await open();
      const { executions } = it.store;
      const records = Array.from({ length: 300 }, (_, i) => execution({ id: `exec_${i}` }));
      await Promise.all(records.map((record) => executions.claim(record)));
      const results = await Promise.all(
        records.map((record, i) =>
          executions.transition(
            move(i % 3 === 0 ? { ...record, seq: 9 } : record, 'completed', { resultText: `${i}` }),
          ),
        ),
      );
      expect(results.map((result) => result.kind)).toEqual(
        records.map((_, i) => (i % 3 === 0 ? 'lost' : 'moved')),
      );
      expect(await executions.find('acme', 'exec_299')).toMatchObject({ resultText: '299' });
      expect(await executions.find('acme', 'exec_297')).toMatchObject({ resultText: null, seq: 0 });
    });

    test('find keeps to its tenant', async () => {
      await using it = await open();
      await it.store.executions.claim(execution({ id: 'exec_1' }));
      expect(await it.store.executions.find('acme', 'exec_1')).not.toBeNull();
      expect(await it.store.executions.find('other', 'exec_1')).toBeNull();
    });
  });

  describe('unsettledWriteTo', () => {
    test('names the oldest execution whose outcome nobody knows, and nothing else', async () => {
      await using it = await open();
      const { executions, incarnations } = it.store;
      await incarnations.enlist(incarnation('inc-1'), durationMs(60_000));
      const states = [
        'accepted',
        'running',
        'completed',
        'failed',
        'retry_wait',
        'unknown',
        'reconciling',
        'needs_review',
      ] as const;
      for (const state of states)
        await executions.claim(execution({ id: state, state, entityId: `e-${state}` }));
      await executions.claim(execution({ id: 'later', state: 'unknown', entityId: 'e-unknown' }));
      const held = await Promise.all(
        states.map((state) => executions.unsettledWriteTo('acme', 'prod', `e-${state}`)),
      );
      expect(held).toEqual([null, null, null, null, null, 'unknown', 'reconciling', 'needs_review']);
      expect(await executions.unsettledWriteTo('other', 'prod', 'e-unknown')).toBeNull();
      expect(await executions.unsettledWriteTo('acme', 'test', 'e-unknown')).toBeNull();
    });

    test('a write that is under way is in doubt from when its owner is gone, and one that was not sent is not', async () => {
      await using it = await open();
      const { executions, incarnations } = it.store;
      for (const state of ['accepted', 'running', 'retry_wait'] as const)
        await executions.claim(execution({ id: state, state, entityId: `e-${state}` }));
      const held = () =>
        Promise.all(
          ['accepted', 'running', 'retry_wait'].map((state) =>
            executions.unsettledWriteTo('acme', 'prod', `e-${state}`),
          ),
        );
      expect(await held()).toEqual([null, 'running', null]);
      await incarnations.enlist(incarnation('inc-1'), durationMs(60_000));
      expect(await held()).toEqual([null, null, null]);
      await incarnations.retire('inc-1');
      expect(await held()).toEqual([null, 'running', null]);
      await incarnations.enlist(incarnation('inc-2'), durationMs(60_000));
      await executions.takeOver('inc-2', 'taken', 10);
      expect(await held()).toEqual([null, null, null]);
    });

    test('a lease that is over holds what it had under way', async () => {
      await using it = await open();
      await it.store.incarnations.enlist(incarnation('inc-1'), durationMs(60));
      await it.store.executions.claim(execution({ id: 'e', state: 'running', entityId: 'ent' }));
      await it.elapse(120);
      expect(await it.store.executions.unsettledWriteTo('acme', 'prod', 'ent')).toBe('e');
    });
  });
}
