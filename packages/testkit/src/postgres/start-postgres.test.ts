import { expect, test } from 'vitest';
import { startPostgres } from './start-postgres.js';

test('a server of our own: fresh databases, a crash, another start, and nothing left at the end', async () => {
  // A setting of its own keeps it from using a server that is already there.
  const postgres = await startPostgres({ max_connections: '20' });
  const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
  expect(one).not.toBe(other);
  await postgres.query('create table kept as select 1 as n', one);
  expect(await postgres.query('show max_connections')).toEqual([{ max_connections: '20' }]);
  await expect(postgres.query('select n from kept', other)).rejects.toThrow(/does not exist/);

  const first = postgres.control?.pid as number;
  await postgres.control?.stop('immediate');
  expect(() => process.kill(first, 0)).toThrow(/ESRCH/);
  await postgres.control?.start();
  const second = postgres.control?.pid as number;
  expect(second).not.toBe(first);
  expect(await postgres.query('select n from kept', one)).toEqual([{ n: 1 }]);

  await postgres[Symbol.asyncDispose]();
  expect(() => process.kill(second, 0)).toThrow(/ESRCH/);
  expect(() => postgres.control?.pid).toThrow(/ENOENT/);
});
