import { readdirSync } from 'node:fs';
import { mkdtempDisposable, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseConfig, startGateway } from '@invoke/gateway';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCountingTools } from '../../attacks/support/counting-tools.js';
import { keyEnvironment } from '../../attacks/support/keys.js';
import { openLedger } from '../../attacks/support/ledger.js';
import { registerTools, send, type Request } from '../../attacks/support/world.js';
import { callOnce } from '../kit/client.js';
import { FATES, READ_OK } from '../kit/fates.js';
import { sleep } from '../kit/sleep.js';
import { lastWord, openScene, STORES, type Scene, type StoreName } from './support/scene.js';
import { mountSmallDisk } from './support/small-disk.js';
import { staged } from './support/staged.js';

/** Beside the fifty: what operators do to a database. */
let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '50' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const LOCK_MS = 10_000;

/** Somebody's session that holds what every call has to write to, as a migration by hand does. Resolves when it lets go. */
async function holdLock(store: StoreName, env: Readonly<Record<string, string>>): Promise<void> {
  if (store === 'P') {
    const hold = `begin; lock table invoke_executions in access exclusive mode; select pg_sleep(${LOCK_MS / 1_000}); commit`;
    await postgres.query(hold, env['DATABASE_URL'] as string);
    return;
  }
  const db = new DatabaseSync(join(env['INVOKE_DATA_DIR'] as string, 'invoke.db'), { timeout: 1_000 });
  db.exec('begin immediate');
  await sleep(LOCK_MS);
  db.exec('rollback');
  db.close();
}

/** The session that is to hold the lock has to be let in first. */
async function lockIsHeld(store: StoreName, env: Readonly<Record<string, string>>): Promise<boolean> {
  if (store === 'S') return true;
  const granted = `select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'invoke_executions'::regclass`;
  return (await postgres.query(granted, env['DATABASE_URL'] as string)).length > 0;
}

/** A server makes the call wait for the lock; a file in the same process must not stand in the way of everybody else for long. */
const MEANWHILE = { P: [200, 'completed'], S: [503, 'storage_unavailable'] } as const;

/** A gateway with the lease that it has in production: it outlives the lock. */
function openLocked(store: StoreName, lock: () => void): Promise<Scene> {
  return openScene({
    store,
    postgres,
    leaseMs: 15_000,
    fortune: {
      write({ ref }) {
        if (ref === 'k1') lock();
        return { ...FATES.ok, replyMs: 1_000 };
      },
      read: () => READ_OK,
    },
  });
}

describe.concurrent.each(STORES)('%s: a lock that is held for 10 s', { timeout: 90_000 }, (store) => {
  test('under a call: its outcome is kept and recorded afterwards; what comes meanwhile is not sent before it is recorded', () =>
    staged(async () => {
      let held: Promise<void> | null = null;
      await using scene = await openLocked(store, () => (held ??= holdLock(store, scene.database.env)));
      const calling = scene.call({ key: 'k1', tool: 'blind' });
      while (scene.ledger.effects.length === 0) await sleep(20);
      while (!(await lockIsHeld(store, scene.database.env))) await sleep(20);
      const gateway = scene.fleet.url(scene.firstGateway) ?? '';
      const next = { key: 'k2', tool: 'blind' as const, gateway: () => gateway, until: 0, requestMs: 30_000 };
      const asking = callOnce(next, gateway);
      await sleep(5_000);
      expect(scene.ledger.arrivals.map((a) => a.ref)).toEqual(['k1']);
      const told = await asking;
      expect([told.status, told.word]).toEqual(MEANWHILE[store]);
      await held;
      expect(lastWord(await calling)).toBe('completed');
      expect(lastWord(await scene.call({ key: 'k2', tool: 'blind' }))).toBe('completed');
      await scene.ends({ executions: 2, effects: 2, attempts: 2, takeovers: 0 });
    }));
});

test('S: a disk that is read-only stops the start with one clear line, and changes nothing', async ({
  skip,
}) => {
  using disk = mountSmallDisk(16) ?? skip('nobody may mount a small disk here');
  const dataDir = join(disk.path, 'data');
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_LOG_FILE: '/dev/null',
    INVOKE_API_KEYS: 'inv_live_one',
    INVOKE_DATA_DIR: dataDir,
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  await (await startGateway(parsed.config)).close();
  const files = readdirSync(dataDir);
  disk.setReadOnly(true);
  await expect(startGateway(parsed.config)).rejects.toThrow(/read-only/i);
  expect(readdirSync(dataDir)).toEqual(files);
  disk.setReadOnly(false);
  await (await startGateway(parsed.config)).close();
});

test('S: a file that is deleted under a gateway: it says so and acknowledges nothing more, and nothing is done twice', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'invoke-lost-file-'));
  await using tools = await openCountingTools();
  const ledger = openLedger(tools);
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_LOG_FILE: '/dev/null',
    INVOKE_LEASE_MS: '1500',
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    INVOKE_DATA_DIR: folder.path,
    ...keyEnvironment(),
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  const charge = (order: string): Request => ({
    method: 'POST',
    path: '/v1/call',
    headers: { 'Idempotency-Key': order },
    body: { tool: 'ledger.charge', params: { order_id: order }, agent_id: 'revops_agent' },
  });
  {
    await using gateway = disposable(await startGateway(parsed.config));
    await registerTools(gateway.url, tools);
    expect((await send(gateway.url, charge('before'))).status).toBe(200);
    await rm(join(folder.path, 'invoke.db'));
    const notReady = await send(gateway.url, { method: 'GET', path: '/ready', key: null });
    expect([notReady.status, notReady.body['detail']]).toEqual([
      503,
      expect.stringContaining('The file invoke.db was deleted or moved while this gateway used it'),
    ]);
    const refused = await send(gateway.url, charge('after'));
    expect([refused.status, refused.body['code']]).toEqual([503, 'storage_unavailable']);
    expect((await send(gateway.url, charge('before'))).headers.get('idempotency-replayed')).toBe('true');
  }
  await using restarted = disposable(await startGateway(parsed.config));
  await registerTools(restarted.url, tools);
  const again = await send(restarted.url, charge('before'));
  expect([again.status, again.body['code']]).toEqual([503, 'history_in_doubt']);
  expect(ledger.charged).toEqual(['before']);
});

function disposable<T extends { close(): Promise<void> }>(gateway: T): T & AsyncDisposable {
  return Object.assign(gateway, { [Symbol.asyncDispose]: () => gateway.close() });
}
