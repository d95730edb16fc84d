import { statSync } from 'node:fs';
import { createSqliteStore } from '@invoke/storage/sqlite';
import { execution, move } from '@invoke/testkit/stores';

/**
 * Claims executions and completes them, many at a time so that the store's writer thread has its share, on the real store,
 * until it is killed. Each acknowledged write is a line: what was written, and how long the log of the database was when that
 * was acknowledged. `TOO_EARLY` says that a write is acknowledged before it is, for a test of the test.
 */
const file = process.argv[2] as string;
const early = process.env['TOO_EARLY'] !== undefined;

const store = await createSqliteStore({ file });
process.stdout.write('open\n');
let n = 0;

function tell(state: string, id: string): void {
  process.stdout.write(`${state} ${id} ${statSync(`${file}-wal`).size}\n`);
}

async function write(state: string, id: string, work: () => Promise<unknown>): Promise<void> {
  if (early) tell(state, id);
  await work();
  if (!early) tell(state, id);
}

async function callForEver(): Promise<never> {
  for (;;) {
    n += 1;
    const record = execution({ id: `exec_${n}` });
    await write('running', record.id, () => store.executions.claim(record));
    await write('completed', record.id, () => store.executions.transition(move(record, 'completed')));
  }
}
await Promise.all(Array.from({ length: 16 }, callForEver));
