import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bench-run-'));
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

const leftovers = () =>
  readdirSync(join(import.meta.dirname, '..', '.invoke')).filter((n) => n.startsWith('bench-'));

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
}, 60_000);

it('measures the gateway and prints JSON', async () => {
  const { code, stdout } = await bench(['--quick', '--json', '--only', 'start', '--only', 'replay']);
  const result = JSON.parse(stdout);
  const { comparisons, start } = result.figures;
  expect(comparisons.map((c: { id: string }) => c.id)).toEqual(['replay']);
  expect(comparisons[0].rows.map((r: { connections: number }) => r.connections)).toEqual([1, 64]);
  expect(start.readyMs.median).toBeGreaterThan(0);
  expect(result.targets).toHaveLength(3);
  expect(code).toBe(0);
  expect(leftovers()).toEqual([]);
}, 60_000);
