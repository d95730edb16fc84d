import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChildren, type Children } from '../demo/stage/children.mjs';
import { compare } from './compare.mjs';
import { READY, startLoader, startProcess, subjectFile, type Loader } from './processes.mjs';
import { forwardingProxy, honoEcho } from './subjects/index.mjs';
import { NotMeasurable } from './not-measurable.mjs';
import type { Site, Subject } from './types.ts';

let dir: string;
let children: Children;
let loader: Loader;
let site: Site;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bench-test-'));
  children = createChildren(dir);
  loader = startLoader();
  const start: Site['start'] = (plan) => startProcess(children, dir, plan);
  const upstream = await start({ name: 'upstream', args: [subjectFile('echo-upstream.mjs')], ready: READY });
  site = { dir, upstreamUrl: upstream.url, upstreamPid: upstream.pid, apiKey: 'key', gatewayMain: '', start };
});

afterAll(async () => {
  await children.stopAll();
  loader.stop();
  rmSync(dir, { recursive: true });
});

const conditions = () => ({ site, loader, connections: [1, 4], rounds: 2, ms: 200, cores: 2, say: () => {} });

it('measures real processes in turns, and stops them', async () => {
  const comparison = { id: 'x', title: 'X', baseline: forwardingProxy, subjects: [honoEcho] };
  const { rows } = await compare(comparison, conditions());
  expect(rows.map((r) => [r.subject, r.connections])).toEqual([
    ['bare Hono echo', 1],
    ['bare Hono echo', 4],
  ]);
  for (const r of rows) {
    expect(r.baseline.perSecond).toBeGreaterThan(50);
    expect(r.ratio.low).toBeGreaterThan(0);
    expect(r.ratio.low).toBeLessThanOrEqual(r.ratio.median);
    expect(r.ratio.median).toBeLessThanOrEqual(r.ratio.high);
  }
  await expect(fetch(`${site.upstreamUrl}/`)).resolves.toHaveProperty('status', 200);
}, 30_000);

it('does not believe a subject that answers without having called the tool', async () => {
  const pretender: Subject = {
    ...honoEcho,
    start: async (at) => ({ ...(await honoEcho.start(at)), upstreamCalls: 1 }),
  };
  const comparison = { id: 'x', title: 'X', baseline: forwardingProxy, subjects: [pretender] };
  await expect(compare(comparison, conditions())).rejects.toThrow(
    /answers of .* stand for 0 calls of the upstream/,
  );
}, 30_000);

it('goes on without what cannot be measured here, and says why', async () => {
  const missing: Subject = {
    ...honoEcho,
    title: 'missing',
    start: () => Promise.reject(new NotMeasurable('no such thing')),
  };
  const comparison = { id: 'x', title: 'X', baseline: forwardingProxy, subjects: [missing, honoEcho] };
  const { rows, absent } = await compare(comparison, { ...conditions(), connections: [1] });
  expect(rows.map((r) => r.subject)).toEqual(['bare Hono echo']);
  expect(absent).toEqual([{ subject: 'missing', why: 'no such thing' }]);
  const without = await compare({ ...comparison, baseline: missing, subjects: [honoEcho] }, conditions());
  expect([without.rows, without.absent.length]).toEqual([[], 1]);
}, 30_000);
