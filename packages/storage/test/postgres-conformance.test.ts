import { describeStore, describeStoreAgainstOracle } from '@invoke/testkit';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe } from 'vitest';
import { sharePostgresStore, type SharedPostgresStore } from './support/open-postgres.js';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres[Symbol.asyncDispose]());

describe.for([
  { isolation: 'read committed', seed: 100 },
  { isolation: 'serializable', seed: 200 },
])('$isolation', ({ isolation, seed }) => {
  let shared: SharedPostgresStore;

  beforeAll(async () => {
    const url = await postgres.createDatabase();
    const database = new URL(url).pathname.slice(1);
    await postgres.query(`alter database ${database} set default_transaction_isolation = '${isolation}'`);
    shared = await sharePostgresStore(url);
  });

  afterAll(() => shared[Symbol.asyncDispose]());

  describeStore(`Postgres, ${isolation}`, () => shared.open());
  describeStoreAgainstOracle(`Postgres, ${isolation}`, () => shared.open(), { seed, steps: 800 });
});
