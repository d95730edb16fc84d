import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../errors.js';
import type { Io } from '../io.js';
import { startDevServer } from './dev-server.js';
import { readDevState, removeDevState, writeDevState, type DevState } from './dev-state.js';
import type { Manifest } from './manifest.js';
import { probeMcp } from './mcp-probe.js';

/** Why a dev server is no more. */
export type DevEnd =
  | { readonly kind: 'signal'; readonly signal: string }
  /** Its dev.json was deleted, or taken over by another one. */
  | { readonly kind: 'stopped' }
  /** By itself. */
  | { readonly kind: 'ended'; readonly how: string };

export interface Supervision {
  readonly io: Io;
  readonly onReady: (state: DevState) => void;
}

const WATCH_MS = 250;

/**
 * Runs the project's server, with dev.json beside it, until a signal, the end of dev.json or its own end. Afterwards
 * neither process, port nor file are left.
 */
export async function superviseDevServer(
  manifest: Manifest,
  port: number | undefined,
  { io, onReady }: Supervision,
): Promise<DevEnd> {
  await refuseSecond(manifest.folder);
  const server = await startDevServer(manifest, port, io);
  const token = randomUUID();
  const { mcpUrl, host } = server;
  const state = { mcpUrl, host, port: server.port, startedAt: Date.now(), pid: process.pid, token };
  try {
    await writeDevState(manifest.folder, state);
    onReady(state);
    return await Promise.race([
      server.ended.then((how): DevEnd => ({ kind: 'ended', how })),
      watch(manifest.folder, token, io.signal),
    ]);
  } finally {
    await server.stop();
    await removeDevState(manifest.folder, token);
  }
}

async function refuseSecond(folder: string): Promise<void> {
  const other = await readDevState(folder);
  if (other === undefined || (await probeMcp(other.mcpUrl)).kind !== 'ok') return;
  throw failure('dev_server_running', `The MCP server of this project runs already, at ${other.mcpUrl}.`, [
    'invoke dev stop',
  ]);
}

async function watch(folder: string, token: string, signal: AbortSignal): Promise<DevEnd> {
  while (!signal.aborted) {
    const state = await readDevState(folder).catch(() => undefined);
    if (state?.token !== token) return { kind: 'stopped' };
    await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
  return { kind: 'signal', signal: String(signal.reason) };
}
