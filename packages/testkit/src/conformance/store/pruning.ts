import { NEVER, type EpochMs } from '@invoke/core/domain';
import type { Pruning } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { execution, move, page } from './records.js';
import { storeClock } from './store-clock.js';
import type { OpenStore } from './store-under-test.js';

const HOUR = 3_600_000;
/** Whoever asks for it takes the end of time for now: the store goes by its own clock. */
function kept(keptMs: number, tombstoneMs: number, limit: number): Pruning {
  return { now: NEVER, keptMs, tombstoneMs, limit };
}

/** Further back than anything that tests keep. */
const LONG_AGO = 1 as EpochMs;

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
          until: expect.any(Number),
        },
      };
      await executions.claim(execution({ id: 'exec_1', state: 'completed', finishedAt: LONG_AGO }));
      expect(await executions.prune(kept(HOUR, HOUR, 10))).toBe(1);
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
      const at = await storeClock(it.store);
      for (const [id, hours] of [
        ['c', 3],
        ['a', 5],
        ['b', 4],
        ['young', 1],
      ] as const) {
        await executions.claim(execution({ id, state: 'failed', finishedAt: at(-hours * HOUR) }));
      }
      for (const state of ['needs_review', 'unknown', 'running', 'awaiting_approval'] as const) {
        await executions.claim(execution({ id: state, state, finishedAt: LONG_AGO }));
      }
      await executions.claim(execution({ id: 'no-end', state: 'completed', finishedAt: null }));
      expect(await executions.prune(kept(2 * HOUR, HOUR, 2))).toBe(2);
      expect((await executions.recall('digest-of-c')).kind).toBe('execution');
      expect(await executions.prune(kept(2 * HOUR, HOUR, 2))).toBe(1);
      expect(await executions.prune(kept(2 * HOUR, HOUR, 2))).toBe(0);
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

    test('counts on the clock of the store: from the end, and until the tombstone has served', async () => {
      await using it = await open();
      const { executions } = it.store;
      const at = await storeClock(it.store);
      await executions.claim(execution({ id: 'a', state: 'completed', finishedAt: at(0) }));
      expect(await executions.prune(kept(HOUR, HOUR, 10))).toBe(0);
      await it.elapse(120);
      expect(await executions.prune({ ...kept(60, HOUR, 10), now: at(0) })).toBe(0);
      expect(await executions.prune(kept(60, HOUR, 10))).toBe(1);
      const recalled = await executions.recall('digest-of-a');
      const until = recalled.kind === 'tombstone' ? recalled.tombstone.until : 0;
      expect(until).toBeGreaterThanOrEqual(at(HOUR + 120));
      expect(until).toBeLessThan(at(2 * HOUR));
    });

    test('a writer that still holds the pruned version is lost', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1', state: 'failed', finishedAt: LONG_AGO });
      await it.store.executions.claim(record);
      await it.store.executions.prune(kept(HOUR, HOUR, 10));
      expect(await it.store.executions.transition(move(record, 'completed'))).toEqual({ kind: 'lost' });
      expect((await it.store.executions.recall('digest-of-exec_1')).kind).toBe('tombstone');
    });

    test('claims that race with the pruning of their key never run a second time', async () => {
      await using it = await open();
      const { executions } = it.store;
      const ids = Array.from({ length: 30 }, (_, i) => `exec_${i}`);
      await Promise.all(
        ids.map((id) => executions.claim(execution({ id, state: 'completed', finishedAt: LONG_AGO }))),
      );
      const claims = ids.map((id) =>
        executions.claim(execution({ id: `${id}-b`, keyDigest: `digest-of-${id}` })),
      );
      const prunes = [10, 10, 10].map((limit) => executions.prune(kept(HOUR, HOUR, limit)));
      const results = await Promise.all(claims);
      await Promise.all(prunes);
      expect(results.filter((result) => result.kind === 'claimed')).toEqual([]);
    });

    test('a tombstone that has served its time frees the key', async () => {
      await using it = await open();
      const { executions } = it.store;
      for (const id of ['a', 'b'])
        await executions.claim(execution({ id, state: 'completed', finishedAt: LONG_AGO }));
      await executions.claim(execution({ id: 'kept', state: 'completed', finishedAt: 2 as EpochMs }));
      const at = await storeClock(it.store);
      await executions.prune(kept(HOUR, 60, 2));
      await executions.prune(kept(HOUR, HOUR, 1));
      await it.elapse(120);
      expect(await executions.dropTombstones(at(0), 10)).toBe(0);
      expect(await executions.dropTombstones(NEVER, 1)).toBe(1);
      expect(await executions.recall('digest-of-a')).toEqual({ kind: 'none' });
      expect((await executions.recall('digest-of-b')).kind).toBe('tombstone');
      expect(await executions.dropTombstones(NEVER, 10)).toBe(1);
      expect((await executions.recall('digest-of-kept')).kind).toBe('tombstone');
      expect(await executions.claim(execution({ id: 'a2', keyDigest: 'digest-of-a' }))).toEqual({
        kind: 'claimed',
      });
    });

    test('of an execution without a key nothing is left', async () => {
      await using it = await open();
      await it.store.executions.claim(
        execution({ id: 'a', keyDigest: null, state: 'completed', finishedAt: LONG_AGO }),
      );
      expect(await it.store.executions.prune(kept(HOUR, HOUR, 10))).toBe(1);
      expect(await it.store.executions.dropTombstones(NEVER, 10)).toBe(0);
      expect(await it.store.executions.find('acme', 'a')).toBeNull();
    });
  });
}
