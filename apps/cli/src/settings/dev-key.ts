import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Io } from '../io.js';
import { invokeHome } from './home.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

export interface DevKey {
  readonly key: string;
  readonly path: string;
  /** Made just now: the only time it is shown. */
  readonly isNew: boolean;
}

/** The API key of gateways that are started here without one: made once, kept where only its owner can read it. */
export async function ensureDevKey(io: Io): Promise<DevKey> {
  const path = join(invokeHome(io), 'dev-key');
  const saved = (await readPrivateFile(path))?.trim();
  if (saved) return { key: saved, path, isNew: false };
  const key = `inv_test_${randomBytes(24).toString('base64url')}`;
  await writePrivateFile(path, `${key}\n`);
  return { key, path, isNew: true };
}
