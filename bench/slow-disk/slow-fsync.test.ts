import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NotMeasurable } from '../not-measurable.mjs';
import { slowFsync } from './slow-fsync.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slow-fsync-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const compiler = 'cc';
const compiles = process.platform === 'linux' && spawnSync(compiler, ['--version']).status === 0;

it('makes each flush of a process block for longer, or says why it cannot', () => {
  if (!compiles) {
    expect(() => slowFsync(dir, 20)).toThrow(NotMeasurable);
    return;
  }
  const env = slowFsync(dir, 20);
  const script = `
    const fs = require('node:fs');
    const file = fs.openSync(${JSON.stringify(join(dir, 'file'))}, 'w');
    const from = performance.now();
    for (let i = 0; i < 5; i += 1) { fs.fsyncSync(file); fs.fdatasyncSync(file); }
    process.stdout.write(String(performance.now() - from));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  expect(Number(stdout)).toBeGreaterThanOrEqual(200);
});

it('is not measured where there is no C compiler', () => {
  vi.stubEnv('PATH', dir);
  expect(() => slowFsync(dir, 1)).toThrow(/no C compiler|on Linux only/);
});
