import { statSync, type Stats } from 'node:fs';
import { basename } from 'node:path';

/**
 * Remembers which file stands at this path now. What comes back says why that is not so any more, or null while it is: a
 * process that holds a file open goes on writing to it when it was deleted or another one was put in its place, and nobody
 * would ever find what it wrote.
 */
export function rememberFile(file: string): () => string | null {
  const opened = stat(file);
  return () => {
    const now = stat(file);
    if (opened === null || now === null) return null;
    if (now !== 'missing' && opened !== 'missing' && now.ino === opened.ino && now.dev === opened.dev)
      return null;
    const what = now === 'missing' ? 'deleted or moved' : 'replaced';
    return `The file ${basename(file)} was ${what} while this gateway used it: put it back, and restart.`;
  };
}

/** Null: nothing can be said now. */
function stat(file: string): Stats | 'missing' | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? 'missing';
  } catch {
    return null;
  }
}
