import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotMeasurable } from '../not-measurable.mjs';

const PEERS = dirname(fileURLToPath(import.meta.url));
const INSTALL_WITHIN_MS = 300_000;

/**
 * Installs the peers of the lockfile in a folder, unless they are there. Their install scripts are not run: none of
 * them is needed, and one reports to its vendor.
 * Errors: NotMeasurable where it does not work, for example without network.
 * @param {string} [dir]
 */
export function installPeers(dir = PEERS) {
  const lockfile = readFileSync(join(dir, 'package-lock.json'));
  const stamp = createHash('sha256').update(lockfile).digest('hex');
  const stampFile = join(dir, 'node_modules', '.installed');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const windows = process.platform === 'win32';
  const { error, status, stderr } = spawnSync(windows ? 'npm.cmd' : 'npm', args, {
    cwd: dir,
    shell: windows,
    encoding: 'utf8',
    timeout: INSTALL_WITHIN_MS,
  });
  if (status !== 0) {
    const why = error?.message ?? stderr.trim().split('\n')[0] ?? '';
    throw new NotMeasurable(`npm ci in bench/peers failed: ${why}`);
  }
  writeFileSync(stampFile, stamp);
}
