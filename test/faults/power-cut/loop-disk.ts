import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A disk whose power can be cut: ext4 on a loop device over a file. What a program has written stays with the kernel until
 * it is flushed, so that a copy of the file is what a disk would hold if the power went away in that instant.
 */
export interface LoopDisk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  /** Takes what has reached the device by now to another disk, which is mounted (and so repaired by its journal) and given back. */
  cutPower(): string;
}

const DISK_BYTES = 64 * 1024 * 1024;
/** The kernel itself flushes nothing for so long. */
const COMMIT_S = 300;

/** Why no such disk can be had here; null where it can. */
export function whyNoLoopDisk(): string | null {
  if (process.platform !== 'linux') return `loop devices are of Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'mounting needs root';
  if (!existsSync('/dev/loop-control')) return 'there is no /dev/loop-control';
  for (const [tool, args] of [
    ['mkfs.ext4', ['-V']],
    ['mount', ['--version']],
    ['losetup', ['-f']],
  ] as const) {
    const { status, error } = spawnSync(tool, args, { encoding: 'utf8' });
    if (status !== 0) return `${tool} does not run (${error?.message ?? `exit code ${status}`})`;
  }
  return null;
}

export async function openLoopDisk(): Promise<LoopDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'invoke-power-cut-'));
  const guard = guardAgainstLeftovers(folder);
  const image = join(folder, 'disk.img');
  let copies = 0;
  try {
    writeFileSync(image, '');
    truncateSync(image, DISK_BYTES);
    must('mkfs.ext4', ['-q', '-F', image]);
    return {
      path: mount(image, join(folder, 'disk')),
      cutPower() {
        copies += 1;
        const copy = join(folder, `copy-${copies}.img`);
        copyFileSync(image, copy);
        return mount(copy, join(folder, `copy-${copies}`));
      },
      [Symbol.asyncDispose]: guard.clearAway,
    };
  } catch (error) {
    await guard.clearAway();
    throw error;
  }
}

function mount(image: string, path: string): string {
  mkdirSync(path);
  must('mount', ['-o', `loop,commit=${COMMIT_S}`, image, path]);
  return path;
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** A process that unmounts and removes everything when it is told to, or when ours has ended, however that ended. */
function guardAgainstLeftovers(folder: string): { clearAway(): Promise<void> } {
  const script =
    'read -r _; for d in "$1"/*/; do umount "$d" 2>/dev/null || umount -l "$d"; done; rm -rf "$1"';
  const child = spawn('sh', ['-c', script, 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    async clearAway() {
      child.stdin.end();
      await ended;
    },
  };
}
