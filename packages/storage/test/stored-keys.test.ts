import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createManualClock } from '@invoke/testkit/fakes';
import { execution } from '@invoke/testkit/stores';
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
  return openStore(dialect);
}

test('a key that was stored by an earlier process is found from the first moment on, and a new one is known to be new', async () => {
  using folder = temporaryFolder();
  const before = await open(folder.path);
  await Promise.all(Array.from({ length: MANY }, (_, i) => before.executions.claim(keyed(i))));
  await before.close();

  const store = await open(folder.path);
  const all = await Promise.all(Array.from({ length: MANY }, (_, i) => store.executions.recall(digestOf(i))));
  expect(all.every(({ kind }) => kind === 'execution')).toBe(true);

  expect(all.map((_, i) => store.executions.foresee(digestOf(i)))).not.toContain('absent');
  // Once everything is read, hardly any new key is taken for one that may be stored.
  await vi.waitFor(() => {
    const others = Array.from({ length: 200 }, (_, i) => store.executions.foresee(digestOf(`other ${i}`)));
    expect(others.filter((foresight) => foresight !== 'absent').length).toBeLessThan(10);
  });
  await store.close();
});

test('a key is known as soon as it is claimed or put back, and a lost claim finds its winner', async () => {
  using folder = temporaryFolder();
  const store = await open(folder.path);
  expect(store.executions.foresee(digestOf(1))).toBe('absent');
  const [first, second] = await Promise.all([
    store.executions.claim(keyed(1)),
    store.executions.claim({ ...keyed(1), id: 'exec_other' }),
  ]);
  expect([first.kind, second.kind]).toEqual(['claimed', 'execution']);
  expect(await store.executions.recall(digestOf(1))).toMatchObject({ record: { id: 'exec_1' } });
  await store.executions.reinstate(keyed(2), null);
  expect([1, 2].map((i) => store.executions.foresee(digestOf(i)))).toEqual(['perhaps', 'perhaps']);
  await store.close();
});
