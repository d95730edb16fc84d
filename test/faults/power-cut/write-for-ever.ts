import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createSqliteStore } from '@invoke/storage/sqlite';
import { execution, move } from '@invoke/testkit/stores';

/**
 * Claims executions and completes them, eight at a time, on the real store, until it is killed. Each acknowledged write is a
 * line: what was written, and how long the log of the database was when that was acknowledged.
 *
 * Two ways to be wrong, for the tests of the tests: `SYNCHRONOUS` takes that setting from the store behind its back, and
 * `TOO_EARLY` says that a write is acknowledged before it is.
 */
const file = process.argv[2] as string;
const early = process.env['TOO_EARLY'] !== undefined;
const weaker = process.env['SYNCHRONOUS'];
if (weaker !== undefined) weaken(weaker);

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
await Promise.all(Array.from({ length: 8 }, callForEver));

function weaken(setting: string): void {
  type Pragma = (this: unknown, source: string, options?: { readonly simple?: boolean }) => unknown;
  const requireThere = createRequire(import.meta.resolve('@invoke/storage/sqlite'));
  const { prototype } = requireThere('better-sqlite3') as { prototype: { pragma: Pragma } };
  const { pragma } = prototype;
  prototype.pragma = function (source, options) {
    if (source === 'synchronous = FULL') return pragma.call(this, `synchronous = ${setting}`);
    return source === 'synchronous' ? 2 : pragma.call(this, source, options);
  };
}
