import { join } from 'node:path';
import type { Io } from '../io.js';
import { isRecord } from '../records.js';
import { invokeHome } from './home.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

/** Keeps the names of tools for completion in the shell, which must not wait for a gateway. Never fails a command. */
export async function rememberTools(io: Io, baseUrl: string, names: readonly string[]): Promise<void> {
  const text = `${JSON.stringify({ base_url: baseUrl, names })}\n`;
  await writePrivateFile(cachePath(io), text).catch(() => undefined);
}

/** The names that `rememberTools` kept last. */
export async function recallTools(io: Io): Promise<readonly string[]> {
  try {
    const cache: unknown = JSON.parse((await readPrivateFile(cachePath(io))) ?? '{}');
    const names = isRecord(cache) && Array.isArray(cache['names']) ? cache['names'] : [];
    return names.filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}

function cachePath(io: Io): string {
  return join(invokeHome(io), 'tools-cache.json');
}
