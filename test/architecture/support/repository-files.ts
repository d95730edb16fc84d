import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './tools.js';

/** What is made here and not kept; .npmrc is where machines put their own settings. */
const MADE = new Set([
  'node_modules',
  'dist',
  '.git',
  '.turbo',
  '.tools',
  '.invoke',
  'coverage',
  'logs',
  '.npmrc',
]);

/** Every text file that belongs to the repository, by its path in it. */
export function repositoryFiles(folder: string = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return repositoryFiles(path);
    return entry.isFile() ? [relative(ROOT, path)] : [];
  });
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
