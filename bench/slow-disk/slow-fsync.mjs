import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotMeasurable } from '../not-measurable.mjs';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'slow-fsync.c');
const COMPILERS = ['cc', 'gcc', 'clang'];
const TRIAL = `
const fs = require('node:fs');
const file = fs.openSync(process.argv[1], 'w');
const times = Array.from({ length: 5 }, () => {
  fs.writeSync(file, 'x');
  const from = performance.now();
  fs.fdatasyncSync(file);
  return performance.now() - from;
});
process.stdout.write(String(Math.min(...times)));
`;

/**
 * The variables that give a process a slower disk: each of its flushes takes that much longer, and blocks the thread that
 * asked for it. Tried on a process of its own before it is believed.
 * Errors: NotMeasurable where that cannot be had here.
 * @param {string} dir Where the library is built.
 * @param {number} delayMs
 * @returns {Readonly<Record<string, string>>}
 */
export function slowFsync(dir, delayMs) {
  const library = join(dir, 'slow-fsync.so');
  if (!existsSync(library)) compile(library);
  const env = { LD_PRELOAD: library, SLOW_FSYNC_MICROSECONDS: String(delayMs * 1000) };
  const args = ['-e', TRIAL, join(dir, 'slow-fsync-trial')];
  const { stdout } = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (!(Number(stdout || Number.NaN) >= delayMs)) {
    throw new NotMeasurable('a process with the library for a slow disk flushes as fast as before');
  }
  return env;
}

/** @param {string} library */
function compile(library) {
  if (process.platform !== 'linux') {
    throw new NotMeasurable(`a slow disk can be simulated on Linux only, this is ${process.platform}`);
  }
  const args = ['-shared', '-fPIC', '-O2', '-o', library, SOURCE, '-ldl'];
  for (const compiler of COMPILERS) {
    const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (error !== undefined) continue;
    if (status === 0) return;
    throw new NotMeasurable(`${compiler} could not build the library for a slow disk: ${firstLine(stderr)}`);
  }
  throw new NotMeasurable('no C compiler (cc, gcc or clang) to build the library for a slow disk with');
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split('\n')[0] ?? '';
}
