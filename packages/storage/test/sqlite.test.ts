import { copyFileSync, renameSync, rmSync, statSync, type statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StorageUnavailable } from '@invoke/core/ports';
import { execution, move, page, trace, tracePage } from '@invoke/testkit/stores';
import { createManualClock } from '@invoke/testkit/fakes';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openSqliteConnection } from '../src/dialect/sqlite-connection.js';
import { createSqliteDialect } from '../src/dialect/sqlite.js';
import { createSqliteStore } from '../src/sqlite.js';
import { openStore } from '../src/stores/store.js';
import { createTableNames } from '../src/tables.js';
import { openSqlite, temporaryFolder } from './support/open-sqlite.js';
import { kill, runSource } from './support/run-source.js';

/** A store together with its one connection, so that a test can make the disk full. */
async function openWithConnection(folder: string) {
  const { file, db, close } = openSqliteConnection(join(folder, 'invoke.db'));
  const connection = { file, db, close };
  const clock = createManualClock();
  const store = await openStore(createSqliteDialect(connection, createTableNames('invoke_'), clock));
  return { store, db: connection.db };
}

describe('one process per file', () => {
  test('a second process is refused by name of the first, and let in when that is killed', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'invoke.db');
    const { child, line } = runSource('./claim-for-ever.ts', [file]);
    try {
      expect(await line()).toBe(`open ${child.pid}`);
      await expect(createSqliteStore({ file })).rejects.toThrow(
        `The data in ${file} is in use by another process (pid ${child.pid}): only one gateway can use a SQLite file.`,
      );
    } finally {
      await kill(child);
    }
    const store = await createSqliteStore({ file });
    await store.close();
  });

  test('the same process is refused as well, and let in after close', async () => {
    using folder = temporaryFolder();
    const first = await createSqliteStore({ dataDir: folder.path });
    await expect(createSqliteStore({ dataDir: folder.path })).rejects.toThrow(/in use by another process/);
    await first.close();
    const second = await createSqliteStore({ dataDir: folder.path });
    await second.close();
  });
});

test.for([
  ['NFS', 0x6969],
  ['CIFS', 0xff534d42],
  ['CIFS, as 32 bits with a sign', 0xff534d42 | 0],
] as const)('a folder on a network is refused: %s', ([, type]) => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'invoke.db');
  const onNetwork = (() => ({ type })) as unknown as typeof statfsSync;
  expect(() => openSqliteConnection(file, onNetwork)).toThrow(/on a network file system \((NFS|CIFS)\)/);
  openSqliteConnection(file).close();
});

describe('durability', () => {
  test('synchronous = FULL on a file that exists, where the driver would take less', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'invoke.db');
    openSqliteConnection(file).close();
    const plain = new Database(file);
    plain.exec('create table x (y)');
    expect(plain.pragma('synchronous', { simple: true })).toBe(1);
    plain.close();
    const connection = openSqliteConnection(file);
    expect(connection.db.pragma('synchronous', { simple: true })).toBe(2);
    expect(connection.db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection.db.pragma('foreign_keys', { simple: true })).toBe(1);
    connection.close();
  });

  test('what was acknowledged before kill -9 is there afterwards', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'invoke.db');
    const { child, line } = runSource('./claim-for-ever.ts', [file]);
    await line();
    const acknowledged: string[] = [];
    while (acknowledged.length < 200) acknowledged.push(await line());
    await kill(child);
    const store = await createSqliteStore({ file });
    const found = await Promise.all(acknowledged.map((id) => store.executions.find('acme', id)));
    expect(found.map((record) => record?.id)).toEqual(acknowledged);
    await store.close();
  });

  test('everything is there after close and open, also the traces that were still queued', async () => {
    using folder = temporaryFolder();
    const first = await createSqliteStore({ dataDir: folder.path });
    await first.executions.claim(execution({ id: 'exec_1' }));
    first.traces.append(trace({ trace_id: 't1' }));
    const secret = await first.instanceSecret();
    await first.close();
    const second = await createSqliteStore({ dataDir: folder.path });
    expect(await second.executions.find('acme', 'exec_1')).toEqual(execution({ id: 'exec_1' }));
    expect(await second.traces.list(tracePage())).toHaveLength(1);
    expect(await second.instanceSecret()).toBe(secret);
    await second.close();
  });
});

