import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreUnderTest } from '@invoke/testkit';
import { createManualClock } from '@invoke/testkit/fakes';
import { createSqliteStore } from '../../src/sqlite.js';

/** A folder that goes when it is disposed of. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'invoke-storage-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export async function openSqlite(): Promise<StoreUnderTest> {
  const folder = temporaryFolder();
  const clock = createManualClock();
  const store = await createSqliteStore({ dataDir: folder.path, clock });
  return {
    store,
    soleOwner: true,
    elapse: (ms) => clock.advance(ms),
    async [Symbol.asyncDispose]() {
      await store.close();
      folder[Symbol.dispose]();
    },
  };
}
