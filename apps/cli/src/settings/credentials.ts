import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../errors.js';
import type { Io } from '../io.js';
import { isRecord } from '../records.js';
import { invokeHome } from './home.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

/** What `invoke login` has saved. */
export interface Credentials {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Plain http to another machine was allowed at login. */
  readonly insecure: boolean;
}

export function credentialsPath(io: Io): string {
  return join(invokeHome(io), 'credentials.json');
}

/** @returns undefined where nobody has logged in */
export async function readCredentials(io: Io): Promise<Credentials | undefined> {
  const path = credentialsPath(io);
  const text = await readPrivateFile(path);
  if (text === undefined) return undefined;
  const saved = parse(text);
  const baseUrl = saved['base_url'] ?? saved['baseUrl'];
  const apiKey = saved['api_key'] ?? saved['apiKey'];
  if (typeof baseUrl !== 'string' || typeof apiKey !== 'string') {
    throw failure('credentials_broken', `${path} has no base_url and api_key.`, [
      'invoke login --api-key -',
      'invoke logout',
    ]);
  }
  return { baseUrl, apiKey, insecure: saved['insecure'] === true };
}

/** Both spellings are written: programs that read this file exist for each. */
export async function writeCredentials(io: Io, { baseUrl, apiKey, insecure }: Credentials): Promise<void> {
  const saved = { base_url: baseUrl, baseUrl, api_key: apiKey, apiKey, ...(insecure ? { insecure } : {}) };
  await writePrivateFile(credentialsPath(io), `${JSON.stringify(saved, null, 2)}\n`);
}

export async function deleteCredentials(io: Io): Promise<void> {
  await rm(credentialsPath(io), { force: true });
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