describe('files', () => {
  test('belong to their owner alone', async () => {
    using folder = temporaryFolder();
    const dataDir = join(folder.path, 'new', 'data');
    const store = await createSqliteStore({ dataDir });
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(dataDir)).toBe('700');
    for (const name of ['invoke.db', 'invoke.db-wal', 'invoke.db-shm', 'invoke.db.lock']) {
      expect(mode(join(dataDir, name)), name).toBe('600');
    }
    await store.close();
  });

  test('a schema that is newer than the program stops the start, and frees the file again', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'invoke.db');
    await (await createSqliteStore({ file })).close();
    const db = new Database(file);
    db.exec(
      `insert into invoke_schema values (99, 'from the future');
       update invoke_settings set value = '99' where name = 'schema_readable_by'`,
    );
    db.close();
    for (const attempt of [1, 2]) {
      await expect(createSqliteStore({ file }), `attempt ${attempt}`).rejects.toThrow(
        'The database has schema version 99, and this program knows versions up to 7: it was written by a newer Invoke. Update this one.',
      );
    }
  });

  test('a file of an earlier version is brought up to date, with everything in it', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'invoke.db');
    const before = await createSqliteStore({ file });
    const record = execution({ id: 'exec_1' });
    await before.executions.claim(record);
    await before.close();
    const db = new Database(file);
    db.exec(
      `delete from invoke_schema where version >= 5;
       drop index invoke_settlements_open;
       alter table invoke_settlements drop column open;
       drop index invoke_executions_by_tenant;
       create index invoke_executions_by_tenant on invoke_executions (tenant, n) where state_rank < 60`,
    );
    db.close();
    const { store, db: after } = await openWithConnection(folder.path);
    expect(
      after.prepare(`select sql from sqlite_master where name = 'invoke_executions_by_tenant'`).pluck().get(),
    ).toMatch(/where tombstone_until is null$/);
    expect(await store.executions.list(page({ tenant: record.tenant }))).toEqual([record]);
    await store.close();
  });

  test.for(['', 'Upper_', '1st_', 'a-b', 'x"; drop table y; --', 'a'.repeat(32)])(
    'the table prefix %j is refused',
    async (tablePrefix) => {
      using folder = temporaryFolder();
      await expect(createSqliteStore({ dataDir: folder.path, tablePrefix })).rejects.toThrow(/table prefix/);
    },
  );
});

