import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const hooks = new URL('./source-hooks.mjs', import.meta.url).href;

export interface Program {
  readonly child: ChildProcess;
  /** The next line of its standard output; rejects when it ends without one. */
  line(): Promise<string>;
}

/** Runs a program of this folder in a process of its own, from the sources. */
export function runSource(file: string, args: readonly string[]): Program {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--conditions=@invoke/source',
      '--disable-warning=ExperimentalWarning',
      '--import',
      hooks,
      program,
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const next = await lines.next();
      if (next.done === true)
        throw new Error(`${file} ended (${String(child.exitCode ?? child.signalCode)})`);
      return next.value;
    },
  };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
