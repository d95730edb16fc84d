import { readFileSync } from 'node:fs';
import { keyNamed, type Request } from './world.js';

/** One bad input (or a good one beside it) with the answer that is expected. */
export interface AttackRow {
  readonly id: string;
  readonly entry: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In place of a body: what a driver has to do. */
  readonly bodyGenerator?: string;
  /** Text where no single status says it. */
  readonly expect_status: number | string;
  readonly expect_problem: string | null;
  readonly expect_note: string;
}

export const ROWS: readonly AttackRow[] = readFileSync(new URL('../rows.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as AttackRow);

export function rowById(id: string): AttackRow {
  const row = ROWS.find((r) => r.id === id);
  if (row === undefined) throw new Error(`there is no row ${id}`);
  return row;
}

/** The two forms of every path. */
export const PREFIXES = ['/v1', ''] as const;
export type Prefix = (typeof PREFIXES)[number];

export type Fixtures = Readonly<Record<string, string>>;

/** The request of a row, with its placeholders filled, under one form of its path. */
export function toRequest(row: AttackRow, prefix: Prefix, fixtures: Fixtures = {}): Request {
  const { 'X-API-Key': keyPlaceholder, ...rest } = row.headers;
  const { 'Content-Type': _type, ...headers } = rest;
  const key = keyPlaceholder === undefined ? null : keyNamed(keyPlaceholder);
  if (key === null && keyPlaceholder !== undefined) throw new Error(`${row.id}: no key ${keyPlaceholder}`);
  return {
    method: row.method,
    path: prefix + fill(row.path.replace(/^\/v1(?=\/)/, ''), fixtures),
    key,
    headers,
    ...(row.body == null ? {} : { body: JSON.parse(fill(JSON.stringify(row.body), fixtures)) as unknown }),
  };
}

function fill(text: string, fixtures: Fixtures): string {
  const now = new Date(Date.now() - 60_000).toISOString();
  return text.replaceAll(/\{\{([\w-]+)\}\}/g, (_, name: string) => {
    if (name === 'NOW-60s') return now;
    const value = fixtures[name];
    if (value === undefined) throw new Error(`nothing stands for {{${name}}}`);
    return value;
  });
}