describe('failures', () => {
  test('one bad record among fifty fails alone', async () => {
    await using it = await openSqlite();
    const records = Array.from({ length: 50 }, (_, i) =>
      execution({ id: `exec_${i}`, ...(i === 17 ? { createdAt: 'yesterday' as never } : {}) }),
    );
    const results = await Promise.allSettled(records.map((record) => it.store.executions.claim(record)));
    expect(results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []))).toEqual([17]);
    expect(results[17]).toMatchObject({ reason: { name: 'StorageUnavailable' } });
    expect(await it.store.executions.list(page({ limit: 200 }))).toHaveLength(49);
  });

  test('a full disk fails the calls that need more room, and no others, until there is room again', async () => {
    using folder = temporaryFolder();
    const { store, db } = await openWithConnection(folder.path);
    const small = execution({ id: 'small' });
    await store.executions.claim(small);
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`);
    const big = execution({ id: 'big', resultText: 'x'.repeat(1_000_000) });
    const [claimed, moved] = await Promise.allSettled([
      store.executions.claim(big),
      store.executions.transition(move(small, 'completed')),
    ]);
    expect(claimed).toMatchObject({ status: 'rejected', reason: { name: 'StorageUnavailable' } });
    expect(moved).toEqual({ status: 'fulfilled', value: { kind: 'moved' } });
    expect(await store.executions.find('acme', 'big')).toBeNull();
    db.pragma('max_page_count = 1000000');
    expect(await store.executions.claim(big)).toEqual({ kind: 'claimed' });
    await store.close();
  });

  test('a file that cannot be written fails writes, serves reads, and check() says so', async () => {
    using folder = temporaryFolder();
    const { store, db } = await openWithConnection(folder.path);
    await store.executions.claim(execution({ id: 'exec_1' }));
    db.pragma('query_only = ON');
    await expect(store.executions.claim(execution({ id: 'exec_2' }))).rejects.toThrow(StorageUnavailable);
    expect(await store.check()).toEqual({
      ok: false,
      kind: 'failed',
      why: 'attempt to write a readonly database',
    });
    expect((await store.executions.recall('digest-of-exec_1')).kind).toBe('execution');
    db.pragma('query_only = OFF');
    expect(await store.check()).toEqual({ ok: true });
    expect(await store.executions.claim(execution({ id: 'exec_2' }))).toEqual({ kind: 'claimed' });
    await store.close();
  });

  test.for([
    { how: 'deleted', said: 'deleted or moved', act: (file: string) => rmSync(file) },
    { how: 'moved', said: 'deleted or moved', act: (file: string) => renameSync(file, `${file}.old`) },
    {
      how: 'replaced by a copy',
      said: 'replaced',
      act(file: string) {
        copyFileSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
    },
  ])(
    'a file that is $how under it: nothing is acknowledged any more that nobody would find',
    async ({ said, act }) => {
      using folder = temporaryFolder();
      const store = await createSqliteStore({ dataDir: folder.path });
      await store.executions.claim(execution({ id: 'exec_1' }));
      act(join(folder.path, 'invoke.db'));
      await expect(store.history.look(null)).rejects.toThrow(StorageUnavailable);
      await expect(store.executions.claim(execution({ id: 'exec_2' }))).rejects.toThrow(said);
      const why = `The file invoke.db was ${said} while this gateway used it: put it back, and restart.`;
      expect(await store.check()).toEqual({ ok: false, kind: 'flawed', why });
      expect((await store.executions.recall('digest-of-exec_1')).kind).toBe('execution');
      await store.close();
    },
  );

  test('a transaction of several statements is undone as a whole, and the others of its group are not', async () => {
    using folder = temporaryFolder();
    const { store, db } = await openWithConnection(folder.path);
    db.exec(
      `create trigger no_registry before insert on invoke_registry begin select raise(abort, 'no registry today'); end`,
    );
    const provider = {
      id: 'p',
      tenant: 'acme',
      slug: 's',
      name: 'n',
      ownerEmail: null,
      webhookSecret: null,
      createdAt: 1,
      updatedAt: 1,
    };
    const [saved, claimed] = await Promise.allSettled([
      store.registry.saveProvider(provider as never),
      store.executions.claim(execution({ id: 'exec_1' })),
    ]);
    expect(saved).toMatchObject({ status: 'rejected', reason: { message: 'no registry today' } });
    expect(claimed).toMatchObject({ status: 'fulfilled' });
    expect(await store.registry.load()).toMatchObject({ revision: 0, providers: [] });
    await store.close();
  });

  test('after close every call is refused', async () => {
    using folder = temporaryFolder();
    const store = await createSqliteStore({ dataDir: folder.path });
    await store.close();
    await expect(store.executions.claim(execution({ id: 'exec_1' }))).rejects.toThrow(StorageUnavailable);
    await expect(store.executions.recall('x')).rejects.toThrow(StorageUnavailable);
    expect((await store.check()).ok).toBe(false);
  });
});

describe('traces', () => {
  test('go along with the next commit', async () => {
    await using it = await openSqlite();
    it.store.traces.append(trace({ trace_id: 't1' }));
    await it.store.executions.claim(execution({ id: 'exec_1' }));
    expect(await it.store.traces.list(tracePage())).toHaveLength(1);
  });

  test('are queued while the file cannot be written, the oldest go when there are too many', async () => {
    using folder = temporaryFolder();
    const { store, db } = await openWithConnection(folder.path);
    db.pragma('query_only = ON');
    const idOf = (i: number) => `t${String(i).padStart(5, '0')}`;
    for (let i = 0; i < 10_005; i += 1) store.traces.append(trace({ trace_id: idOf(i) }));
    expect(store.traces.dropped).toBe(5);
    await expect(store.executions.claim(execution({ id: 'exec_1' }))).rejects.toThrow(StorageUnavailable);
    expect(store.traces.dropped).toBe(5);
    db.pragma('query_only = OFF');
    await store.traces.flush();
    expect(store.traces.dropped).toBe(5);
    expect(await store.traces.list(tracePage({ limit: 1 }))).toMatchObject([{ trace_id: 't10004' }]);
    expect(await store.traces.list(tracePage({ before: 't00006' }))).toMatchObject([{ trace_id: 't00005' }]);
    await store.close();
  });

  test('flush gives up what cannot be written, and append never throws', async () => {
    using folder = temporaryFolder();
    const { store, db } = await openWithConnection(folder.path);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => store.traces.append(trace({ trace_id: 't0', params: circular }))).not.toThrow();
    expect(store.traces.dropped).toBe(1);
    db.pragma('query_only = ON');
    store.traces.append(trace({ trace_id: 't1' }));
    await store.traces.flush();
    expect(store.traces.dropped).toBe(2);
    db.pragma('query_only = OFF');
    await store.close();
  });

  test('one that cannot be stored is dropped alone', async () => {
    await using it = await openSqlite();
    it.store.traces.append(trace({ trace_id: 't1' }));
    it.store.traces.append(trace({ trace_id: 't2', tool: null as never }));
    it.store.traces.append(trace({ trace_id: 't3' }));
    await it.store.executions.claim(execution({ id: 'exec_1' }));
    await it.store.traces.flush();
    expect((await it.store.traces.list(tracePage())).map((record) => record.trace_id)).toEqual(['t3', 't1']);
  });
});
