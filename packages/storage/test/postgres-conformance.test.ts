import { describeStore, describeStoreAgainstOracle } from '@invoke/testkit';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll } from 'vitest';
import { openPostgres } from './support/open-postgres.js';

let postgres: TestPostgres;
const databases = { 'read committed': '', serializable: '' };

beforeAll(async () => {
  postgres = await startPostgres();
  for (const isolation of Object.keys(databases) as (keyof typeof databases)[]) {
    const url = await postgres.createDatabase();
    await postgres.query(
      `alter database ${new URL(url).pathname.slice(1)} set default_transaction_isolation = '${isolation}'`,
    );
    databases[isolation] = url;
  }
});

afterAll(() => postgres[Symbol.asyncDispose]());

describeStore('Postgres, read committed', () => openPostgres(databases['read committed']));
describeStore('Postgres, serializable', () => openPostgres(databases.serializable));

describeStoreAgainstOracle('Postgres, read committed', () => openPostgres(databases['read committed']), {
  seed: 100,
  steps: 800,
});
describeStoreAgainstOracle('Postgres, serializable', () => openPostgres(databases.serializable), {
  seed: 200,
  steps: 800,
});
