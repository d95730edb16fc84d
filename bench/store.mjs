// Durable two-write calls per second (claim, then the transition that records the outcome), by concurrency:
//   node bench/store.mjs            SQLite with synchronous=FULL, in the temporary folder
//   DATABASE_URL=postgres://... node bench/store.mjs     and that Postgres, with tables of its own that are dropped again
// Needs a build. Every call has a key of its own, a request of 350 bytes and a result of 350 bytes. Quote ratios: the
// figures at the end are what one flush of this disk costs, without which the others say nothing.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostgresStore } from '../packages/storage/dist/postgres.js';
import { createSqliteStore } from '../packages/storage/dist/sqlite.js';

const CONCURRENCY = [1, 16, 64];
const WARM_UP_MS = 500;
const MEASURE_MS = 2_500;
const BODY = 'x'.repeat(330);

let calls = 0;

await measureSqlite();
if (process.env.DATABASE_URL) await measurePostgres(process.env.DATABASE_URL);
measureDisk();

async function measureSqlite() {
  for (const concurrency of CONCURRENCY) {
    const dataDir = mkdtempSync(join(tmpdir(), 'invoke-bench-'));
    const store = await createSqliteStore({ dataDir });
    await report('SQLite FULL', store, concurrency);
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measurePostgres(connectionString) {
  const tablePrefix = `bench_${randomBytes(4).toString('hex')}_`;
  const store = await createPostgresStore({ connectionString, tablePrefix });
  for (const concurrency of CONCURRENCY) await report('Postgres', store, concurrency);
  await store.close();
  await dropTables(connectionString, tablePrefix);
}

async function report(name, store, concurrency) {
  await run(store, concurrency, WARM_UP_MS);
  const cpu = process.cpuUsage();
  const { calls, seconds, latencies } = await run(store, concurrency, MEASURE_MS);
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(2);
  const perCall = ((used.user + used.system) / calls).toFixed(0);
  console.log(
    `${name.padEnd(12)} ${String(concurrency).padStart(3)} at once: ${String(Math.round(calls / seconds)).padStart(6)} calls/s` +
      `   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   ${perCall} us of CPU per call`,
  );
}

async function run(store, concurrency, ms) {
  const latencies = [];
  const started = performance.now();
  const until = started + ms;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < until) {
        const begun = performance.now();
        await call(store);
        latencies.push(performance.now() - begun);
      }
    }),
  );
  return { calls: latencies.length, seconds: (performance.now() - started) / 1000, latencies };
}

async function call(store) {
  const record = createRecord();
  const claimed = await store.executions.claim(record);
  if (claimed.kind !== 'claimed') throw new Error('not claimed');
  const moved = await store.executions.transition(createOutcome(record));
  if (moved.kind !== 'moved') throw new Error('lost');
}

function createRecord() {
  calls += 1;
  const at = Date.now();
  const id = `exec_${at.toString(16).padStart(12, '0')}-${randomUUID()}`;
  return {
    id,
    tenant: 'default',
    env: 'prod',
    keyDigest: createHash('sha256').update(id).digest('hex'),
    idempotencyKey: `order:${calls}`,
    fingerprint: `v1:${'f'.repeat(64)}`,
    tool: `crm_tool_${calls % 10}`,
    toolVersion: 'c'.repeat(64),
    action: null,
    agentId: `agent-${calls % 5}`,
    workflow: null,
    keyId: 'key_1',
    entityId: null,
    traceId: `trace_${id}`,
    request: { params: { body: BODY } },
    state: 'running',
    epoch: 0,
    seq: 0,
    owner: 'inc_1',
    token: randomUUID(),
    journal: {
      attempts: [{ n: 1, role: 'primary', state: 'started', startedAt: at }],
      lookups: [],
      steps: [],
    },
    resultText: null,
    outcome: null,
    notBeforeAt: null,
    createdAt: at,
    updatedAt: at,
    finishedAt: null,
  };
}

function createOutcome(record) {
  const at = Date.now();
  return {
    id: record.id,
    from: { state: 'running', epoch: 0, seq: 0 },
    state: 'completed',
    owner: null,
    token: randomUUID(),
    journal: {
      attempts: [{ n: 1, role: 'primary', state: 'ok', startedAt: at, endedAt: at }],
      lookups: [],
      steps: [],
    },
    resultText: JSON.stringify({ ok: true, body: BODY }),
    outcome: { final: 'completed', decision: null, code: null, message: null },
    notBeforeAt: null,
    updatedAt: at,
    finishedAt: at,
  };
}

async function dropTables(connectionString, prefix) {
  const { Client } = createRequire(new URL('../packages/storage/package.json', import.meta.url))('pg');
  const client = new Client(connectionString);
  await client.connect();
  const tables = await client.query(
    'select relname from pg_class where relkind = $1 and starts_with(relname, $2) and pg_table_is_visible(oid)',
    ['r', prefix],
  );
  for (const { relname } of tables.rows) await client.query(`drop table ${relname}`);
  await client.end();
}

function measureDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'invoke-bench-'));
  const file = openSync(join(folder, 'disk'), 'w');
  for (const size of [4096, 262_144]) {
    const block = Buffer.alloc(size, 1);
    const rounds = 100;
    const started = performance.now();
    for (let i = 0; i < rounds; i += 1) {
      writeSync(file, block, 0, size, (i % 8) * size);
      fdatasyncSync(file);
    }
    const ms = (performance.now() - started) / rounds;
    console.log(`This disk takes ${ms.toFixed(2)} ms to write and flush ${size / 1024} KiB.`);
  }
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
}
