import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.mjs';
/** @import { Machine } from './types.ts' */

/**
 * What the figures depend on. Names nothing that would tell whose machine it is.
 * @param {string} dir Where the databases lie.
 * @returns {Machine}
 */
export function describeMachine(dir) {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    fdatasyncMs: measureFdatasync(dir),
  };
}

const BLOCK = Buffer.alloc(4096, 1);
const SYNCS = 50;

/** @param {string} dir */
function measureFdatasync(dir) {
  const file = join(dir, 'fdatasync');
  const fd = openSync(file, 'w');
  const times = [];
  for (let i = 0; i < SYNCS; i += 1) {
    const from = performance.now();
    writeSync(fd, BLOCK);
    fdatasyncSync(fd);
    times.push(performance.now() - from);
  }
  closeSync(fd);
  unlinkSync(file);
  return median(times);
}
