import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../records.js';
import { readPrivateFile, writePrivateFile } from '../settings/private-file.js';

/** What `.invoke/dev.json` says while the project's MCP server lives. */
export interface DevState {
  readonly mcpUrl: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The process that looks after the server. */
  readonly pid: number;
  /**
   * Random; whose file it is. The process ends when the file is gone or carries another token: to stop a server is to
   * delete its file, and no process is ever signalled by a number that may have been given to another one.
   */
  readonly token: string;
}

export function devStatePath(folder: string): string {
  return join(folder, '.invoke', 'dev.json');
}

export function devLogPath(folder: string): string {
  return join(folder, '.invoke', 'dev.log');
}

/** @returns undefined where there is none, or none that can be read */
export async function readDevState(folder: string): Promise<DevState | undefined> {
  const text = await readPrivateFile(devStatePath(folder));
  let value: unknown;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { mcp_url: mcpUrl, host, port, started_at: startedAt, pid, token } = value;
  if (typeof mcpUrl !== 'string' || typeof host !== 'string' || typeof port !== 'number') return undefined;
  return {
    mcpUrl,
    host,
    port,
    startedAt: typeof startedAt === 'number' ? startedAt : 0,
    pid: typeof pid === 'number' ? pid : 0,
    token: typeof token === 'string' ? token : '',
  };
}

export async function writeDevState(folder: string, state: DevState): Promise<void> {
  const { mcpUrl, startedAt, host, port, pid, token } = state;
  const wire = { mcp_url: mcpUrl, host, port, started_at: startedAt, pid, token };
  await writePrivateFile(devStatePath(folder), `${JSON.stringify(wire, null, 2)}\n`);
}

/** Removes the file, but not that of a later server. */
export async function removeDevState(folder: string, token: string): Promise<void> {
  if ((await readDevState(folder))?.token === token) await rm(devStatePath(folder), { force: true });
}
