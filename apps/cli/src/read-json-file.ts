import { resolve } from 'node:path';
import { usageError } from './errors.js';
import type { Io } from './io.js';
import { parseStrictJson } from './params/strict-json.js';
import { readStdin } from './read-stdin.js';
import { readTextFile } from './read-text-file.js';
import type { JsonRecord } from './records.js';

/**
 * A document that a command takes as a file: one JSON object; `-` is standard input, and `@file` is taken as `file`.
 * @throws CliError (usage)
 */
export async function readJsonFile(name: string, io: Io): Promise<JsonRecord> {
  const path = resolve(io.cwd, name.replace(/^@/, ''));
  if (/\.ya?ml$/i.test(path)) throw usageError(`${path} is YAML; documents are JSON.`);
  const text = name === '-' ? await readStdin(io, 'JSON') : await readTextFile(path);
  const parsed = parseStrictJson(text);
  if (parsed.kind === 'ok') return parsed.value;
  throw usageError(`${name === '-' ? 'standard input' : path} ${parsed.message}.`);
}
