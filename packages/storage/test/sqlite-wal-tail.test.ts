import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execution } from '@invoke/testkit/stores';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createSqliteStore } from '../src/sqlite.js';
import { temporaryFolder } from './support/open-sqlite.js';

const GROUPS = 12;
const OF_EACH = 5;
const idOf = (group: number, i: number) => `exec_${group}_${i}`;

/**
 * What a crash would leave of a store that is open: its file and its log, copied after each group of writes was acknowledged.
 * Returns the size of the log after each group.
 */
async function crashAfterGroups(from: string, into: string): Promise<readonly number[]> {
  const store = await createSqliteStore({ dataDir: from });
  const sizes: number[] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const records = Array.from({ length: OF_EACH }, (_, i) => execution({ id: idOf(group, i) }));
    await Promise.all(records.map((record) => store.executions.claim(record)));
    sizes.push(statSync(join(from, 'invoke.db-wal')).size);
  }
  mkdirSync(into);
  for (const name of ['invoke.db', 'invoke.db-wal']) copyFileSync(join(from, name), join(into, name));
  await store.close();
  return sizes;
}

/** How many of each group are there after a start on what was left. */
async function startOn(dataDir: string): Promise<readonly number[]> {
  const store = await createSqliteStore({ dataDir });
  const found: number[] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const ids = Array.from({ length: OF_EACH }, (_, i) => idOf(group, i));
    const records = await Promise.all(ids.map((id) => store.executions.find('acme', id)));
    found.push(records.filter((record) => record !== null).length);
  }
  expect(await store.check()).toEqual({ ok: true });
  expect(await store.executions.claim(execution({ id: 'later' }))).toEqual({ kind: 'claimed' });
  await store.close();
  const db = new Database(join(dataDir, 'invoke.db'), { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
  return found;
}

const all = Array.from({ length: GROUPS }, () => OF_EACH);

test.for([
  {
    what: 'garbage behind it, as of a write that was cut off',
    damage: (wal: string) => writeFileSync(wal, Buffer.alloc(9_000, 0xa5), { flag: 'a' }),
  },
  {
    what: 'a copy of its last pages behind it, as of an older log that was longer',
    damage: (wal: string) => writeFileSync(wal, readFileSync(wal).subarray(-8_240), { flag: 'a' }),
  },
])('a log with $what: everything that was acknowledged is there', async ({ damage }) => {
  using folder = temporaryFolder();
  const left = join(folder.path, 'left');
  await crashAfterGroups(join(folder.path, 'data'), left);
  damage(join(left, 'invoke.db-wal'));
  expect(await startOn(left)).toEqual(all);
});

test('a log that is torn at any place: the groups before it are there, and none of them in part', async () => {
  using folder = temporaryFolder();
  const whole = join(folder.path, 'whole');
  const sizes = await crashAfterGroups(join(folder.path, 'data'), whole);
  const size = sizes.at(-1) as number;
  for (const [i, cut] of [1, 24, 2_000, 4_120, 12_000, size >> 1].entries()) {
    const torn = join(folder.path, `torn_${i}`);
    mkdirSync(torn);
    for (const name of ['invoke.db', 'invoke.db-wal']) copyFileSync(join(whole, name), join(torn, name));
    truncateSync(join(torn, 'invoke.db-wal'), size - cut);
    const kept = sizes.filter((end) => end <= size - cut).length;
    expect(await startOn(torn), `cut by ${cut}`).toEqual(all.map((n, group) => (group < kept ? n : 0)));
  }
});

test('a log with one byte that is not what was written: nothing after it is believed', async () => {
  using folder = temporaryFolder();
  const left = join(folder.path, 'left');
  const sizes = await crashAfterGroups(join(folder.path, 'data'), left);
  const wal = join(left, 'invoke.db-wal');
  const bytes = readFileSync(wal);
  const at = ((sizes[7] as number) + (sizes[8] as number)) >> 1;
  bytes[at] = (bytes[at] as number) ^ 0xff;
  writeFileSync(wal, bytes);
  expect(await startOn(left)).toEqual(all.map((n, group) => (group <= 7 ? n : 0)));
});
