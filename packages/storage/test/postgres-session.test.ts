import { startPostgres, startTransactionPooler, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSessions, type PostgresSessions } from '../src/dialect/postgres-sessions.js';

let postgres: TestPostgres;
let connectionString: string;
let sessions: PostgresSessions;

beforeAll(async () => {
  postgres = await startPostgres();
  connectionString = await postgres.createDatabase();
  sessions = createPostgresSessions({ connectionString, connections: 1, log: undefined });
});

afterAll(async () => {
  await sessions.close();
  await postgres[Symbol.asyncDispose]();
});

const DOUBLE = 'select 2 * $1::int as n';
const double = (n: number) => sessions.use('hot', (session) => session.repeat(DOUBLE, [n]));
const onTheHotOne = (text: string) => sessions.use('hot', (session) => session.query(text));
const named = () => onTheHotOne(`select name from pg_prepared_statements where name like 'invoke%'`);

test('on a session of its own a repeated statement is parsed once, and planned for its values each time', async () => {
  expect(await double(1)).toEqual([{ n: 2 }]);
  for (let n = 2; n < 10; n++) expect(await double(n)).toEqual([{ n: 2 * n }]);
  const [counted] = await onTheHotOne(
    `select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements where name like 'invoke%'`,
  );
  expect(counted).toEqual({ custom: 9, generic: 0 });
});

test('a statement that the session has forgotten is sent as it is, and from then on all are', async () => {
  await double(1);
  await onTheHotOne('deallocate all');
  expect(await double(4)).toEqual([{ n: 8 }]);
  expect(await double(5)).toEqual([{ n: 10 }]);
  expect(await named()).toEqual([]);
});

test('a table that gains a column between two of them is read with it', async () => {
  const own = createPostgresSessions({ connectionString, connections: 1, log: undefined });
  const read = () => own.use('hot', (session) => session.repeat('select * from grows where a > $1', [0]));
  await own.use('cold', (session) => session.query('create table grows as select 1 as a'));
  expect(await read()).toEqual([{ a: 1 }]);
  await own.use('cold', (session) => session.query('alter table grows add column b int default 2'));
  expect(await read()).toEqual([{ a: 1, b: 2 }]);
  await own.close();
});

test('what is wrong with a statement itself is said once', async () => {
  const own = createPostgresSessions({ connectionString, connections: 1, log: undefined });
  const failing = own.use('hot', (session) => session.repeat('select 1 / $1::int', [0]));
  await expect(failing).rejects.toMatchObject({ kind: 'statement', cause: { code: '22012' } });
  await own.close();
});

test('behind a pooler nothing is named, and nothing is set', async () => {
  await using pooler = await startTransactionPooler(connectionString, 1);
  const pooled = createPostgresSessions({
    connectionString: pooler.connectionString,
    connections: 1,
    log: undefined,
  });
  const asked = await pooled.use('hot', async (session) => {
    await session.repeat(DOUBLE, [1]);
    return [await session.repeat(DOUBLE, [2]), await session.query('show plan_cache_mode')];
  });
  expect(asked).toEqual([[{ n: 4 }], [{ plan_cache_mode: 'auto' }]]);
  expect(pooler.breaches).toEqual([]);
  await pooled.close();
});
