import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { bundledGateway } from './bundle.js';
import type { GatewayEvent } from './gateway-event.js';

/** One gateway process. It ends once; another one is started in its place. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it is gone, however that came. */
  readonly ended: Promise<void>;
  alive(): boolean;
  /** How it ended, and the end of what it had written to its standard error. */
  lastWords(): string;
  /** Everything that it has written to its standard error: its log. */
  log(): string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGSTOP for this long. Resolves when it goes on, or is gone. */
  pause(ms: number): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Told of everything that it says, in order. Pauses at failpoints are ended by this module. */
  readonly onEvent: (event: GatewayEvent) => void;
  readonly readyWithinMs?: number;
}

/** Starts one and waits until it listens. Throws when it ends before, or is not ready in time (then it is killed). */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const program = await bundledGateway();
  const said: Buffer[] = [];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    // It ends with us: its standard input closes, whatever ended us.
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: join(dirname(program), 'compiled'),
      HOST: '127.0.0.1',
      PORT: '0',
      INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
      ...options.env,
    },
  });
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const log = () => Buffer.concat(said).toString();
  const lastWords = () => `${child.exitCode ?? child.signalCode}: ${log().slice(-LAST_WORDS)}`;
  const url = await waitUntilReady(child, options).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    await ended;
    throw new Error(`the gateway did not start: ${lastWords()}`, { cause: error });
  });
  return { ...handle(child, ended), url, lastWords, log };
}

const LAST_WORDS = 2_000;

const READY_WITHIN_MS = 30_000;

function waitUntilReady(
  child: ChildProcess,
  { onEvent, readyWithinMs }: GatewayProcessOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('it was not ready in time')),
      readyWithinMs ?? READY_WITHIN_MS,
    );
    child.once('exit', (code, signal) => reject(new Error(`it ended (${code ?? signal})`)));
    const lines = createInterface({ input: child.stdio[3] as Readable });
    lines.on('line', (line) => {
      const event = JSON.parse(line) as GatewayEvent;
      if (event.kind === 'failpoint' && event.action.kind === 'pause') continueAfter(child, event.action.ms);
      if (event.kind === 'ready') {
        clearTimeout(timer);
        resolve(event.url);
      }
      onEvent(event);
    });
  });
}

function continueAfter(child: ChildProcess, ms: number): void {
  setTimeout(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGCONT');
  }, ms);
}

function handle(
  child: ChildProcess,
  ended: Promise<void>,
): Omit<GatewayProcess, 'url' | 'lastWords' | 'log'> {
  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    ended,
    alive,
    async kill() {
      if (alive()) child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      if (alive()) child.kill('SIGTERM');
      await ended;
    },
    async pause(ms) {
      if (!alive()) return;
      child.kill('SIGSTOP');
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
      clearTimeout(timer);
      if (alive()) child.kill('SIGCONT');
    },
  };
}
