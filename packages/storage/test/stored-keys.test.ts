import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createManualClock } from '@invoke/testkit/fakes';
import { execution } from '@invoke/testkit/stores';
import type { Statement } from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { openSqliteConnection } from '../src/dialect/sqlite-connection.js';
import { createSqliteDialect } from '../src/dialect/sqlite.js';
import { openStore } from '../src/stores/store.js';
import { createTableNames } from '../src/tables.js';
import { temporaryFolder } from './support/open-sqlite.js';

/** More than are read before the store is open. */
const MANY = 2_500;

const digestOf = (i: number | string) => createHash('sha256').update(String(i)).digest('hex');
const keyed = (i: number) => execution({ id: `exec_${i}`, keyDigest: digestOf(i) });

async function open(folder: string) {
  const { file, db, close } = openSqliteConnection(join(folder, 'invoke.db'));
  const dialect = createSqliteDialect({ file, db, close }, createTableNames('invoke_'), createManualClock());
  return { store: await openStore(dialect), db };
}

test('a key that was stored by an earlier process is found from the first moment on, and a new one is not looked for', async () => {
  using folder = temporaryFolder();
  const before = await open(folder.path);
  await Promise.all(Array.from({ length: MANY }, (_, i) => before.store.executions.claim(keyed(i))));
  await before.store.close();

  const { store, db } = await open(folder.path);
  const all = await Promise.all(Array.from({ length: MANY }, (_, i) => store.executions.recall(digestOf(i))));
  expect(all.every(({ kind }) => kind === 'execution')).toBe(true);

  // Once everything is read, an absent key needs no look at the database.
  const looks = vi.spyOn(Object.getPrototypeOf(db.prepare('select 1')) as Statement, 'get');
  await vi.waitFor(async () => {
    looks.mockClear();
    const absent = Array.from({ length: 200 }, (_, i) => store.executions.recall(digestOf(`absent ${i}`)));
    expect(new Set((await Promise.all(absent)).map(({ kind }) => kind))).toEqual(new Set(['none']));
    expect(looks.mock.calls.length).toBeLessThan(10);
  });
  expect(await store.executions.recall(digestOf(1))).toMatchObject({ record: { id: 'exec_1' } });
  expect(looks).toHaveBeenCalled();
  await store.close();
});

test('a key is known as soon as it is claimed, frozen or put back, and a lost claim finds its winner', async () => {
  using folder = temporaryFolder();
  const { store } = await open(folder.path);
  expect(await store.executions.recall(digestOf(1))).toEqual({ kind: 'none' });
  const [first, second] = await Promise.all([
    store.executions.claim(keyed(1)),
    store.executions.claim({ ...keyed(1), id: 'exec_other' }),
  ]);
  expect([first.kind, second.kind]).toEqual(['claimed', 'execution']);
  expect(await store.executions.recall(digestOf(1))).toMatchObject({ record: { id: 'exec_1' } });
  await store.executions.reinstate(keyed(2), null);
  expect(await store.executions.recall(digestOf(2))).toMatchObject({ record: { id: 'exec_2' } });
  await store.close();
});
