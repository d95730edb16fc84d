import { setTimeout as sleep } from 'node:timers/promises';
import { StorageUnavailable } from '@invoke/core/ports';
import { NEVER, type DurationMs } from '@invoke/core/domain';
import {
  execution,
  incarnation,
  move,
  page,
  provider,
  startPostgres,
  tool,
  trace,
  tracePage,
  type TestPostgres,
} from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../src/postgres.js';
import { openThroughProxy } from './support/open-through-proxy.js';

let postgres: TestPostgres;

beforeAll(async () => {
  // A setting of its own makes it a server of its own, which may be broken.
  postgres = await startPostgres({ max_connections: '60' });
});

afterAll(() => postgres[Symbol.asyncDispose]());

const CLAIM = 'insert into "invoke_executions"';
const TRANSITION = 'update "invoke_executions"';

describe('a connection that breaks around a write', () => {
  test.for(['before', 'after', 'meanwhile'] as const)('claim, broken %s: claimed, once', async (cut) => {
    await using it = await openThroughProxy(postgres);
    const record = execution({ id: 'exec_1' });
    const broken = it.proxy.cutNext(CLAIM, cut);
    expect(await it.store.executions.claim(record)).toEqual({ kind: 'claimed' });
    await broken;
    expect(await it.store.executions.find('acme', 'exec_1')).toEqual(record);
    const other = await it.store.executions.claim(execution({ id: 'exec_2', keyDigest: record.keyDigest }));
    expect(other).toMatchObject({ kind: 'execution', record: { id: 'exec_1' } });
  });

  test.for(['before', 'after', 'meanwhile'] as const)('transition, broken %s: moved, once', async (cut) => {
    await using it = await openThroughProxy(postgres);
    const record = execution({ id: 'exec_1' });
    await it.store.executions.claim(record);
    const broken = it.proxy.cutNext(TRANSITION, cut);
    expect(await it.store.executions.transition(move(record, 'completed'))).toEqual({ kind: 'moved' });
    await broken;
    expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
  });

  test('a claim that lost its key to another gateway meanwhile is not taken for its own', async () => {
    await using it = await openThroughProxy(postgres);
    await using rival = await openRival(it.url);
    const winner = execution({ id: 'exec_rival', keyDigest: 'one' });
    const broken = it.proxy.cutNext(CLAIM, 'before').then(() => rival.store.executions.claim(winner));
    const result = await it.store.executions.claim(execution({ id: 'exec_1', keyDigest: 'one' }));
    // Whoever came first: there is one execution, and both know which.
    const expected = (await broken).kind === 'claimed' ? 'execution' : 'claimed';
    expect(result.kind).toBe(expected);
    expect(await it.store.executions.list(page())).toHaveLength(1);
  });

  test('a transition that another gateway made meanwhile is lost', async () => {
    await using it = await openThroughProxy(postgres);
    await using rival = await openRival(it.url);
    const record = execution({ id: 'exec_1', owner: 'dead' });
    await it.store.executions.claim(record);
    const lock = holdRow(it.url, 'exec_1');
    await lock.held;
    const broken = it.proxy.cutNext(TRANSITION, 'before');
    const result = it.store.executions.transition(move(record, 'completed', { token: 'mine' }));
    await broken;
    await lock.release(
      `update invoke_executions set epoch = 1, seq = 1, token = 'theirs' where id = 'exec_1'`,
    );
    expect(await result).toEqual({ kind: 'lost' });
    expect(await rival.store.executions.find('acme', 'exec_1')).toMatchObject({
      state: 'running',
      token: 'theirs',
    });
  });

  test('of a group that breaks after its commit, every item gets its own answer', async () => {
    await using it = await openThroughProxy(postgres);
    const records = Array.from({ length: 40 }, (_, i) => execution({ id: `exec_${i}` }));
    await Promise.all(records.map((record) => it.store.executions.claim(record)));
    const broken = it.proxy.cutNext(TRANSITION, 'after');
    const steps = records.map((record, i) => move(i % 4 === 0 ? { ...record, seq: 5 } : record, 'completed'));
    const results = await Promise.all(steps.map((step) => it.store.executions.transition(step)));
    await broken;
    expect(results.map((result) => result.kind)).toEqual(
      records.map((_, i) => (i % 4 === 0 ? 'lost' : 'moved')),
    );
  });

  test('take-over, broken after its commit: the orphans are handed out all the same', async () => {
    await using it = await openThroughProxy(postgres);
    await it.store.executions.claim(execution({ id: 'exec_1', owner: 'dead' }));
    const broken = it.proxy.cutNext('commit\0', 'after');
    const taken = await it.store.executions.takeOver('me', 'sweep', 10);
    await broken;
    expect(taken).toMatchObject([{ id: 'exec_1', owner: 'me', epoch: 1, seq: 1 }]);
  });

  test('an orphan that another gateway takes over meanwhile is left to it', async () => {
    await using it = await openThroughProxy(postgres);
    await it.store.executions.claim(execution({ id: 'exec_1', owner: 'dead' }));
    const lock = holdRow(it.url, 'exec_1');
    await lock.held;
    const sweep = it.store.executions.takeOver('me', 'sweep', 10);
    await expect.poll(() => waitingForLocks(it.url)).toBe(1);
    await lock.release(
      `update invoke_executions set owner = 'rival', epoch = 1, seq = 1 where id = 'exec_1'`,
    );
    expect(await sweep).toEqual([]);
    expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({ owner: 'rival', epoch: 1 });
  });

  test('while there is no connection, a call is refused after some seconds, and the next one works again', async () => {
    await using it = await openThroughProxy(postgres);
    it.proxy.closed = true;
    const started = performance.now();
    const [claim, look] = await Promise.allSettled([
      it.store.executions.claim(execution({ id: 'exec_1' })),
      it.store.executions.find('acme', 'exec_1'),
    ]);
    expect(claim).toMatchObject({ status: 'rejected', reason: { name: 'StorageUnavailable' } });
    expect(look).toMatchObject({ status: 'rejected', reason: { name: 'StorageUnavailable' } });
    expect(performance.now() - started).toBeLessThan(8_000);
    expect((await it.store.check()).ok).toBe(false);
    it.proxy.closed = false;
    expect(await it.store.executions.claim(execution({ id: 'exec_1' }))).toEqual({ kind: 'claimed' });
  }, 30_000);
});

