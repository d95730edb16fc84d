import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keyEnvironment } from './keys.js';
import { send, type Answer, type Request } from './world.js';

const HOOKS = new URL('./source-hooks.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));
const LEASE_MS = 1_000;

/** A gateway that can be killed like any process. */
export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
  request(request: Request): Promise<Answer>;
  /** SIGKILL: nothing of it runs any more when this resolves. */
  kill(): Promise<void>;
}

/** @param environment of the gateway, beside keys and address: where it stores */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=@invoke/source', '--disable-warning=ExperimentalWarning', '--import', HOOKS, PROGRAM],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        PORT: '0',
        INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
        INVOKE_LEASE_MS: String(LEASE_MS),
        ...keyEnvironment(),
        ...environment,
      },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(`the gateway ended (${String(child.exitCode ?? child.signalCode)})`);
  const url = first.value;
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, request: (request) => send(url, request), kill, [Symbol.asyncDispose]: kill };
}
