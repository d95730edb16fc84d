import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../../..');

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
}

/** Runs a tool of this repository (node_modules/.bin) in `cwd`. Rejects only when it cannot be started. */
export function runTool(tool: string, args: readonly string[], cwd: string = ROOT): Promise<Ran> {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: '1' };
  return new Promise((done, failed) => {
    const child = execFile(tool, args, { cwd, env, maxBuffer: 1 << 27 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === 'string') failed(error);
      else done({ stdout, stderr, code: child.exitCode });
    });
  });
}

export interface Tree extends AsyncDisposable {
  readonly path: string;
  write(file: string, text: string): Promise<void>;
}

/** A folder of its own, gone when it goes out of scope. */
export async function createTree(files: Readonly<Record<string, string>> = {}): Promise<Tree> {
  const path = await mkdtemp(join(tmpdir(), 'invoke-architecture-'));
  const tree: Tree = {
    path,
    async write(file, text) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
  for (const [file, text] of Object.entries(files)) await tree.write(file, text);
  return tree;
}
