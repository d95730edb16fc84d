import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The code of the error that is thrown where there can be no folder. */
const NO_DATA_FOLDER = 'NO_DATA_FOLDER';

/** Makes the folder for the data. Throws an error that says what to do where there can be none. */
export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? `a file is in the way, ${code}` : code;
    const message = `There can be no folder for the data at ${folder} (${why}): give it another one (INVOKE_DATA_DIR).`;
    throw Object.assign(new Error(message, { cause: error }), { code: NO_DATA_FOLDER });
  }
}

/**
 * Makes a folder, and those above it that are missing, for this user alone. Step by step: Node's own `recursive` never comes
 * back where the parent is there and takes no folders, as below /proc.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
