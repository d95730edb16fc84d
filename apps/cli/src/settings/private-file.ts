import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, systemCode } from '../errors.js';

/**
 * Writes a file that only its owner may read (0600, in a folder of 0700): to a new file beside it, then renamed, so
 * that readers see the old text or the new one. A symbolic link in its place is refused, as it would lead elsewhere.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  await chmod(folder, 0o700);
  await refuseForeign(path);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    // wx: never an existing file, however it came to be there.
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Not the recursive `mkdir` of Node, which never comes back below folders like /proc. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  const isThere = await lstat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    const code = systemCode(error);
    // Somebody else has made it meanwhile.
    if (code === 'EEXIST') return;
    throw failure('no_folder', `There can be no folder ${folder} (${code}).`, [
      'export INVOKE_HOME=<another folder>',
    ]);
  });
}

/** @returns undefined where there is no such file */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  await refuseForeign(path);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw failure('file_unreadable', `${path} cannot be read (${systemCode(error)}).`);
  }
}

/** Whether others than its owner may read or write the file; false where there is none. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && process.platform !== 'win32' && (stats.mode & 0o077) !== 0;
}

async function refuseForeign(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isFile()) {
    const what = stats.isSymbolicLink() ? 'a symbolic link' : 'not a plain file';
    throw failure('file_refused', `${path} is ${what}; it is not followed.`, [`ls -l ${path}`]);
  }
  const user = process.getuid?.();
  if (user !== undefined && user !== 0 && stats.uid !== user) {
    throw failure('file_refused', `${path} belongs to another user.`, [`ls -l ${path}`]);
  }
}
