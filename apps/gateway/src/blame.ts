import { join } from 'node:path';

/** An error under the name of the variable that it comes from. Its code stays. */
export function blaming(what: string, error: unknown): Error {
  const { code, message = '' } = error as Partial<NodeJS.ErrnoException>;
  return named(`${what}: ${message || (code ?? String(error))}`, error);
}

/** What to do where the data cannot be opened, by the beginning of the error's code: that of SQLite or of the system. */
const WHAT_TO_DO: readonly (readonly [begin: string, advice: string])[] = [
  ['SQLITE_NOTADB', 'Move that file away, or set another folder.'],
  ['SQLITE_CORRUPT', 'Put a backup back, or set another folder.'],
  ['SQLITE_FULL', 'Make room on that disk, or set another folder.'],
  ['ENOSPC', 'Make room on that disk, or set another folder.'],
  ['EISDIR', 'Move that folder away, or set another one.'],
  ['EROFS', 'Set a folder on a disk that can be written.'],
  ['SQLITE_', 'Let this user write that folder and its files, or set another folder.'],
  ['EACCES', 'Let this user write that folder and its files, or set another folder.'],
  ['EPERM', 'Let this user write that folder and its files, or set another folder.'],
];

/** An error of SQLite or of the system with the file that it is about. Those that say it themselves stay as they are. */
export function blamingData(dataDir: string, error: unknown): unknown {
  const { code = '', message } = error as Partial<NodeJS.ErrnoException>;
  const advice = WHAT_TO_DO.find(([begin]) => code.startsWith(begin))?.[1];
  if (advice === undefined) return error;
  const file = join(dataDir, 'invoke.db');
  return named(`INVOKE_DATA_DIR: the data in ${file} cannot be used (${message}). ${advice}`, error);
}

function named(message: string, cause: unknown): Error {
  const { code } = cause as Partial<NodeJS.ErrnoException>;
  const error = new Error(message, { cause });
  return code === undefined ? error : Object.assign(error, { code });
}
