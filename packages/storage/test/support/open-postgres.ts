import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenStore } from '@invoke/testkit';
import pg from 'pg';
import { createPostgresStore } from '../../src/postgres.js';
import { createTableNames } from '../../src/tables.js';

export interface SharedPostgresStore extends AsyncDisposable {
  /** Hands out the store; disposing of that empties it for the next test, which is far quicker than making another one. */
  readonly open: OpenStore;
}

export async function sharePostgresStore(connectionString: string): Promise<SharedPostgresStore> {
  const store = await createPostgresStore({ connectionString });
  const client = new pg.Client(connectionString);
  await client.connect();
  const { schema: _, ...tables } = createTableNames('invoke_');
  const empty = Object.values(tables)
    .map((table) => `delete from ${table}`)
    .join('; ');
  return {
    open: async () => ({
      store,
      soleOwner: false,
      elapse: (ms) => sleep(ms),
      async [Symbol.asyncDispose]() {
        await store.traces.flush();
        await client.query(empty);
      },
    }),
    async [Symbol.asyncDispose]() {
      await client.end();
      await store.close();
    },
  };
}