/** Keeps a row locked from another session, as a slow gateway would. */
function holdRow(url: string, id: string) {
  let release: (statement: string) => void = () => {};
  const statement = new Promise<string>((resolve) => {
    release = resolve;
  });
  let held: () => void = () => {};
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const done = lockAndRun(url, { id, held, statement });
  return {
    held: isHeld,
    release: (text: string) => {
      release(text);
      return done;
    },
  };
}

async function waitingForLocks(url: string): Promise<number> {
  const rows = await postgres.query('select count(*)::int as n from pg_locks where not granted', url);
  return Number(rows[0]?.['n']);
}

async function lockAndRun(
  url: string,
  lock: { id: string; held: () => void; statement: Promise<string> },
): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from invoke_executions where id = $1 for update', [lock.id]);
  lock.held();
  await client.query(await lock.statement);
  await client.query('commit');
  await client.end();
}

async function openRival(connectionString: string) {
  const store = await createPostgresStore({ connectionString });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

describe('the server', () => {
  test('idle connections that the server ends are replaced', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    await it.store.executions.claim(execution({ id: 'exec_1' }));
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    for (let i = 0; i < 3; i += 1) {
      await postgres.query(end, url);
      expect(await it.store.executions.find('acme', 'exec_1')).not.toBeNull();
      expect(await it.store.executions.claim(execution({ id: `more_${i}` }))).toEqual({ kind: 'claimed' });
    }
  });

  test('crashing under load loses nothing that was acknowledged, and doubles nothing', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    // What the tests before have written need not be recovered.
    await postgres.query('checkpoint');
    const acknowledged = new Map<string, number>();
    let stop = false;
    let n = 0;
    const clients = Array.from({ length: 16 }, async () => {
      while (!stop) {
        n += 1;
        const record = execution({ id: `exec_${n}` });
        try {
          if ((await it.store.executions.claim(record)).kind !== 'claimed')
            throw new Error(`not claimed: ${record.id}`);
          acknowledged.set(record.id, 0);
          const moved = await it.store.executions.transition(move(record, 'completed'));
          if (moved.kind !== 'moved') throw new Error(`lost: ${record.id}`);
          acknowledged.set(record.id, 1);
        } catch (error) {
          // Recovery may take longer than the store waits; it has promised nothing then.
          if (!(error instanceof StorageUnavailable)) throw error;
        }
      }
    });
    for (let crash = 0; crash < 2; crash += 1) {
      await sleep(400);
      await postgres.control?.stop('immediate');
      await postgres.control?.start();
    }
    await sleep(200);
    stop = true;
    await Promise.all(clients);
    const done = [...acknowledged.values()].filter((seq) => seq === 1).length;
    expect(done).toBeGreaterThan(50);
    const rows = await postgres.query('select id, seq::int from invoke_executions', url);
    const stored = new Map(rows.map((row) => [row['id'], Number(row['seq'])]));
    for (const [id, seq] of acknowledged) expect(stored.get(id), id).toBeGreaterThanOrEqual(seq);
    expect(rows).toHaveLength(stored.size);
  }, 40_000);

  test('one bad record among fifty fails alone', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    const bad: Record<number, object> = { 7: { agentId: 'a\u0000b' }, 17: { createdAt: 'yesterday' } };
    const records = Array.from({ length: 50 }, (_, i) => execution({ id: `exec_${i}`, ...bad[i] }));
    const results = await Promise.allSettled(records.map((record) => it.store.executions.claim(record)));
    expect(results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []))).toEqual([7, 17]);
    expect(results[7]).toMatchObject({ reason: { name: 'StorageUnavailable' } });
    expect(await it.store.executions.list(page({ limit: 200 }))).toHaveLength(48);
  });

  test('a row that somebody locks fails its own call only', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    const records = ['locked', 'free'].map((id) => execution({ id }));
    await Promise.all(records.map((record) => it.store.executions.claim(record)));
    const lock = holdRow(url, 'locked');
    await lock.held;
    const [locked, free] = await Promise.allSettled(
      records.map((record) => it.store.executions.transition(move(record, 'completed'))),
    );
    expect(free).toEqual({ status: 'fulfilled', value: { kind: 'moved' } });
    expect(locked).toMatchObject({ status: 'rejected', reason: expect.any(StorageUnavailable) as object });
    await lock.release('select 1');
  });

  test.for([
    ['fsync', 'off'],
    ['full_page_writes', 'off'],
    ['client_min_messages', 'error'],
  ])('check() refuses %s = %s', async ([setting, value]) => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    const change = async (statement: string) => {
      await postgres.query(statement);
      await postgres.query('select pg_reload_conf()');
    };
    await change(`alter system set ${setting} = ${value}`);
    const why = expect.stringContaining(`${setting} = ${value}`) as string;
    await expect.poll(() => it.store.check()).toEqual({ ok: false, kind: 'flawed', why });
    await change(`alter system reset ${setting}`);
    await expect.poll(() => it.store.check()).toEqual({ ok: true });
  });

  test('a role from which row level security hides the tables is told so', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    await postgres.query(`create role onlooker login password 'x'`, url);
    await postgres.query('grant all on all tables in schema public to onlooker', url);
    const asOnlooker = new URL(url);
    asOnlooker.username = 'onlooker';
    asOnlooker.password = 'x';
    await expect(createPostgresStore({ connectionString: asOnlooker.href })).rejects.toThrow(
      'The table invoke_schema shows no rows: row level security hides the tables from this role.',
    );
    await postgres.query('create policy readers on invoke_schema to onlooker using (true)', url);
    await using half = await openRival(asOnlooker.href);
    expect(await half.store.check()).toMatchObject({
      ok: false,
      why: expect.stringContaining('Row level security hides the tables') as string,
    });
    expect(await it.store.check()).toEqual({ ok: true });
  });

  test('after close every call is refused at once', async () => {
    const url = await postgres.createDatabase();
    const { store } = await openRival(url);
    await store.close();
    await expect(store.executions.claim(execution({ id: 'exec_1' }))).rejects.toThrow(
      'The database is closed.',
    );
    await expect(store.executions.find('acme', 'exec_1')).rejects.toThrow(StorageUnavailable);
    expect(await store.check()).toEqual({ ok: false, kind: 'failed', why: 'The database is closed.' });
  });

  test('leases are judged by the clock of the database', async () => {
    const url = await postgres.createDatabase();
    await using it = await openRival(url);
    await it.store.incarnations.enlist(incarnation('inc-1'), 60_000 as DurationMs);
    const [lease] = await postgres.query(
      `select lease_until - extract(epoch from clock_timestamp()) * 1000 as left from invoke_incarnations`,
      url,
    );
    expect(Number(lease?.['left'])).toBeGreaterThan(50_000);
    expect(Number(lease?.['left'])).toBeLessThanOrEqual(60_000);
  });
});

