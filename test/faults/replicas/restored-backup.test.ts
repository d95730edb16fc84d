import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT, openReplica, type Answer, type Replica } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/** Scenario 50: what is stored goes back for hours, and nothing new is begun until somebody says that this is meant. */
const HOUR_MS = 3_600_000;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop[Symbol.asyncDispose]());

function call(at: Replica, order: string, tool = 'shop.blind'): Promise<Answer> {
  return at.ask('POST /v1/call', {
    key: AGENT,
    body: { tool, params: { order }, idempotency_key: `key of ${order}` },
  });
}

async function freeze(at: Replica, order: string): Promise<string> {
  const policy = { rules: [{ when: 'true', effect: 'require_approval' }] };
  const body = { tool: 'shop.blind', params: { order }, policy, idempotency_key: `key of ${order}` };
  const { body: told } = await at.ask('POST /v1/call', { key: AGENT, body });
  return told['approval_id'] as string;
}

/** What holds in quarantine, and after it was confirmed, wherever the data is. */
async function expectQuarantine(
  names: { kept: string; gap: string; approval: string },
  open: Open,
): Promise<void> {
  {
    await using quarantined = await open({});
    expect((await quarantined.ask('GET /ready')).body).toMatchObject({
      status: 'ready',
      history: 'restored',
    });
    // What is known is answered as ever, and what only reads is harmless.
    expect((await call(quarantined, names.kept)).body['status']).toBe('completed');
    expect((await call(quarantined, 'anything', 'shop.look')).status).toBe(200);
    for (const order of [names.gap, `${names.gap}, a new one`]) {
      const refused = await call(quarantined, order, order === names.gap ? 'shop.charge' : 'shop.blind');
      expect([refused.status, refused.body['code'], refused.body['retryable']]).toEqual([
        503,
        'history_in_doubt',
        true,
      ]);
    }
    const approved = await quarantined.ask(`POST /v1/approvals/${names.approval}/approve`, { body: {} });
    expect(approved.body['code']).toBe('history_in_doubt');
    expect(await quarantined.log()).toContain('restored_from_backup');
  }
  {
    await using confirmed = await open({ INVOKE_CONFIRM_RESTORED: '1' });
    expect((await confirmed.ask('GET /ready')).body).not.toHaveProperty('history');
    // The call of the gap had been made: it is looked for, and found.
    expect((await call(confirmed, names.gap, 'shop.charge')).body['status']).toBe('outcome_reconciled');
    expect(shop.effects(names.gap)).toBe(1);
    const approved = await confirmed.ask(`POST /v1/approvals/${names.approval}/approve`, { body: {} });
    expect(approved.body['outcome']).toBe('executed');
  }
  await using later = await open({});
  expect((await later.ask('GET /ready')).body).not.toHaveProperty('history');
}

type Open = (environment: Readonly<Record<string, string>>) => Promise<Replica>;

describe('SQLite', () => {
  test('a database file that is put back from a copy starts in quarantine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'invoke-restored-'));
    const file = join(folder, 'invoke.db');
    const open: Open = (environment) => openReplica(null, { INVOKE_DATA_DIR: folder, ...environment });
    let approval = '';
    try {
      {
        await using first = await open({});
        await shop.registerAt(first);
        await call(first, 'kept on SQLite');
        approval = await freeze(first, 'approved on SQLite');
      }
      await copyFile(file, `${file}.backup`);
      {
        await using second = await open({});
        await call(second, 'gap on SQLite', 'shop.charge');
      }
      for (const name of await readdir(folder)) {
        if (/-(?:wal|shm)$/.test(name)) await rm(join(folder, name));
      }
      await copyFile(`${file}.backup`, file);
      age(file);
      await expectQuarantine({ kept: 'kept on SQLite', gap: 'gap on SQLite', approval }, open);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a copy of a moment ago that is put back is held as well, and sends nothing twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'invoke-restored-now-'));
    const file = join(folder, 'invoke.db');
    const open: Open = (environment) => openReplica(null, { INVOKE_DATA_DIR: folder, ...environment });
    try {
      {
        await using first = await open({});
        await shop.registerAt(first);
      }
      await copyFile(file, `${file}.backup`);
      {
        await using second = await open({});
        expect((await call(second, 'a moment ago')).status).toBe(200);
      }
      await copyFile(`${file}.backup`, file);
      await using restored = await open({});
      const refused = await call(restored, 'a moment ago');
      expect([refused.status, refused.body['code']]).toEqual([503, 'history_in_doubt']);
      expect(shop.effects('a moment ago')).toBe(1);
      expect(await restored.log()).toContain('restored_from_backup');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a gateway whose database was deleted is in quarantine, however often it is started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'invoke-deleted-'));
    const open: Open = () => openReplica(null, { INVOKE_DATA_DIR: folder });
    try {
      {
        await using first = await open({});
        await shop.registerAt(first);
        expect((await call(first, 'deleted')).status).toBe(200);
      }
      for (const name of DATABASE_FILES) await rm(join(folder, name), { force: true });
      for (let starts = 0; starts < 2; starts += 1) {
        await using started = await open({});
        expect((await started.ask('GET /ready')).body).toHaveProperty('history', 'restored');
        await shop.registerAt(started);
        const refused = await call(started, 'deleted');
        expect([refused.status, refused.body['code']]).toEqual([503, 'history_in_doubt']);
      }
      expect(shop.effects('deleted')).toBe(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a gateway that was stopped for long, and one that starts anew, are not in quarantine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'invoke-stopped-'));
    const file = join(folder, 'invoke.db');
    try {
      await (await openReplica(null, { INVOKE_DATA_DIR: folder }))[Symbol.asyncDispose]();
      age(file);
      {
        await using again = await openReplica(null, { INVOKE_DATA_DIR: folder });
        expect((await again.ask('GET /ready')).body).not.toHaveProperty('history');
      }
      for (const name of [...DATABASE_FILES, 'invoke.db.seen']) await rm(join(folder, name), { force: true });
      await using anew = await openReplica(null, { INVOKE_DATA_DIR: folder });
      expect((await anew.ask('GET /ready')).body).not.toHaveProperty('history');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const DATABASE_FILES = ['invoke.db', 'invoke.db-wal', 'invoke.db-shm'];

/** Makes it an hour ago that a gateway was last seen. */
function age(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(
    `update invoke_settings set value = json_set(value, '$.seenAt', ${Date.now() - HOUR_MS}) where name = 'history'`,
  );
  db.close();
}

describe('Postgres', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres({ max_connections: '40' });
  });

  afterAll(() => postgres[Symbol.asyncDispose]());

  test('a server that goes on from an old backup, on a timeline of its own, is in quarantine on every gateway', async () => {
    if (postgres.control === null) throw new Error('this test needs a server of its own');
    const database = await postgres.createDatabase();
    const open: Open = (environment) => openReplica(database, environment);
    let approval = '';
    {
      await using first = await open({});
      await shop.registerAt(first);
      await call(first, 'kept on Postgres');
      approval = await freeze(first, 'approved on Postgres');
    }
    const ago = Date.now() - HOUR_MS;
    await postgres.query(
      `update invoke_settings set value = jsonb_set(value::jsonb, '{seenAt}', '${ago}')::text where name = 'history'`,
      database,
    );
    await postgres.control.keepCopy();
    {
      await using second = await open({});
      await call(second, 'gap on Postgres', 'shop.charge');
    }
    await postgres.control.goOnFromCopy('promoted');
    await expectQuarantine({ kept: 'kept on Postgres', gap: 'gap on Postgres', approval }, open);
  }, 60_000);
});
