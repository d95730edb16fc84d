import { execution } from '@invoke/testkit/stores';
import { createSqliteStore } from '../../src/sqlite.js';

/** Claims one execution after the other, eight at a time, and says so when each is acknowledged; until it is killed. */
const store = await createSqliteStore({ file: process.argv[2] as string });
process.stdout.write(`open ${process.pid}\n`);
let n = 0;
async function claimForEver(): Promise<never> {
  for (;;) {
    n += 1;
    const id = `exec_${n}`;
    await store.executions.claim(execution({ id }));
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, claimForEver));