describe('behind a transaction pooler', () => {
  test('nothing that is sent hangs on a session', async () => {
    await using it = await openThroughProxy(postgres);
    const { executions, incarnations, registry, traces } = it.store;
    await incarnations.enlist(incarnation('inc-1'), 60_000 as DurationMs);
    await incarnations.renew('inc-1', 60_000 as DurationMs);
    const record = execution({ id: 'exec_1', owner: 'dead', state: 'running' });
    await executions.claim(record);
    await executions.takeOver('inc-1', 'sweep', 5);
    await executions.transition(move({ ...record, epoch: 1, seq: 1 }, 'completed'));
    await executions.prune({ now: NEVER, keptMs: 0, tombstoneMs: 1_000, limit: 5 });
    await executions.dropTombstones(NEVER, 5);
    await executions.list(page());
    await registry.saveProvider(provider());
    await registry.saveTool(tool());
    await registry.load();
    traces.append(trace({ trace_id: 't1' }));
    await traces.flush();
    await traces.list(tracePage());
    await it.store.instanceSecret();
    await it.store.check();
    const sent = it.proxy.sent();
    expect(sent).toContain(CLAIM);
    // A Parse message: 'P', four bytes of length, the name. Only what every call runs has one, and only because this is no pooler.
    const names = [
      ...sent.matchAll(/P[\s\S]{4}([^\0]*)\0(?:select|insert|update|delete|with|alter|create|do)\b/g),
    ];
    expect(names.length).toBeGreaterThan(20);
    const named = names.map((match) => match[1]).filter((name) => name !== '');
    expect(named.filter((name) => !/^invoke_[0-9a-f]{16}$/.test(name ?? ''))).toEqual([]);
    expect(new Set(named).size).toBeLessThanOrEqual(3);
    expect(sent).not.toMatch(
      /\blisten\b|\bset session\b|pg_advisory_lock|\bprepare\b|\bdeclare\s+\w+\s+cursor\b/i,
    );
    expect([...sent.matchAll(/(?:^|[;\0]\s*)set (?!local)/gi)]).toEqual([]);
  });
});
