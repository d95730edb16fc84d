import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Lines of JSON in a file: what is done stays there when a run is broken off, and another run goes on after it. */
export interface RoundsFile<Line> {
  all(): Promise<readonly Line[]>;
  append(line: Line): Promise<void>;
  clear(): Promise<void>;
}

export function roundsFile<Line>(path: string): RoundsFile<Line> {
  return {
    async all() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      // A last line that was broken off is not there.
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
    },
    async append(line) {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, `${JSON.stringify(line)}\n`);
    },
    clear: () => rm(path, { force: true }),
  };
}
