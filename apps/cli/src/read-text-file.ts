import { readFile } from 'node:fs/promises';
import { systemCode, usageError } from './errors.js';
import { decodeUtf8 } from './read-stdin.js';

/** @throws CliError (usage) where there is no such file, or it is not UTF-8 */
export async function readTextFile(path: string): Promise<string> {
  try {
    return decodeUtf8(await readFile(path), path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw usageError(`${path} cannot be read (${systemCode(error)}).`, [], error);
  }
}
