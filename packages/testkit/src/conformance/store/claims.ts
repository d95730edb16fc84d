import { StorageUnavailable } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { execution, move } from './records.js';
import type { OpenStore } from './store-under-test.js';

export function describeClaims(open: OpenStore): void {
  describe('claim and recall', () => {
    test('a key that nobody has used is unknown, then it names the execution that claimed it', async () => {
      await using it = await open();
      const { executions } = it.store;
      expect(await executions.recall('digest-of-exec_1')).toEqual({ kind: 'none' });
      expect(await executions.claim(execution({ id: 'exec_1' }))).toEqual({ kind: 'claimed' });
      expect(await executions.recall('digest-of-exec_1')).toEqual({
        kind: 'execution',
        record: execution({ id: 'exec_1' }),
      });
    });

    test('a key that was ever claimed is never told to be new', async () => {
      await using it = await open();
      const { executions } = it.store;
      const claims = Array.from({ length: 50 }, (_, i) => executions.claim(execution({ id: `exec_${i}` })));
      const told = () => claims.map((_, i) => executions.foresee(`digest-of-exec_${i}`));
      expect(told()).not.toContain('absent');
      await Promise.all(claims);
      expect(told()).not.toContain('absent');
    });

    test('of a hundred claims for one key at once, one is claimed and all others are shown its execution', async () => {
      await using it = await open();
      const ids = Array.from({ length: 100 }, (_, i) => `exec_${i}`);
      const results = await Promise.all(
        ids.map((id) => it.store.executions.claim(execution({ id, keyDigest: 'one' }))),
      );
      const winner = ids[results.findIndex((result) => result.kind === 'claimed')] as string;
      expect(results.filter((result) => result.kind === 'claimed')).toHaveLength(1);
      for (const result of results) {
        if (result.kind === 'execution') expect(result.record.id).toBe(winner);
        else expect(result.kind).toBe('claimed');
      }
    });

    test('a repeated claim finds the execution as it stands now', async () => {
      await using it = await open();
      const { executions } = it.store;
      const record = execution({ id: 'exec_1' });
      await executions.claim(record);
      await executions.transition(move(record, 'completed'));
      const again = await executions.claim(execution({ id: 'exec_2', keyDigest: record.keyDigest }));
      expect(again).toMatchObject({
        kind: 'execution',
        record: { id: 'exec_1', state: 'completed', seq: 1 },
      });
      expect(await executions.find('acme', 'exec_2')).toBeNull();
    });

    test('records without a key are always claimed', async () => {
      await using it = await open();
      const keyless = (id: string) => execution({ id, keyDigest: null, idempotencyKey: null });
      const results = await Promise.all(['a', 'b', 'c'].map((id) => it.store.executions.claim(keyless(id))));
      expect(results.map((result) => result.kind)).toEqual(['claimed', 'claimed', 'claimed']);
    });

    test('an id that is taken is refused loudly: ids are random, so that is a bug', async () => {
      await using it = await open();
      await it.store.executions.claim(execution({ id: 'exec_1' }));
      const twice = it.store.executions.claim(
        execution({ id: 'exec_1', keyDigest: 'other', token: 'other' }),
      );
      await expect(twice).rejects.toThrow(StorageUnavailable);
      expect(await it.store.executions.recall('other')).toEqual({ kind: 'none' });
    });

    test('everything comes back as it was given, byte for byte', async () => {
      await using it = await open();
      const awkward = 'ü€𝄞 "quoted" \\u0000 \\ \n\t\u2028 </script> \u{1F9EA}';
      const record = execution({
        id: 'exec_1',
        action: awkward,
        entityId: awkward,
        resultText: `{ "a" :  1.0, "text":"\\u0000 \\ud83e\\uddea ${'ü€𝄞'}", "a":1e2 }`,
        outcome: { final: 'failed', decision: 'review', code: 'entity_mismatch', message: awkward },
        notBeforeAt: 1_700_000_000_001 as never,
        request: {
          ...execution({ id: 'x' }).request,
          params: { nul: 'a\u0000b', deep: [[{ '': null }]], text: awkward },
        },
      });
      await it.store.executions.claim(record);
      expect(await it.store.executions.find('acme', 'exec_1')).toEqual(record);
    });

    test('results of a mebibyte are kept, many at once', async () => {
      await using it = await open();
      const { executions } = it.store;
      const records = Array.from({ length: 12 }, (_, i) => execution({ id: `exec_${i}` }));
      await Promise.all(records.map((record) => executions.claim(record)));
      const text = (i: number) => JSON.stringify({ i, filler: 'é"\\'.repeat(262_144) });
      const results = await Promise.all(
        records.map((record, i) => executions.transition(move(record, 'completed', { resultText: text(i) }))),
      );
      expect(results.every((result) => result.kind === 'moved')).toBe(true);
      const found = await executions.find('acme', 'exec_7');
      expect(found?.resultText === text(7)).toBe(true);
    });
  });
}
