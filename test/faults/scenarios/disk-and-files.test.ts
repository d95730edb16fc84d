import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig, startGateway } from '@invoke/gateway';
import { startPostgres } from '@invoke/testkit/stores';
import { describe, expect, test } from 'vitest';
import { openCountingTools, type CountingTools } from '../../attacks/support/counting-tools.js';
import { keyEnvironment } from '../../attacks/support/keys.js';
import { openLedger, type Ledger } from '../../attacks/support/ledger.js';
import { startProcess } from '../../attacks/support/start-process.js';
import { registerTools, send, type Answer, type Request } from '../../attacks/support/world.js';
import { compileFailingFsync } from './support/failing-fsync.js';
import { mountSmallDisk, type SmallDisk } from './support/small-disk.js';

/** A folder that goes when it is disposed of. */
function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'invoke-disk-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits a second at most: a call whose outcome cannot be recorded is told of as one that is not settled. */
function charge(order: string, key = order): Request {
  return {
    method: 'POST',
    path: '/v1/call',
    headers: { 'Idempotency-Key': key, Prefer: 'wait=1' },
    body: { tool: 'ledger.charge', params: { order_id: order }, agent_id: 'revops_agent' },
  };
}

/** Needs room on any disk. */
const LONG = Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2, 12)).join('');

interface Place extends AsyncDisposable {
  readonly url: string;
  readonly tools: CountingTools;
  readonly ledger: Ledger;
  readonly disk: SmallDisk;
}

type Settings = Readonly<Record<string, string>>;

async function openPlace(store: Settings, disk: SmallDisk, end: () => Promise<void>): Promise<Place> {
  const tools = await openCountingTools();
  const ledger = openLedger(tools);
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_LOG_FILE: '/dev/null',
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    ...keyEnvironment(),
    ...store,
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  const gateway = await startGateway(parsed.config);
  await registerTools(gateway.url, tools);
  return {
    url: gateway.url,
    tools,
    ledger,
    disk,
    async [Symbol.asyncDispose]() {
      disk.clear();
      await gateway.close();
      await tools[Symbol.asyncDispose]();
      await end();
      disk[Symbol.dispose]();
    },
  };
}

const PLACES: Readonly<Record<string, () => Promise<Place | null>>> = {
  async SQLite() {
    const disk = mountSmallDisk(6);
    if (disk === null) return null;
    const dataDir = join(disk.path, 'data');
    return openPlace({ INVOKE_DATA_DIR: dataDir }, disk, () => Promise.resolve());
  },
  async Postgres() {
    const disk = mountSmallDisk(24);
    if (disk === null) return null;
    // A setting of its own makes it a server of its own.
    const server = await startPostgres({ max_connections: '40' });
    const space = join(disk.path, 'tables');
    mkdirSync(space);
    execFileSync('chown', ['postgres', space]);
    await server.query(`create tablespace small location '${space}'`);
    const url = await server.createDatabase();
    await server.query(`alter database ${new URL(url).pathname.slice(1)} set tablespace small`);
    return openPlace({ DATABASE_URL: url }, disk, async () => server[Symbol.asyncDispose]());
  },
};

/** Repeats a call, as a client would, until its outcome is known. */
async function untilSettled(url: string, request: Request): Promise<Answer> {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await send(url, request);
    if (answer.status === 200) return answer;
    expect([202, 409, 502, 503, 504], answer.text).toContain(answer.status);
    await sleep(100);
  }
  throw new Error('the outcome was never known');
}

