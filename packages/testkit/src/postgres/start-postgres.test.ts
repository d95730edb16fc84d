import { expect, test } from 'vitest';
import { startPostgres } from './start-postgres.js';

test('a server of our own: fresh databases, a crash, and another start', async () => {
  // A setting of its own keeps it from using a server that is already there.
  await using postgres = await startPostgres({ max_connections: '20' });
  const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
  expect(one).not.toBe(other);
  await postgres.query('create table kept as select 1 as n', one);
  expect(await postgres.query('show max_connections')).toEqual([{ max_connections: '20' }]);
  await expect(postgres.query('select n from kept', other)).rejects.toThrow(/does not exist/);

  const before = postgres.control?.pid as number;
  await postgres.control?.stop('immediate');
  expect(() => process.kill(before, 0)).toThrow(/ESRCH/);
  await postgres.control?.start();
  expect(postgres.control?.pid).not.toBe(before);
  expect(await postgres.query('select n from kept', one)).toEqual([{ n: 1 }]);
});

test('nothing is left of it', async () => {
  const postgres = await startPostgres({ max_connections: '20' });
  const pid = postgres.control?.pid as number;
  await postgres[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect(() => postgres.control?.pid).toThrow(/ENOENT/);
});
