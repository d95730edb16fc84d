import { describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../domain/access/key-record.js';
import { fullAccess } from '../../domain/access/to-principal.js';
import { epochMs, type EpochMs } from '../../domain/time.js';
import { createSystemDigest } from '../system/system-digest.js';
import { withStoredKeys } from './stored-keys.js';

const digest = createSystemDigest('secret of the tests');

function record(secret: string, endsAt: EpochMs | null = null): KeyRecord {
  const kept = {
    digest: digest.sha256(secret),
    prefix: 'inv_',
    lastFour: 'last',
    createdAt: epochMs(0),
    endsAt,
  };
  return {
    id: `key_of_${secret}`,
    tenant: 'default',
    name: 'robot',
    grant: { scopes: ['tools:call'], read_only: false, tenant: 'default' },
    secrets: [kept],
    version: 1,
    createdAt: epochMs(0),
    createdBy: 'key_0',
    madeBy: ['key_0'],
    revokedAt: null,
    revokedBy: null,
  };
}

function ringOf(more: { fresh?: () => Promise<void> | null; records?: () => readonly KeyRecord[] } = {}) {
  const used: string[] = [];
  const ring = withStoredKeys({
    configured: {
      find: (raw) => (raw === 'inv_configured' ? fullAccess('key_c') : null),
      byId: (id) => (id === 'key_c' ? fullAccess('key_c') : null),
    },
    records: () => [],
    fresh: () => null,
    clock: { now: () => epochMs(1_000) },
    digest,
    used: (id) => void used.push(id),
    ...more,
  });
  return { ring, used };
}

describe('stored keys', () => {
  test('a stored key is found by its secret, one of the configuration as before', async () => {
    const records = [record('inv_stored')];
    const { ring, used } = ringOf({ records: () => records });
    expect(await ring.find('inv_stored')).toMatchObject({ keyId: 'key_of_inv_stored', madeBy: ['key_0'] });
    expect(await ring.find('inv_configured')).toMatchObject({ keyId: 'key_c' });
    expect(await ring.find('inv_other')).toBeNull();
    expect(await ring.byId('key_of_inv_stored')).not.toBeNull();
    expect(used).toEqual(['key_of_inv_stored']);
  });

  test('a secret that a rotation has ended opens nothing', async () => {
    const records = [record('inv_before', epochMs(1_000)), record('inv_still', epochMs(1_001))];
    const { ring } = ringOf({ records: () => records });
    expect([await ring.find('inv_before'), await ring.find('inv_still')].map((p) => p !== null)).toEqual([
      false,
      true,
    ]);
  });

  test('a key without a secret that opens anything stands for nobody', async () => {
    const records = [record('inv_before', epochMs(1_000)), record('inv_still', epochMs(1_001))];
    const { ring } = ringOf({ records: () => records });
    expect(await ring.byId('key_of_inv_before')).toBeNull();
    expect(await ring.byId('key_of_inv_still')).not.toBeNull();
  });

  test('what was revoked meanwhile is asked for before anybody is let in', async () => {
    let records = [record('inv_stored')];
    const revoke = async () => {
      records = [];
    };
    const { ring } = ringOf({ records: () => records, fresh: revoke });
    expect(await ring.find('inv_stored')).toBeNull();
  });

  test('where nobody can be asked, no stored key is let in, and the configured ones are', async () => {
    const records = [record('inv_stored')];
    const { ring } = ringOf({
      records: () => records,
      fresh: () => Promise.reject(new Error('no database')),
    });
    await expect(ring.find('inv_stored')).rejects.toThrow('no database');
    expect(await ring.find('inv_configured')).not.toBeNull();
  });
});
