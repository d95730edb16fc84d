import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreUnderTest } from '@invoke/testkit';
import { createPostgresStore } from '../../src/postgres.js';

/** A store of its own in a database that is shared: every store has its own tables. */
export async function openPostgres(connectionString: string): Promise<StoreUnderTest> {
  const tablePrefix = `t${randomBytes(4).toString('hex')}_`;
  const store = await createPostgresStore({ connectionString, tablePrefix });
  return {
    store,
    soleOwner: false,
    elapse: (ms) => sleep(ms),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
