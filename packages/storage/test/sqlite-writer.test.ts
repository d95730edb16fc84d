import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/open-sqlite.js';
import { createGroupCommit } from '../src/dialect/group-commit.js';
import type { GroupConnection } from '../src/dialect/run-together.js';
import { openSqliteConnection } from '../src/dialect/sqlite-connection.js';
import type { SqliteWriter } from '../src/dialect/sqlite-writer.js';
import type { Value, WriteAnswer } from '../src/dialect/writer-protocol.js';

/** A file with a table, and the writer thread on it. */
function openWriter(folder: string) {
  const connection = openSqliteConnection(join(folder, 'x.db'));
  connection.db.exec('create table t (k text primary key, v) strict'.replace(' strict', ''));
  const { writer } = connection;
  if (writer === undefined) throw new Error('a connection has a writer');
  const insert = (k: Value, v: Value) => ({ sql: 'insert into t values (?, ?)', values: [k, v] });
  const all = () => connection.db.prepare('select k, v from t order by rowid').raw().all();
  const exec = (sql: string) => connection.db.exec(sql);
  return { writer, insert, all, exec, close: () => writer.close().then(connection.close) };
}

test('the writer thread stores every value as it is', async () => {
  using folder = temporaryFolder();
  const { writer, insert, all, close } = openWriter(folder.path);
  const values: Value[] = [
    '',
    'plain',
    'äöü',
    '日本',
    '\u{1f600}',
    'a\u0000b',
    null,
    0,
    -1.5,
    2 ** 53 - 1,
    'x'.repeat(100_000),
  ];
  const answer = await writer.run(values.map((value, i) => insert(String(i), value)));
  expect(answer).toEqual({ kind: 'committed', changes: values.map(() => 1) });
  expect(all()).toEqual(values.map((value, i) => [String(i), value]));
  await close();
});

test('groups of any size are stored: many statements, long texts, and small ones again', async () => {
  using folder = temporaryFolder();
  const { writer, insert, all, close } = openWriter(folder.path);
  const many = Array.from({ length: 25_000 }, (_, i) => insert(`m${i}`, i));
  const long = [insert('long', '日'.repeat(2_000_000)), insert('wide', 'x'.repeat(2_000_000))];
  const groups = [[insert('a', 1)], many, long, [insert('b', 2)]];
  for (const group of groups) {
    expect(await writer.run(group)).toEqual({ kind: 'committed', changes: group.map(() => 1) });
  }
  expect(all()).toEqual(groups.flat().map(({ values }) => values));
  await close();
});

