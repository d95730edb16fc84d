import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { PolicyDocument, type Refusal } from '@invoke/contract';
import { parseWith, type Engine, type Log } from '@invoke/core';
import { parseJsonObject } from '@invoke/core/domain';

/** How the operator's file stands. `stale`: what is in force is older than the file, because that cannot be used. */
export type PolicyFileStatus =
  { readonly kind: 'in_force' } | { readonly kind: 'stale'; readonly problems: readonly string[] };

export interface PolicyFile {
  status(): PolicyFileStatus;
  stop(): void;
}

export interface PolicyFilePorts {
  /** Takes a document, or refuses it and keeps the one before. */
  readonly accept: Engine['setOperatorPolicy'];
  readonly log: Log;
  /** How often the file is looked at. Milliseconds. */
  readonly everyMs?: number;
}

const EVERY_MS = 1_000;

/**
 * Puts the operator's rules in force and keeps them as the file has them. A new version counts once the file has not changed
 * between two looks, so that one that is half written is not read; a broken one is logged, and the one before stays.
 * Throws, with a line for each mistake, where the first version cannot be used.
 */
export async function openPolicyFile(path: string, ports: PolicyFilePorts): Promise<PolicyFile> {
  let loaded = await versionOf(path);
  const problems = await load(path, ports);
  if (problems.length > 0) throw new Error(problems.map((p) => `INVOKE_POLICY_FILE: ${p}`).join('\n'));
  let status: PolicyFileStatus = { kind: 'in_force' };
  let seen = loaded;
  let stopped = false;
  let timer = plan();

  function plan(): NodeJS.Timeout {
    return setTimeout(() => void look(), ports.everyMs ?? EVERY_MS).unref();
  }

  async function look(): Promise<void> {
    const version = await versionOf(path);
    const settled = version === seen;
    seen = version;
    if (settled && version !== loaded && !stopped) {
      loaded = version;
      tell(await load(path, ports));
    }
    if (!stopped) timer = plan();
  }

  function tell(found: readonly string[]): void {
    status = found.length === 0 ? { kind: 'in_force' } : { kind: 'stale', problems: found };
    if (found.length === 0) ports.log.info('policy_file_loaded', { path });
    else ports.log.error('policy_file_broken', { path, problems: found });
  }

  return {
    status: () => status,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Something that is another after every change; null where there is no such file. */
async function versionOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return null;
  }
}

const MOST_BYTES = 16 * 1024 * 1024;
/** As many rules, budgets and tests as a document may have. */
const MOST_ELEMENTS = 500_000;

/** Reads the file and puts it in force. Gives all that is wrong with it, one line each. */
async function load(path: string, { accept }: PolicyFilePorts): Promise<readonly string[]> {
  const read = await readDocument(path);
  if (read.kind === 'problems') return read.problems;
  const accepted = accept(read.document);
  if (accepted.kind === 'ok') return [];
  return linesOf(path, accepted.refusal);
}

type ReadDocument =
  | { readonly kind: 'document'; readonly document: PolicyDocument }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

async function readDocument(path: string): Promise<ReadDocument> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return problem(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  if (bytes.length > MOST_BYTES) return problem(`${path} is larger than ${MOST_BYTES} bytes`);
  if (!isUtf8(bytes)) return problem(`${path} is not valid UTF-8`);
  const text = bytes.toString('utf8');
  const json = parseJsonObject(text, { maxElements: MOST_ELEMENTS });
  if (json.kind === 'problem') {
    const { line, column } = placeOf(text, json.problem.at);
    return problem(`${path}:${line}:${column}: ${json.problem.message}`);
  }
  const parsed = parseWith(PolicyDocument, json.value);
  return parsed.kind === 'ok'
    ? { kind: 'document', document: parsed.value }
    : { kind: 'problems', problems: linesOf(path, parsed.refusal) };
}

function problem(line: string): ReadDocument {
  return { kind: 'problems', problems: [line] };
}

function linesOf(path: string, { message, errors = [] }: Refusal): readonly string[] {
  return errors.length === 0
    ? [`${path}: ${message}`]
    : errors.map((e) => `${path}: ${e.pointer || 'the document'}: ${e.message}`);
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
