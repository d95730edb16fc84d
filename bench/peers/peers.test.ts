import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NotMeasurable } from '../not-measurable.mjs';
import { installPeers } from './install-peers.mjs';
import { dbos, restate } from './subjects.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(import.meta.dirname, file), join(dir, file));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

it('is not measured where it cannot be installed, and says why', () => {
  vi.stubEnv('PATH', dir);
  expect(() => installPeers(dir)).toThrow(NotMeasurable);
  expect(() => installPeers(dir)).toThrow(/^npm ci in bench\/peers failed: ./);
  expect(existsSync(join(dir, 'node_modules', '.installed'))).toBe(false);
});

it('installs nothing where the peers of this lockfile are there', () => {
  vi.stubEnv('PATH', dir);
  const stamp = createHash('sha256')
    .update(readFileSync(join(dir, 'package-lock.json')))
    .digest('hex');
  mkdirSync(join(dir, 'node_modules'));
  writeFileSync(join(dir, 'node_modules', '.installed'), stamp);
  expect(installPeers(dir)).toBeUndefined();
  writeFileSync(join(dir, 'node_modules', '.installed'), 'of an older lockfile');
  expect(() => installPeers(dir)).toThrow(NotMeasurable);
});

it('names the versions that it installs', () => {
  const { dependencies } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const short = (version: string) => version.split('.').slice(0, 2).join('.');
  expect(dbos.title).toContain(`DBOS Transact ${short(dependencies['@dbos-inc/dbos-sdk'])}`);
  expect(restate.title).toContain(`Restate ${short(dependencies['@restatedev/restate-server'])}`);
  for (const version of Object.values<string>(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
