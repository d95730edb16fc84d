import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HOOKS = new URL('../attacks/support/source-hooks.mjs', import.meta.url).href;

/** A program in a process of its own, from the sources. */
export interface SourceProgram {
  readonly child: ChildProcess;
  /** The first line that it wrote: where it listens. */
  readonly firstLine: string;
  /** The lines after that one; ends with the program. */
  readonly lines: AsyncIterable<string>;
  /** Resolves with its exit code when nothing of it runs any more. */
  readonly ended: Promise<number | null>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

export interface SourceProgramOptions {
  /** All that it gets of the environment, beside the PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its complaints are not shown: they are expected. */
  readonly quiet?: boolean;
  /** Modules that run before it. */
  readonly imports?: readonly URL[];
  readonly args?: readonly string[];
}

/** Resolves with the first line of its output; throws where it ends without one. */
export async function startSource(
  program: URL,
  { environment, quiet = false, imports = [], args = [] }: SourceProgramOptions,
): Promise<SourceProgram> {
  const flags = ['--conditions=@invoke/source', '--disable-warning=ExperimentalWarning'];
  const before = [HOOKS, ...imports.map(({ href }) => href)].flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...flags, ...before, fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) {
    throw new Error(`${program.pathname} ended (${String(child.exitCode ?? child.signalCode)})`);
  }
  return {
    child,
    firstLine: first.value,
    lines: { [Symbol.asyncIterator]: () => lines },
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
