import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../errors.js';
import { readDevState, removeDevState, type DevState } from './dev-state.js';
import { probeMcp } from './mcp-probe.js';

const STOP_TIMEOUT_MS = 6_000;

/**
 * Ends the project's server by taking its dev.json away, and waits until it is gone.
 * @returns false where none was running
 */
export async function stopDevServer(folder: string): Promise<boolean> {
  const state = await readDevState(folder);
  if (state === undefined) return false;
  const wasRunning = await isRunning(state);
  await removeDevState(folder, state.token);
  if (!wasRunning) return false;
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    if (!(await isRunning(state))) return true;
  }
  throw failure('dev_server_running', `The MCP server at ${state.mcpUrl} does not end.`, [
    `kill ${state.pid}`,
  ]);
}

async function isRunning({ mcpUrl }: DevState): Promise<boolean> {
  return (await probeMcp(mcpUrl)).kind === 'ok';
}
