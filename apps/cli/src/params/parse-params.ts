import { resolve } from 'node:path';
import { usageError } from '../errors.js';
import type { Io } from '../io.js';
import { readStdin } from '../read-stdin.js';
import { readTextFile } from '../read-text-file.js';
import type { JsonRecord } from '../records.js';
import { parseStrictJson } from './strict-json.js';

/**
 * Params as they are typed: inline JSON, `@file.json`, `-` for standard input, or pairs. In a pair `key=value`, a whole
 * or decimal number, true, false and null are what they look like, anything else is a string; `key:=json` takes any JSON.
 * @throws CliError (usage)
 */
export async function parseParams(words: readonly string[], io: Io): Promise<JsonRecord> {
  const [first, ...others] = words;
  if (first === undefined) return {};
  if (others.length === 0 && !isPair(first))
    return parseDocument(await readDocument(first, io), 'What is given as params');
  return parsePairs(words);
}

/** An option whose value is a JSON object, inline or as `@file.json`. @throws CliError (usage) */
export async function parseJsonOption(text: string, option: string, io: Io): Promise<JsonRecord> {
  return parseDocument(await readDocument(text, io), option);
}

async function readDocument(word: string, io: Io): Promise<string> {
  if (word === '-') return readStdin(io, 'JSON');
  if (!word.startsWith('@')) return word;
  return readTextFile(resolve(io.cwd, word.slice(1)));
}

function parseDocument(text: string, what: string): JsonRecord {
  const parsed = parseStrictJson(text);
  if (parsed.kind === 'ok') return parsed.value;
  throw usageError(`${what} ${parsed.message}.`, ['invoke help params']);
}

function parsePairs(words: readonly string[]): JsonRecord {
  const entries = new Map<string, unknown>();
  for (const word of words) {
    const { key, value } = parsePair(word);
    if (entries.has(key)) throw usageError(`The param "${key}" is given twice.`);
    entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

const PAIR = /^([A-Za-z_][\w.-]*)(:?=)([\s\S]*)$/;

function isPair(word: string): boolean {
  return PAIR.test(word);
}

function parsePair(word: string): { key: string; value: unknown } {
  const [, key, operator, text] = PAIR.exec(word) ?? [];
  if (key === undefined || text === undefined || key === '__proto__') {
    throw usageError(`"${word}" is no param: use key=value pairs, or one JSON object.`, [
      'invoke help params',
    ]);
  }
  return { key, value: operator === '=' ? toScalar(text) : parseJsonValue(text, `${key}:=`) };
}

/** One JSON value of any kind, read without loss. @throws CliError (usage) */
export function parseJsonValue(text: string, what: string): unknown {
  const parsed = parseStrictJson(`{"value":${text}}`);
  if (parsed.kind === 'bad') throw usageError(`${what} ${parsed.message}.`, ['invoke help params']);
  if (Object.keys(parsed.value).length !== 1)
    throw usageError(`${what} takes one JSON value.`, ['invoke help params']);
  return parsed.value['value'];
}

/** Only what is written exactly as JSON would write it counts as a number: 007, 1e3 and +5 stay text. */
function toScalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  const number = Number(text);
  const exact = String(number) === text && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return exact && Number.isFinite(number) ? number : text;
}
