import { StorageUnavailable } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import { createGroupCommit } from '../src/dialect/group-commit.js';
import type { GroupConnection } from '../src/dialect/run-together.js';

/** A connection that writes down what is asked of it and fails where it is told to. */
function createConnection(fails: { commit?: Error; begin?: Error } = {}) {
  const log: string[] = [];
  let open = false;
  const connection: GroupConnection = {
    begin() {
      if (fails.begin !== undefined) throw fails.begin;
      open = true;
      log.push('begin');
    },
    commit() {
      if (fails.commit !== undefined) throw fails.commit;
      open = false;
      log.push('commit');
    },
    rollback() {
      open = false;
      log.push('rollback');
    },
    inTransaction: () => open,
  };
  return { connection, log, fails, breakOff: () => (open = false) };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test('what is asked for in one turn is one transaction', async () => {
  const { connection, log } = createConnection();
  const group = createGroupCommit(connection, null);
  const results = await Promise.all([1, 2, 3].map((n) => group.add(() => log.push(`work ${n}`) && n)));
  expect(results).toEqual([1, 2, 3]);
  expect(log).toEqual(['begin', 'work 1', 'work 2', 'work 3', 'commit']);
});

test('nothing is acknowledged before the commit', async () => {
  const { connection, log } = createConnection();
  const group = createGroupCommit(connection, null);
  await Promise.all([group.add(() => 1).then(() => log.push('told')), group.add(() => 2)]);
  expect(log).toEqual(['begin', 'commit', 'told']);
});

test('a commit that fails fails for all, and the next group is tried again', async () => {
  const { connection, log, fails } = createConnection({ commit: failure('SQLITE_FULL') });
  const group = createGroupCommit(connection, null);
  const results = await Promise.allSettled([group.add(() => 1), group.add(() => 2)]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  expect(results[0]).toMatchObject({ reason: { name: 'StorageUnavailable', message: 'SQLITE_FULL' } });
  expect(log).toEqual(['begin', 'rollback']);
  delete fails.commit;
  expect(await group.add(() => 3)).toBe(3);
});

test('a transaction that cannot begin fails for all', async () => {
  const { connection } = createConnection({ begin: failure('SQLITE_BUSY') });
  const group = createGroupCommit(connection, null);
  const results = await Promise.allSettled([group.add(() => 1), group.add(() => 2)]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
});

test('where a failure takes the transaction with it, each is tried again alone', async () => {
  const { connection, log, breakOff } = createConnection();
  const group = createGroupCommit(connection, null);
  const results = await Promise.allSettled([
    group.add(() => log.push('a')),
    group.add(() => {
      breakOff();
      throw failure('SQLITE_FULL');
    }),
    group.add(() => log.push('c')),
  ]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log).toEqual(['begin', 'a', 'begin', 'a', 'commit', 'begin', 'begin', 'c', 'commit']);
});

test('after a failed flush of the disk nothing is written any more', async () => {
  const { connection, log, fails } = createConnection({ commit: failure('SQLITE_IOERR_FSYNC') });
  const group = createGroupCommit(connection, null);
  await expect(group.add(() => 1)).rejects.toThrow(StorageUnavailable);
  delete fails.commit;
  await expect(group.add(() => 2)).rejects.toThrow(
    'The disk failed to flush (SQLITE_IOERR_FSYNC): restart after checking the disk.',
  );
  expect(group.flaw).toContain('SQLITE_IOERR_FSYNC');
  expect(log).toEqual(['begin', 'rollback']);
});

test('hooks come before the commit and may add to it; close commits what is queued and ends', async () => {
  const { connection, log } = createConnection();
  const group = createGroupCommit(connection, null);
  group.beforeCommit(() => {
    if (log.length === 0) void group.add(() => log.push('rider'));
  });
  await group.add(() => log.push('work'));
  expect(log).toEqual(['begin', 'work', 'rider', 'commit']);
  const last = group.add(() => 'last');
  group.close();
  expect(await last).toBe('last');
  await expect(group.add(() => 1)).rejects.toThrow('The database is closed.');
});
