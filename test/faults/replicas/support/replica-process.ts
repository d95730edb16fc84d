import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ask, REPLICA_ENVIRONMENT, type Answer, type Ask } from './replica.js';

const HOOKS = new URL('../../../attacks/support/source-hooks.mjs', import.meta.url).href;
/** The very program that operators run. */
const PROGRAM = fileURLToPath(new URL('../../../../apps/gateway/src/main.ts', import.meta.url));

export interface ReplicaProcess extends AsyncDisposable {
  readonly url: string;
  ask(line: string, options?: Ask): Promise<Answer>;
  /** Sends SIGTERM; resolves with the exit code when the process has ended. */
  terminate(): Promise<number | null>;
}

export async function startReplica(databaseUrl: string): Promise<ReplicaProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=@invoke/source', '--disable-warning=ExperimentalWarning', '--import', HOOKS, PROGRAM],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'], ...REPLICA_ENVIRONMENT, DATABASE_URL: databaseUrl },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('the gateway did not start');
  const url = first.value.split(' ').at(-1) ?? '';
  return {
    url,
    ask: (line, options) => ask(url, line, options),
    terminate() {
      child.kill('SIGTERM');
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
