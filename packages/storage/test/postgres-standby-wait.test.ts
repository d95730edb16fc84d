import { setTimeout as sleep } from 'node:timers/promises';
import { execution, move, startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../src/postgres.js';

/**
 * A commit waits for a synchronous standby that does not come, and somebody breaks the wait: the row is there for everybody to
 * see, and the standby does not have it. A failover would lose it, so nobody may be told of it yet.
 */
let postgres: TestPostgres;

beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '40' });
});

afterAll(() => postgres[Symbol.asyncDispose]());

/** From now on every commit waits for a standby of this name; '': for none. */
async function waitFor(standby: string): Promise<void> {
  await postgres.query(`alter system set synchronous_standby_names = '${standby}'`);
  await postgres.query('select pg_reload_conf()');
  const setting = async () => (await postgres.query(`show synchronous_standby_names`))[0];
  await expect.poll(setting).toEqual({ synchronous_standby_names: standby });
}

/** Sessions whose commit waits for the standby now. */
async function waiting(): Promise<readonly number[]> {
  const rows = await postgres.query(`select pid from pg_stat_activity where wait_event = 'SyncRep'`);
  return rows.map((row) => Number(row['pid']));
}

async function breakWait(how: BreakWait, pid: number): Promise<void> {
  await postgres.query(`select ${how}(${pid})`);
}

const BREAKS = ['pg_cancel_backend', 'pg_terminate_backend'] as const;
type BreakWait = (typeof BREAKS)[number];

async function openStore() {
  const store = await createPostgresStore({ connectionString: await postgres.createDatabase() });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

type Store = Awaited<ReturnType<typeof openStore>>;

const record = execution({ id: 'exec_1' });

const WRITES: Readonly<
  Record<string, { prepare(s: Store): unknown; write(s: Store): Promise<unknown>; expected: unknown }>
> = {
  claim: {
    prepare: () => undefined,
    write: (store) => store.executions.claim(record),
    expected: { kind: 'claimed' },
  },
  transition: {
    prepare: (store) => store.executions.claim(record),
    write: (store) => store.executions.transition(move(record, 'completed')),
    expected: { kind: 'moved' },
  },
  'take-over': {
    prepare: (store) => store.executions.claim(execution({ id: 'exec_1', owner: 'dead' })),
    write: (store) => store.executions.takeOver('me', 'sweep', 10),
    expected: [expect.objectContaining({ id: 'exec_1', owner: 'me', epoch: 1 })],
  },
};

describe('a wait for the synchronous standby that is broken', () => {
  beforeEach(() => () => waitFor(''));

  const cells = Object.keys(WRITES).flatMap((write) => BREAKS.map((how) => ({ write, how })));
  test.for(cells)('$write, $how: answered only when the standby has it', async ({ write: name, how }) => {
    await using store = await openStore();
    const { prepare, write, expected } = WRITES[name]!;
    await prepare(store);
    await waitFor('nobody');
    let answered = false;
    const result = write(store).finally(() => (answered = true));
    await expect.poll(waiting).toHaveLength(1);
    const [pid = 0] = await waiting();
    await breakWait(how, pid);
    // It waits again, on another connection, for a commit that comes after the one whose wait was broken.
    await expect.poll(async () => (await waiting()).filter((other) => other !== pid)).toHaveLength(1);
    await sleep(100);
    expect(answered).toBe(false);
    await waitFor('');
    expect(await result).toEqual(expected);
  });

  /** Cancels every wait until the write gives up. */
  async function breakUntilRefused(result: Promise<unknown>): Promise<unknown> {
    const end = result.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const patience = new AbortController();
    void end.then(() => patience.abort());
    while (!patience.signal.aborted) {
      for (const pid of await waiting()) await breakWait('pg_cancel_backend', pid);
      await sleep(50);
    }
    return end;
  }

  test('again and again: refused; repeated with the same words, it waits, and is told that it was made', async () => {
    await using store = await openStore();
    await store.executions.claim(record);
    await waitFor('nobody');
    const step = move(record, 'completed');
    const refused = await breakUntilRefused(store.executions.transition(step));
    expect(refused).toMatchObject({ error: { name: 'StorageUnavailable' } });
    const repeated = store.executions.transition(step);
    await expect.poll(waiting).toHaveLength(1);
    await waitFor('');
    expect(await repeated).toEqual({ kind: 'moved' });
    // Only the one whose answer was lost: whoever comes later has come too late.
    expect(await store.executions.transition(step)).toEqual({ kind: 'lost' });
  }, 20_000);

  test('again and again, of a new call: refused, and not taken for written', async () => {
    await using store = await openStore();
    await waitFor('nobody');
    const refused = await breakUntilRefused(store.executions.claim(record));
    expect(refused).toMatchObject({ error: { name: 'StorageUnavailable' } });
  }, 20_000);
});
