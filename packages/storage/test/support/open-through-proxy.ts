import type { TestPostgres } from '@invoke/testkit/stores';
import { createPostgresStore } from '../../src/postgres.js';
import type { DatabaseStore } from '../../src/stores/store.js';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.js';

export interface Broken extends AsyncDisposable {
  readonly url: string;
  readonly store: DatabaseStore;
  readonly proxy: CuttingProxy;
}

/** A store on a database of its own, whose connections can be cut. */
export async function openThroughProxy(postgres: TestPostgres): Promise<Broken> {
  const url = await postgres.createDatabase();
  const proxy = await startCuttingProxy(url);
  const store = await createPostgresStore({ connectionString: proxy.connectionString });
  return {
    url,
    store,
    proxy,
    async [Symbol.asyncDispose]() {
      await store.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
