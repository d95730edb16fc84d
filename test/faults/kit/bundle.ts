import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let bundle: Promise<string> | null = null;

/**
 * The gateway of the kit as one file, made from the sources once per process: a gateway that is killed every other second has
 * to be back soon. It lies where the drivers are found, and goes with this process.
 */
export function bundledGateway(): Promise<string> {
  bundle ??= make();
  return bundle;
}

async function make(): Promise<string> {
  const folder = join(ROOT, 'apps', 'gateway', 'node_modules', '.faults', String(process.pid));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const entry = fileURLToPath(new URL('./fault-gateway.ts', import.meta.url));
  const script = join(ROOT, 'scripts', 'bundle-program.mjs');
  await promisify(execFile)(process.execPath, [script, entry, folder], { cwd: ROOT });
  return join(folder, 'program.js');
}
