import type { EpochMs, KeyRecord } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { NOW } from './records.js';
import type { OpenStore } from './store-under-test.js';

const at = (offset: number) => (NOW + offset) as EpochMs;

export function describeKeys(open: OpenStore): void {
  describe('stored keys', () => {
    test('a key is added once, and counts as a change of the registry', async () => {
      await using it = await open();
      const { registry } = it.store;
      expect(await registry.saveKey(key('key_1'))).toEqual({ kind: 'saved' });
      expect(await registry.saveKey(key('key_1', { name: 'another' }))).toEqual({ kind: 'lost' });
      expect(await registry.load()).toMatchObject({ revision: 1, keys: [key('key_1')] });
      expect(await registry.key('acme', 'key_1')).toEqual({ record: key('key_1'), lastUsedAt: null });
      expect(await registry.key('other', 'key_1')).toBeNull();
      expect(await registry.key('acme', 'key_2')).toBeNull();
    });

    test('a change is allowed from exactly one version', async () => {
      await using it = await open();
      const { registry } = it.store;
      await registry.saveKey(key('key_1'));
      for (const version of [1, 3, 4]) {
        expect(await registry.saveKey(key('key_1', { version }))).toEqual({ kind: 'lost' });
      }
      expect(await registry.saveKey(key('key_2', { version: 2 }))).toEqual({ kind: 'lost' });
      expect(await registry.saveKey(key('key_1', { version: 2, tenant: 'other' }))).toEqual({ kind: 'lost' });
      const renamed = key('key_1', { version: 2, name: 'renamed' });
      expect(await registry.saveKey(renamed)).toEqual({ kind: 'saved' });
      expect(await registry.load()).toMatchObject({ revision: 2, keys: [renamed] });
    });

    test('a revoked key is not loaded any more, and stays in the list', async () => {
      await using it = await open();
      const { registry } = it.store;
      for (const id of ['key_1', 'key_2', 'key_3']) await registry.saveKey(key(id));
      await registry.saveKey(key('key_4', { tenant: 'other' }));
      const revoked = key('key_2', { version: 2, revokedAt: at(5), revokedBy: 'key_1' });
      expect(await registry.saveKey(revoked)).toEqual({ kind: 'saved' });
      const { keys, revision } = await registry.load();
      expect(keys.map((k) => k.id)).toEqual(['key_1', 'key_3', 'key_4']);
      expect(revision).toBe(5);
      const listed = await registry.keys('acme', 10);
      expect(listed.map((k) => k.record)).toEqual([key('key_3'), revoked, key('key_1')]);
      expect(await registry.keys('acme', 1)).toHaveLength(1);
    });

    test('its last use only ever gets later, and is no change of the registry', async () => {
      await using it = await open();
      const { registry } = it.store;
      await registry.saveKey(key('key_1'));
      await registry.touchKeys([
        { id: 'key_1', at: at(50) },
        { id: 'key_unheard', at: at(50) },
      ]);
      await registry.touchKeys([{ id: 'key_1', at: at(20) }]);
      expect(await registry.key('acme', 'key_1')).toMatchObject({ lastUsedAt: at(50) });
      expect(await registry.revision()).toBe(1);
      await registry.saveKey(key('key_1', { version: 2 }));
      expect(await registry.key('acme', 'key_1')).toMatchObject({ lastUsedAt: at(50) });
    });

    test('of ten changes at once, one is made', async () => {
      await using it = await open();
      const { registry } = it.store;
      await registry.saveKey(key('key_1'));
      const rivals = Array.from({ length: 10 }, (_, i) => key('key_1', { version: 2, name: `rival ${i}` }));
      const results = await Promise.all(rivals.map((rival) => registry.saveKey(rival)));
      expect(results.filter((result) => result.kind === 'saved')).toHaveLength(1);
      const winner = results.findIndex((result) => result.kind === 'saved');
      expect(await registry.key('acme', 'key_1')).toMatchObject({ record: { name: `rival ${winner}` } });
      expect(await registry.revision()).toBe(2);
    });
  });
}

function key(id: string, fields: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    tenant: 'acme',
    name: 'the key of a robot',
    grant: { scopes: ['tools:call'], read_only: false, tenant: 'acme', envs: ['prod'] },
    secrets: [
      { digest: `digest-of-${id}`, prefix: 'inv_abcd', lastFour: 'wxyz', createdAt: NOW, endsAt: null },
    ],
    version: 1,
    createdAt: NOW,
    createdBy: 'key_0',
    madeBy: ['key_0'],
    revokedAt: null,
    revokedBy: null,
    ...fields,
  };
}
