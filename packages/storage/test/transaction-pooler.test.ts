import { describeStoreCore } from '@invoke/testkit';
import {
  startPostgres,
  startTransactionPooler,
  type TestPostgres,
  type TransactionPooler,
} from '@invoke/testkit/stores';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharePostgresStore, type SharedPostgresStore } from './support/open-postgres.js';

/** Everything that a store does, over server connections that change hands with every transaction. */
describe('through a pooler in transaction mode', () => {
  let postgres: TestPostgres;
  let pooler: TransactionPooler;
  let shared: SharedPostgresStore;

  beforeAll(async () => {
    // A server of our own: the pooler knows no other way to log in.
    postgres = await startPostgres({ max_connections: '40' });
    pooler = await startTransactionPooler(await postgres.createDatabase(), 3);
    shared = await sharePostgresStore(pooler.connectionString);
  });

  afterAll(async () => {
    await shared[Symbol.asyncDispose]();
    await pooler[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  describeStoreCore('Postgres, pooled', () => shared.open());

  test('it really changed hands, and nothing was asked for that a session has', () => {
    expect(pooler.moves).toBeGreaterThan(100);
    expect(pooler.breaches).toEqual([]);
  });

  test('the pooler would have told: a setting of a session does not survive', async () => {
    const client = new pg.Client(pooler.connectionString);
    await client.connect();
    await client.query('set statement_timeout = 12345');
    const { rows } = await client.query<{ statement_timeout: string }>('show statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '0' }]);
    await client.end();
  });
});
