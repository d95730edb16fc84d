import { readFile } from 'node:fs/promises';
import { systemCode, usageError } from './errors.js';
import { decodeUtf8 } from './read-stdin.js';

/** @throws CliError (usage) where there is no such file, or it is not UTF-8 */
export async function readTextFile(path: string): Promise<string> {
  try {
    return decodeUtf8(await readFile(path), path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    const code = systemCode(error) ?? '';
    const text = Object.hasOwn(WHY, code)
      ? `${path}: ${WHY[code]} (${code}).`
      : `${path} cannot be read (${code}).`;
    throw usageError(text, [], error);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder, not a file',
  EACCES: 'this file may not be read',
};
