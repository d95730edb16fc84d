import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { isLive, withNewSecret, type KeyRecord, type KeySecret } from './key-record.js';
import { toKeyView } from './to-key-view.js';

const at = (ms: number) => epochMs(1_000_000 + ms);

function secret(digest: string, createdAt: number, endsAt: number | null = null): KeySecret {
  return {
    digest,
    prefix: 'inv_abcd',
    lastFour: 'wxyz',
    createdAt: at(createdAt),
    endsAt: endsAt === null ? null : at(endsAt),
  };
}

const KEY: KeyRecord = {
  id: 'key_1',
  tenant: 'default',
  name: 'robot',
  grant: { scopes: [], read_only: false, tenant: 'default' },
  secrets: [secret('first', 0)],
  version: 1,
  createdAt: at(0),
  createdBy: 'key_0',
  madeBy: ['key_0'],
  revokedAt: null,
  revokedBy: null,
};

const rotate = (record: KeyRecord, fresh: KeySecret, endsAt: number, toldTo: readonly string[] = ['key_0']) =>
  withNewSecret(record, { secret: fresh, overlapEndsAt: at(endsAt), toldTo });

test('a rotation lets the secret of before live on for the overlap, and not longer', () => {
  const rotated = rotate(KEY, secret('second', 100), 500);
  expect(rotated).toEqual({ ...KEY, version: 2, secrets: [secret('second', 100), secret('first', 0, 500)] });
  const [second, first] = rotated.secrets as [KeySecret, KeySecret];
  expect([499, 500].map((ms) => isLive(first, at(ms)))).toEqual([true, false]);
  expect(isLive(second, at(1e9))).toBe(true);
});

test('never more than two: the third ends the first, also within its overlap', () => {
  const twice = rotate(rotate(KEY, secret('second', 100), 500), secret('third', 200), 900);
  expect(twice.secrets).toEqual([secret('third', 200), secret('second', 100, 900)]);
});

test('without an overlap the secret of before is gone at once', () => {
  expect(rotate(KEY, secret('second', 100), 100).secrets).toEqual([secret('second', 100)]);
});

test('who is told the secret of a key by rotating it stands behind it from then on', () => {
  const by = (toldTo: readonly string[]) => rotate(KEY, secret('second', 100), 500, toldTo).madeBy;
  expect(by(['key_9', 'key_8'])).toEqual(['key_0', 'key_9', 'key_8']);
  expect(by(['key_0'])).toEqual(['key_0']);
  expect(by(['key_0', KEY.id])).toEqual(['key_0']);
});

test('what is shown of a key has no digest, and only secrets that work', () => {
  const rotated = rotate(KEY, secret('second', 100), 500);
  const view = toKeyView(rotated, at(50), at(600));
  expect(JSON.stringify(view)).not.toMatch(/first|second/);
  expect(view.secrets).toHaveLength(1);
  expect(view).toMatchObject({ state: 'active', last_used_at: at(50), created_by: 'key_0' });
  const expired = { ...KEY, grant: { ...KEY.grant, expires_at: new Date(at(10)).toISOString() } };
  expect([9, 10].map((ms) => toKeyView(expired, null, at(ms)).state)).toEqual(['active', 'expired']);
  expect(toKeyView({ ...KEY, revokedAt: at(1) }, null, at(2)).state).toBe('revoked');
});