describe.each(Object.entries(PLACES))('42: a full disk under %s', { timeout: 60_000 }, (_, open) => {
  test('when the attempt is to be recorded: refused, and the tool is not touched', async ({ skip }) => {
    await using place = (await open()) ?? skip('nobody may mount a small disk here');
    const { url, disk, ledger } = place;
    expect((await send(url, charge('before'))).status).toBe(200);
    disk.fill();
    const refused = await send(url, charge(LONG, 'long'));
    expect([refused.status, refused.body['code']]).toEqual([503, 'storage_unavailable']);
    expect(ledger.charged).toEqual(['before']);
    disk.clear();
    const after = await untilSettled(url, charge(LONG, 'long'));
    expect(after.body['status']).toBe('completed');
    expect(ledger.charged).toEqual(['before', LONG]);
  });

  test('when the outcome is to be recorded: told as not settled, kept, and recorded when there is room', async ({
    skip,
  }) => {
    await using place = (await open()) ?? skip('nobody may mount a small disk here');
    const { url, disk, ledger, tools } = place;
    tools.answer('ledger.charge', ({ params }) => {
      ledger.charge(params['order_id']);
      disk.fill();
      return { status: 200, body: { ok: true, receipt: LONG } };
    });
    const told = await send(url, charge('order_1'));
    expect(told.status).toBe(202);
    expect(told.body['execution_id']).toMatch(/^exec_/);
    expect(ledger.charged).toEqual(['order_1']);
    disk.clear();
    const settled = await untilSettled(url, charge('order_1'));
    expect([settled.body['status'], settled.body['execution_id']]).toEqual([
      'completed',
      told.body['execution_id'],
    ]);
    expect(settled.body['result']).toMatchObject({ receipt: LONG });
    expect(ledger.charged).toEqual(['order_1']);
  });
});

describe('44: the disk fails to flush', { timeout: 60_000 }, () => {
  test.for([
    { when: 'the attempt is recorded', fails: 'first' },
    { when: 'the outcome is recorded', fails: 'second' },
  ])(
    'when $when: nothing is written any more, and nobody asks the disk again',
    async ({ fails }, { skip }) => {
      using folder = temporaryFolder();
      const fsync = compileFailingFsync(folder.path) ?? skip('there is no C compiler here');
      const environment = {
        INVOKE_DATA_DIR: join(folder.path, 'data'),
        INVOKE_LOG_FILE: join(folder.path, 'log.jsonl'),
      };
      await using tools = await openCountingTools();
      const ledger = openLedger(tools);
      await using broken = await startProcess({ ...environment, ...fsync.environment });
      await registerTools(broken.url, tools);
      const known = await broken.request(charge('known'));
      expect(known.status).toBe(200);
      if (fails === 'first') fsync.breakFile('-wal');
      else {
        tools.answer('ledger.charge', ({ params }) => {
          ledger.charge(params['order_id']);
          fsync.breakFile('-wal');
          return { status: 200, body: { ok: true } };
        });
      }
      const told = await broken.request(charge('order_1'));
      expect(told.status).toBe(fails === 'first' ? 503 : 202);
      expect(fsync.counts().failed).toBe(1);
      // The disk says that all is well again, as a kernel does that has dropped what it could not write.
      fsync.mend();
      for (const order of ['order_2', 'order_1', 'order_3']) {
        expect((await broken.request(charge(order))).status).not.toBe(200);
      }
      const notReady = await broken.request({ method: 'GET', path: '/ready', key: null });
      expect(notReady.status).toBe(503);
      expect(notReady.body['detail']).toContain('restart after checking the disk');
      expect(readFileSync(environment.INVOKE_LOG_FILE, 'utf8')).toContain('restart after checking the disk');
      expect(fsync.counts()).toEqual({ failed: 1, asked: 0 });
      expect(ledger.charged).toEqual(fails === 'first' ? ['known'] : ['known', 'order_1']);
      await broken.kill();
      await using heir = await startProcess(environment);
      const settled = await untilSettled(heir.url, charge('order_1'));
      expect(settled.body['status']).toMatch(/^(completed|outcome_reconciled)$/);
      expect(ledger.charged).toEqual(['known', 'order_1']);
      const again = await heir.request(charge('known'));
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect([again.body['execution_id'], again.body['result']]).toEqual([
        known.body['execution_id'],
        known.body['result'],
      ]);
    },
  );
});
