import type { EpochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { execution, move, NOW, page } from './records.js';
import type { OpenStore } from './store-under-test.js';

const at = (offset: number) => (NOW + offset) as EpochMs;

export function describePruning(open: OpenStore): void {
  describe('prune', () => {
    test('leaves a tombstone that refuses the key and shows no longer what was done', async () => {
      await using it = await open();
      const { executions } = it.store;
      const tombstone = {
        kind: 'tombstone',
        tombstone: {
          keyDigest: 'digest-of-exec_1',
          fingerprint: 'v1:f00d',
          executionId: 'exec_1',
          state: 'completed',
          until: at(5000),
        },
      };
      await executions.claim(execution({ id: 'exec_1', state: 'completed', finishedAt: at(1) }));
      expect(await executions.prune(at(2), at(5000), 10)).toBe(1);
      expect(await executions.recall('digest-of-exec_1')).toEqual(tombstone);
      expect(await executions.claim(execution({ id: 'exec_2', keyDigest: 'digest-of-exec_1' }))).toEqual(
        tombstone,
      );
      expect(await executions.find('acme', 'exec_1')).toBeNull();
      expect(await executions.list(page())).toEqual([]);
    });

    test('takes only what is finished and old enough, the oldest first', async () => {
      await using it = await open();
      const { executions } = it.store;
      for (const [id, finishedAt] of [
        ['c', 30],
        ['a', 10],
        ['b', 20],
        ['young', 50],
      ] as const) {
        await executions.claim(execution({ id, state: 'failed', finishedAt: at(finishedAt) }));
      }
      for (const state of ['needs_review', 'unknown', 'running', 'awaiting_approval'] as const) {
        await executions.claim(execution({ id: state, state, finishedAt: at(1) }));
      }
      await executions.claim(execution({ id: 'no-end', state: 'completed', finishedAt: null }));
      expect(await executions.prune(at(50), at(99), 2)).toBe(2);
      expect((await executions.recall('digest-of-c')).kind).toBe('execution');
      expect(await executions.prune(at(50), at(99), 2)).toBe(1);
      expect(await executions.prune(at(50), at(99), 2)).toBe(0);
      const left = await executions.list(page());
      expect(left.map((record) => record.id)).toEqual([
        'no-end',
        'awaiting_approval',
        'running',
        'unknown',
        'needs_review',
        'young',
      ]);
    });

    test('a writer that still holds the pruned version is lost', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1', state: 'failed', finishedAt: at(1) });
      await it.store.executions.claim(record);
      await it.store.executions.prune(at(2), at(99), 10);
      expect(await it.store.executions.transition(move(record, 'completed'))).toEqual({ kind: 'lost' });
      expect((await it.store.executions.recall('digest-of-exec_1')).kind).toBe('tombstone');
    });

    test('claims that race with the pruning of their key never run a second time', async () => {
      await using it = await open();
      const { executions } = it.store;
      const ids = Array.from({ length: 30 }, (_, i) => `exec_${i}`);
      await Promise.all(
        ids.map((id) => executions.claim(execution({ id, state: 'completed', finishedAt: at(1) }))),
      );
      const claims = ids.map((id) =>
        executions.claim(execution({ id: `${id}-b`, keyDigest: `digest-of-${id}` })),
      );
      const prunes = [10, 10, 10].map((limit) => executions.prune(at(2), at(99), limit));
      const results = await Promise.all(claims);
      await Promise.all(prunes);
      expect(results.filter((result) => result.kind === 'claimed')).toEqual([]);
    });

    test('a tombstone that has served its time frees the key', async () => {
      await using it = await open();
      const { executions } = it.store;
      for (const id of ['a', 'b'])
        await executions.claim(execution({ id, state: 'completed', finishedAt: at(1) }));
      await executions.prune(at(2), at(10), 10);
      expect(await executions.dropTombstones(at(10), 10)).toBe(0);
      expect(await executions.dropTombstones(at(11), 1)).toBe(1);
      expect(await executions.recall('digest-of-a')).toEqual({ kind: 'none' });
      expect((await executions.recall('digest-of-b')).kind).toBe('tombstone');
      expect(await executions.claim(execution({ id: 'a2', keyDigest: 'digest-of-a' }))).toEqual({
        kind: 'claimed',
      });
    });

    test('of an execution without a key nothing is left', async () => {
      await using it = await open();
      await it.store.executions.claim(
        execution({ id: 'a', keyDigest: null, state: 'completed', finishedAt: at(1) }),
      );
      expect(await it.store.executions.prune(at(2), at(10), 10)).toBe(1);
      expect(await it.store.executions.dropTombstones(at(11), 10)).toBe(0);
      expect(await it.store.executions.find('acme', 'a')).toBeNull();
    });
  });
}
