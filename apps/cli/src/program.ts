import { fileURLToPath } from 'node:url';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import { run } from './run.js';

/** How long a command may take to put things in order after a signal: a gateway finishes its calls. */
const GRACE_MS = 25_000;

/** Runs the command line of this process. */
export async function runProgram(): Promise<void> {
  ignoreClosedPipes();
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second Ctrl-C does not wait for anything.
      if (abort.signal.aborted) process.exit(EXIT.interrupted);
      abort.abort(signal);
      setTimeout(() => process.exit(EXIT.interrupted), GRACE_MS).unref();
    });
  }
  const io: Io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: abort.signal,
    assets: fileURLToPath(new URL('./assets/', import.meta.url)),
    self: [process.execPath, process.argv[1] ?? ''],
  };
  const code = await run(process.argv.slice(2), io);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // What a command has left open (standard input, a connection, a timer of a gateway) must not keep the process alive.
  process.exit(code);
}

/** On some systems, writes to pipes are not done when `write` returns. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** `invoke tools | head` is no error: who reads has read enough. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok);
      throw error;
    });
  }
}