test('a group that cannot be handed over is refused, and nobody waits for its answer any more', async () => {
  using folder = temporaryFolder();
  const { writer, insert, close } = openWriter(folder.path);
  await writer.run([insert('a', 1)]);
  await expect(writer.run([insert('b', Symbol('no text') as unknown as Value)])).rejects.toThrow(TypeError);
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  await close();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('a statement that fails fails alone, the others are committed', async () => {
  using folder = temporaryFolder();
  const { writer, insert, all, close } = openWriter(folder.path);
  const answer = await writer.run([insert('a', 1), insert('a', 2), insert('b', 3)]);
  const failed = { code: 'SQLITE_CONSTRAINT_PRIMARYKEY', message: 'UNIQUE constraint failed: t.k' };
  expect(answer).toEqual({ kind: 'committed', changes: [1, failed, 1] });
  expect(all()).toEqual([
    ['a', 1],
    ['b', 3],
  ]);
  await close();
});

test('a group that cannot begin has written nothing and says why', async () => {
  using folder = temporaryFolder();
  const { writer, insert, all, close } = openWriter(folder.path);
  const other = new Database(join(folder.path, 'x.db'));
  other.exec('begin immediate');
  expect(await writer.run([insert('a', 1)])).toMatchObject({
    kind: 'failed',
    error: { code: 'SQLITE_BUSY' },
  });
  other.exec('rollback');
  other.close();
  expect(all()).toEqual([]);
  expect(await writer.run([insert('a', 1)])).toMatchObject({ kind: 'committed' });
  await close();
});

test('a statement that could not be prepared once is prepared again with the next group', async () => {
  using folder = temporaryFolder();
  const { writer, insert, all, exec, close } = openWriter(folder.path);
  const update = { sql: 'update t set v = ? where k = ?', values: [2, 'a'] };
  exec('alter table t rename to away');
  expect(await writer.run([insert('a', 1), update])).toMatchObject({ kind: 'failed' });
  exec('alter table away rename to t');
  expect(await writer.run([update])).toEqual({ kind: 'committed', changes: [0] });
  const again = await writer.run([insert('a', 1), update, insert('b', 1)]);
  expect(again).toEqual({ kind: 'committed', changes: [1, 1, 1] });
  expect(all()).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
  await close();
});

test('a closed writer refuses, and says so at once', async () => {
  using folder = temporaryFolder();
  const { writer, insert, close } = openWriter(folder.path);
  await writer.run([insert('a', 1)]);
  await close();
  await expect(writer.run([insert('b', 1)])).rejects.toThrow('the writer thread has ended');
});

/** A connection that writes down what is asked of it, and a writer that is answered by hand. */
function createFakes() {
  const log: string[] = [];
  let open = false;
  const connection: GroupConnection = {
    begin: () => void (log.push('begin'), (open = true)),
    commit: () => void (log.push('commit'), (open = false)),
    rollback: () => void (log.push('rollback'), (open = false)),
    inTransaction: () => open,
  };
  const flights: { size: number; resolve(answer: WriteAnswer): void; reject(error: Error): void }[] = [];
  const writer: SqliteWriter = {
    run: (writes) => new Promise((resolve, reject) => flights.push({ size: writes.length, resolve, reject })),
    close: () => Promise.resolve(),
  };
  const group = createGroupCommit(connection, writer);
  const add = (name: string) =>
    group.addWrite({
      sql: 'x',
      values: [name],
      read: (changes) => `${name}: ${changes}`,
      run: (again) => (log.push(again ? `${name} again` : name), `${name} here`),
    });
  return { log, flights, group, add, many: (n: number) => Array.from({ length: n }, (_, i) => add(`w${i}`)) };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('a large group goes to the writer; what is asked for meanwhile waits for it, whatever it is', async () => {
  const { log, flights, group, many } = createFakes();
  const first = many(8);
  await turn();
  expect(flights.map((f) => f.size)).toEqual([8]);
  const second = group.add(() => log.push('local'));
  await turn();
  expect(log).toEqual([]);
  flights[0]?.resolve({
    kind: 'committed',
    changes: [1, 1, 1, 1, 0, 1, 1, { code: 'X', message: 'its own fault' }],
  });
  const settled = await Promise.allSettled(first);
  expect(settled.map((s) => (s.status === 'fulfilled' ? s.value : s.reason.message))).toEqual(
    ['w0: 1', 'w1: 1', 'w2: 1', 'w3: 1', 'w4: 0', 'w5: 1', 'w6: 1', 'its own fault'], // prettier-ignore
  );
  await second;
  expect(log).toEqual(['begin', 'local', 'commit']);
});

test('while the writer is in use, a full group leaves at once, so that this thread and the writer work side by side', async () => {
  const { flights, many } = createFakes();
  const first = many(8);
  await turn();
  flights[0]?.resolve({ kind: 'committed', changes: first.map(() => 1) });
  await Promise.all(first);
  const second = many(32);
  expect(flights.map((f) => f.size)).toEqual([8, 32]);
  const third = many(32);
  await turn();
  expect(flights).toHaveLength(2);
  for (const [i, writes] of [second, third].entries()) {
    flights[i + 1]?.resolve({ kind: 'committed', changes: writes.map(() => 1) });
    await Promise.all(writes);
    await turn();
  }
  expect(flights.map((f) => f.size)).toEqual([8, 32, 32]);
});

test('where the answer of the writer is lost, each write is done again and may have been done before', async () => {
  const { log, flights, many } = createFakes();
  const writes = many(8);
  await turn();
  flights[0]?.reject(new Error('the writer thread has ended'));
  expect(await Promise.all(writes)).toEqual(Array.from({ length: 8 }, (_, i) => `w${i} here`));
  expect(log).toEqual(['begin', ...Array.from({ length: 8 }, (_, i) => `w${i} again`), 'commit']);
});

test('a group that was undone as a whole is tried one by one', async () => {
  const { log, flights, many } = createFakes();
  const writes = many(8);
  await turn();
  flights[0]?.resolve({ kind: 'undone', error: { code: 'SQLITE_FULL', message: 'disk full' } });
  await Promise.all(writes);
  expect(log.filter((line) => line === 'commit')).toHaveLength(8);
});

test('a flush that failed on the writer is the end of all writing', async () => {
  const { flights, group, many, add } = createFakes();
  const writes = Promise.allSettled(many(8));
  await turn();
  const waiting = add('waiting');
  flights[0]?.resolve({ kind: 'failed', error: { code: 'SQLITE_IOERR_FSYNC', message: 'disk I/O error' } });
  await expect(waiting).rejects.toThrow('failed to flush');
  const settled = await writes;
  expect(settled.every((s) => s.status === 'rejected')).toBe(true);
  expect(group.flaw).toContain('SQLITE_IOERR_FSYNC');
  await expect(add('later')).rejects.toThrow('failed to flush');
});

test('closing waits for the writer, and what is queued is still written', async () => {
  const { log, flights, group, add, many } = createFakes();
  const writes = many(8);
  await turn();
  const last = add('last');
  const closed = group.close();
  await turn();
  expect(log).toEqual([]);
  flights[0]?.resolve({ kind: 'committed', changes: writes.map(() => 1) });
  await closed;
  expect(await last).toBe('last here');
  await expect(add('late')).rejects.toThrow('closed');
});
