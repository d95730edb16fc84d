import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let dir: string;
let before: readonly string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bench-run-'));
  before = folders();
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function bench(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.mjs'), ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

function folders(): readonly string[] {
  const parent = join(import.meta.dirname, '..', '.invoke');
  return existsSync(parent) ? readdirSync(parent).filter((n) => n.startsWith('bench-')) : [];
}

/** What this test has left behind; another benchmark of this checkout may be under way. */
const leftovers = () => folders().filter((n) => !before.includes(n));

it('ends with 2 where it was called wrongly', async () => {
  const { code, stderr } = await bench(['--only', 'mysql']);
  expect(stderr).toContain(
    'there is no experiment mysql; there are sqlite, postgres, slow-disk, replay, rules, cluster, start, decision',
  );
  expect(code).toBe(2);
});

/* With PostgreSQL in the process, because that library meddles with exit codes. */
it('ends with 1 and the log of the gateway when that does not come up, and clears PostgreSQL away', async () => {
  const gateway = join(dir, 'gateway.mjs');
  writeFileSync(gateway, `console.error('no such table'); process.exit(3);`);
  const { code, stderr } = await bench(['--quick', '--only', 'postgres', '--gateway', gateway]);
  expect(stderr).toContain('gateway ended with exit code 3');
  expect(stderr).toContain('no such table');
  expect(code).toBe(1);
  expect(leftovers()).toEqual([]);
}, 120_000);

it('measures the gateway and prints JSON', async () => {
  const parts = ['start', 'replay', 'cluster'].flatMap((part) => ['--only', part]);
  const { code, stdout } = await bench(['--quick', '--json', ...parts]);
  const result = JSON.parse(stdout);
  const { comparisons, start, cluster } = result.figures;
  expect(comparisons.map((c: { id: string }) => c.id)).toEqual(['replay']);
  expect(comparisons[0].rows.map((r: { connections: number }) => r.connections)).toEqual([1, 64]);
  expect(start.readyMs.median).toBeGreaterThan(0);
  expect(cluster.rows.map((r: { gateways: number }) => r.gateways)).toEqual([1, 3]);
  expect(cluster.ratio.low).toBeGreaterThan(0);
  expect(result.targets).toHaveLength(4);
  expect(code).toBe(0);
  expect(leftovers()).toEqual([]);
}, 120_000);

it('soaks, and looks into the gateway after each stretch', async () => {
  const { code, stdout, stderr } = await bench(['--soak', '--quick', '--json']);
  expect(stderr).not.toContain('kept');
  const { id, figures, targets } = JSON.parse(stdout);
  expect(id).toBe('soak-sqlite');
  expect(figures.samples.length).toBeGreaterThanOrEqual(2);
  for (const sample of figures.samples) {
    expect(sample.heapMb).toBeGreaterThan(5);
    expect(sample.handles).toBeGreaterThan(0);
    expect(sample.openRows).toBe(0);
  }
  expect(figures.samples.at(-1).calls).toBeGreaterThan(figures.samples[0].calls);
  expect(targets).toHaveLength(6);
  expect(code).toBe(0);
  expect(leftovers()).toEqual([]);
}, 120_000);
