import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, systemCode } from '../errors.js';
import { parseStrictJson } from '../params/strict-json.js';
import { isRecord, type JsonRecord } from '../records.js';

/** A project as its file says it: a provider and its tools, with one address for all of them. */
export interface Manifest {
  readonly folder: string;
  /** The file it was read from. */
  readonly path: string;
  /** What POST /providers takes. */
  readonly provider: JsonRecord;
  readonly mcpUrl: string | undefined;
  /** Each what POST /providers/{id}/tools takes; where `mcp_url` and `http` are missing, the project's address counts. */
  readonly tools: readonly JsonRecord[];
  /** How the MCP server is started: an executable and its arguments, without a shell. */
  readonly devCommand: readonly string[];
}

/** Written by `invoke init` and by hand, and by wrapper generators. */
const FILES = ['invoke.json', 'invoke.register.json'];

const DEFAULT_COMMAND = ['node', '--env-file-if-exists=.env', 'server.ts'];

/**
 * The project of a folder. Folders above are not searched: their files name programs to run.
 * @throws CliError where there is none, or where it cannot be used
 */
export async function readManifest(folder: string): Promise<Manifest> {
  for (const file of FILES) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw failure('project_unreadable', `${path} cannot be read (${systemCode(error)}).`);
    });
    if (text !== undefined) return toManifest(folder, path, text);
  }
  throw failure('no_project', `There is no ${FILES.join(' or ')} in ${folder}.`, [
    'invoke init <dir>',
    'cd <project>',
  ]);
}

/** The address that templates carry until there is a real one. */
export function isPlaceholder(mcpUrl: string | undefined): boolean {
  return mcpUrl === undefined || /^https?:\/\/replace-with-your/i.test(mcpUrl);
}

function toManifest(folder: string, path: string, text: string): Manifest {
  const parsed = parseStrictJson(text);
  if (parsed.kind === 'bad') throw broken(path, parsed.message);
  const { provider, mcp_url: mcpUrl, tools, dev } = parsed.value;
  if (!isRecord(provider)) throw broken(path, 'has no "provider" object');
  if (mcpUrl !== undefined && typeof mcpUrl !== 'string')
    throw broken(path, 'has an "mcp_url" that is no text');
  if (!Array.isArray(tools) || tools.length === 0 || !tools.every(isRecord)) {
    throw broken(path, 'has no "tools": a list with at least one tool');
  }
  const devCommand = isRecord(dev) ? dev['command'] : DEFAULT_COMMAND;
  if (!isCommand(devCommand)) throw broken(path, 'has a "dev.command" that is no list of words');
  return { folder, path, provider, mcpUrl, tools, devCommand };
}

function isCommand(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string' && word !== '')
  );
}

function broken(path: string, problem: string) {
  return failure('project_broken', `${path} ${problem}.`);
}
