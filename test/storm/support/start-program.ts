import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HOOKS = new URL('../../attacks/support/source-hooks.mjs', import.meta.url).href;
const GATEWAY = new URL('../../attacks/support/gateway-process.ts', import.meta.url);

/** A process of its own, from the sources. */
export interface Program extends AsyncDisposable {
  /** The first line that it wrote: where it listens. */
  readonly url: string;
}

/** Resolves with the first line of output; the process runs until it is disposed of. */
export async function startProgram(
  program: URL,
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@invoke/source',
      '--disable-warning=ExperimentalWarning',
      '--import',
      HOOKS,
      fileURLToPath(program),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], ...environment } },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) {
    throw new Error(`${program.pathname} ended (${String(child.exitCode ?? child.signalCode)})`);
  }
  return {
    url: first.value,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function startGateway(environment: Readonly<Record<string, string>>): Promise<Program> {
  return startProgram(GATEWAY, {
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    ...environment,
  });
}
