import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { systemCode, usageError } from '../errors.js';

export const TEMPLATES = ['default', 'linear', 'crm-guardrail'] as const;
export type Template = (typeof TEMPLATES)[number];

export interface NewProject {
  /** As it was typed. */
  readonly directory: string;
  readonly template: Template;
  /** Write over files that exist. */
  readonly force: boolean;
  readonly cwd: string;
  /** The folder with the templates and the SDK. */
  readonly assets: string;
}

/** Names that npm would treat as its own if they stood in a package. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  _gitignore: '.gitignore',
  '_env.example': '.env.example',
  '_package.json': 'package.json',
};

/**
 * Writes a project. Nothing is written outside of its folder, through a symbolic link, or over an existing file (unless
 * forced); all of that is checked before the first file.
 * @returns the folder, and the files in it
 * @throws CliError (usage)
 */
export async function createProject(
  project: NewProject,
): Promise<{ folder: string; files: readonly string[] }> {
  const folder = await chooseFolder(project);
  const name = toName(folder);
  const files = await plan(project);
  await refuseExisting(folder, files, project.force);
  for (const { target, source } of files) {
    const text = (await readFile(source, 'utf8')).replaceAll('{{name}}', name);
    await write(join(folder, target), text, project.force);
  }
  return { folder, files: files.map(({ target }) => target) };
}

interface PlannedFile {
  /** From the project's folder on. */
  readonly target: string;
  readonly source: string;
}

async function plan({ assets, template }: NewProject): Promise<readonly PlannedFile[]> {
  const sources = [
    { from: join(assets, 'templates', '_shared'), to: '' },
    { from: join(assets, 'templates', template), to: '' },
    { from: join(assets, 'sdk'), to: join('vendor', 'invoke-sdk') },
  ];
  const lists = sources.map(async ({ from, to }) => {
    const entries = await readdir(from, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => {
        const path = join(to, relative(from, parentPath), REAL_NAMES[name] ?? name);
        return { target: path, source: join(parentPath, name) };
      });
  });
  return (await Promise.all(lists)).flat().toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

/** Below the current folder, along a way of real folders. */
async function chooseFolder({ directory, cwd }: NewProject): Promise<string> {
  const folder = resolve(cwd, directory);
  const way = relative(cwd, folder);
  if (
    way === '..' ||
    way.startsWith(`..${sep}`) ||
    resolve(cwd, way) !== folder ||
    directory.includes('\0')
  ) {
    throw usageError(`${directory} is not below the current folder; a project is only created there.`, [
      `cd ${dirname(folder)} && invoke init ${basename(folder)}`,
    ]);
  }
  const steps = way === '' ? [] : way.split(sep);
  for (const [at] of steps.entries()) {
    const step = join(cwd, ...steps.slice(0, at + 1));
    const stats = await lstat(step).catch(() => undefined);
    if (stats !== undefined && !stats.isDirectory())
      throw usageError(`${step} is in the way: it is not a folder.`);
  }
  return folder;
}

/** The name goes into JSON, TypeScript and URLs, so it has only what is itself in all of them. */
function toName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  if (name === '') throw usageError(`${basename(folder)} is no name for a project: use letters and digits.`);
  return name;
}

async function refuseExisting(folder: string, files: readonly PlannedFile[], force: boolean): Promise<void> {
  const existing = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw usageError(`${folder} cannot be read (${systemCode(error)}).`);
  });
  const visibleOnes = existing.filter((name) => name !== '.git');
  if (visibleOnes.length > 0 && !force) {
    throw usageError(
      `${folder} exists and is not empty. --force writes the project's files over those in it.`,
      [`invoke init ${basename(folder)} --force`],
    );
  }
  for (const { target } of files) await refuseLinks(folder, target);
}

async function refuseLinks(folder: string, target: string): Promise<void> {
  const steps = target.split(sep);
  for (const [at] of steps.entries()) {
    const path = join(folder, ...steps.slice(0, at + 1));
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isSymbolicLink()) throw usageError(`${path} is a symbolic link; it is not followed.`);
  }
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Without force, also a file that has appeared since the check is left alone; with it, a link still is.
  const flags = force ? constants.O_TRUNC | constants.O_NOFOLLOW : constants.O_EXCL;
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | flags, 0o644);
  try {
    await file.writeFile(text, 'utf8');
  } finally {
    await file.close();
  }
}
