import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore, type DatabaseStore } from '@invoke/storage/sqlite';
import { execution, move } from '@invoke/testkit/stores';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { judgeCosts } from './costs.mjs';
import { fillStore } from './fill.mjs';
import { STORE_OPERATIONS } from './operations.mjs';
import { RARE_TOOL } from './templates.mjs';

let dir: string;
let store: DatabaseStore;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'growth-'));
  store = await createSqliteStore({ dataDir: dir });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const page = { tenant: 't', limit: 200, before: null, state: null, tool: null, agentId: null };

/** What real calls would have left: one of each kind. */
async function templates() {
  const calls = [
    { tool: 'common', end: 'completed' as const },
    { tool: 'common', end: 'failed' as const },
    { tool: RARE_TOOL, end: 'completed' as const },
  ];
  for (const [i, { tool, end }] of calls.entries()) {
    const record = execution({ id: `exec_${i}`, tenant: 't', tool, keyDigest: `digest-${i}` });
    await store.executions.claim(record);
    await store.executions.transition(move(record, end));
  }
  return store.executions.list(page);
}

it('fills a store with rows that are like the real ones, but for their names and times', async () => {
  const real = await templates();
  const filled = await fillStore(store, {
    count: 600,
    templates: real,
    from: 1_700_000_000_000,
    stepMs: 1_000,
  });
  expect(filled).toHaveLength(600);
  for (const n of [0, 50, 599]) {
    const recalled = await store.executions.recall(filled[n]?.keyDigest ?? '');
    if (recalled.kind !== 'execution') throw new Error(recalled.kind);
    const { record } = recalled;
    const template = real.find((r) => r.tool === record.tool && r.state === record.state);
    const { id, keyDigest, idempotencyKey, traceId, token, createdAt, updatedAt, finishedAt, ...same } =
      record;
    expect(template).toMatchObject(same);
    expect(id).toBe(filled[n]?.id);
    expect(createdAt).toBe(1_700_000_000_000 + n * 1_000);
    expect(typeof finishedAt).toBe(typeof template?.finishedAt);
    // As the gateway digests it: SHA-256 of tenant, environment and key.
    expect(keyDigest).toBe(createHash('sha256').update(`t\nprod\n${idempotencyKey}`).digest('hex'));
    expect(new Set([traceId, token, template?.traceId, template?.token]).size).toBe(4);
    expect(updatedAt).toBeGreaterThanOrEqual(createdAt);
  }
  const rare = await store.executions.list({ ...page, tool: RARE_TOOL });
  expect(rare).toHaveLength(31);
  expect(await store.executions.list({ ...page, state: 'failed' })).toHaveLength(12);
});

it('can do every operation, and leaves nothing open', async () => {
  const real = await templates();
  const executions = await fillStore(store, { count: 200, templates: real, from: Date.now(), stepMs: 1 });
  for (const { title, run } of STORE_OPERATIONS) {
    expect(await run({ store, tenant: 't', templates: real, executions }), title).toBeGreaterThan(0);
  }
  expect(await store.executions.list({ ...page, state: 'running' })).toEqual([]);
});

it('judges a store by what grew most', () => {
  const cost = (title: string, times: number) => ({
    title,
    smallMs: 1,
    largeMs: times,
    ratio: { median: times, low: times, high: times },
  });
  expect(judgeCosts('X', [cost('claim', 1.1), cost('list', 1.6), cost('replay', 0.9)])).toMatchObject({
    measured: '1.60 times (list)',
    met: false,
  });
  expect(judgeCosts('X', [cost('claim', 1.5)]).met).toBe(true);
});
