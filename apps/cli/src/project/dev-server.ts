import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure, systemCode } from '../errors.js';
import type { Io } from '../io.js';
import type { Manifest } from './manifest.js';
import { probeMcp } from './mcp-probe.js';

/** The project's MCP server, as a child of this process. */
export interface DevServer {
  readonly mcpUrl: string;
  readonly host: string;
  readonly port: number;
  /** Settles when the process ends, with how it ended. */
  readonly ended: Promise<string>;
  /** Ends it: politely, then not. */
  stop(): Promise<void>;
}

export const DEV_HOST = '127.0.0.1';
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3_000;

/** Starts the server and waits until it answers. @throws CliError where it does not */
export async function startDevServer(
  manifest: Manifest,
  port: number | undefined,
  io: Io,
): Promise<DevServer> {
  const chosen = await reservePort(port);
  const mcpUrl = `http://${DEV_HOST}:${chosen}/mcp`;
  const child = launch(manifest, chosen, io);
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  void ended.then(() => (isOver = true));
  const stop = () => endProcess(child, ended);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!isOver && Date.now() < deadline && !io.signal.aborted) {
    const probe = await probeMcp(mcpUrl);
    if (probe.kind === 'ok' && !isOver) return { mcpUrl, host: DEV_HOST, port: chosen, ended, stop };
    await sleep(50);
  }
  const why = isOver
    ? `ended at once (${await ended})`
    : `did not answer at ${mcpUrl} within ${START_TIMEOUT_MS / 1000} s`;
  await stop();
  throw failure('dev_server_failed', `The MCP server (${manifest.devCommand.join(' ')}) ${why}.`, [
    manifest.devCommand.join(' '),
  ]);
}

function launch(manifest: Manifest, port: number, io: Io): ChildProcess {
  const [program = '', ...args] = manifest.devCommand;
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: manifest.folder,
    env: { ...withoutKeys(io.env), HOST: DEV_HOST, PORT: String(port) },
    // The channel carries nothing: its end tells the server that this process is gone, however it went.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.on('data', (chunk: Buffer) => io.stderr.write(chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => io.stderr.write(chunk.toString('utf8')));
  return child;
}

async function endProcess(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Tools have no business with the keys of the gateway. */
function withoutKeys(env: Io['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:INVOKE|TRACE)_API_KEY/.test(name)));
}

/** The port that was asked for, or a free one. @throws CliError where it is taken: the wrong server would answer */
function reservePort(asked: number | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      reject(
        failure('port_taken', `Port ${asked} cannot be used (${systemCode(error)}).`, [
          'invoke dev',
          'invoke dev stop',
        ]),
      );
    });
    server.listen(asked ?? 0, DEV_HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
