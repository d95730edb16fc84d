import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of a few megabytes, in memory, which can be filled to the last byte. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  fill(): void;
  /** Gives the room back. */
  clear(): void;
  /** Lets nobody write to it, or everybody again; only while no file on it is open for writing. */
  setReadOnly(readOnly: boolean): void;
}

/** Null where this machine lets nobody mount (that takes root on Linux). */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'invoke-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  chmodSync(path, 0o777);
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => fillUp(filler),
    clear: () => rmSync(filler, { force: true }),
    setReadOnly(readOnly) {
      const mode = readOnly ? 'ro' : 'rw';
      execFileSync('mount', ['-o', `remount,${mode}`, path], { stdio: 'ignore' });
    },
    [Symbol.dispose]() {
      execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function fillUp(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (const size of [65_536, 1]) {
      const chunk = Buffer.alloc(size);
      // Ends with ENOSPC; what is asked of a full disk is no number of writes.
      while (wrote(fd, chunk));
    }
  } finally {
    closeSync(fd);
  }
}

function wrote(fd: number, chunk: Buffer): boolean {
  try {
    return writeSync(fd, chunk) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
