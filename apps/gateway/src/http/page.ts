import { parseWith, type Parsed } from '@invoke/core';
import type { z } from 'zod';
import type { Incoming } from './incoming.js';

/** An opaque cursor: where a page ended, as ids. It is only ever used within the caller's own tenant. */
export function toCursor(...ids: readonly (string | null)[]): string {
  return Buffer.from(ids.map((id) => id ?? '').join(' '), 'utf8').toString('base64url');
}

interface Page<Q> {
  readonly query: Q;
  /** One id for each prefix; null where the list has not begun. */
  readonly before: readonly (string | null)[];
}

/** The query of a list, strictly: unknown or repeated names, bad numbers and foreign cursors are refused. */
export function parsePage<Q extends { cursor?: string | undefined }>(
  schema: z.ZodType<Q>,
  incoming: Incoming,
  prefixes: readonly string[],
): Parsed<Page<Q>> {
  const parsed = parseQuery(schema, incoming);
  if (parsed.kind === 'refused') return parsed;
  const { cursor } = parsed.value;
  const before = cursor === undefined ? prefixes.map(() => null) : parseCursor(cursor, prefixes);
  if (before !== null) return { kind: 'ok', value: { query: parsed.value, before } };
  const message = 'expected a next_cursor of this list';
  const errors = [{ pointer: '/cursor', message }];
  return { kind: 'refused', refusal: { code: 'validation_failed', message: `/cursor: ${message}`, errors } };
}

/** A query, strictly: a name that comes twice is a list, which no schema here takes. */
export function parseQuery<Q>(schema: z.ZodType<Q>, incoming: Incoming): Parsed<Q> {
  const raw: Record<string, unknown> = {};
  for (const [name, value] of incoming.query)
    raw[name] = Object.hasOwn(raw, name) ? [raw[name], value] : value;
  return parseWith(schema, raw);
}

function parseCursor(cursor: string, prefixes: readonly string[]): readonly (string | null)[] | null {
  const ids = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const fits =
    ids.length === prefixes.length && ids.every((id, i) => id === '' || isId(id, prefixes[i] ?? ''));
  return fits && ids.some((id) => id !== '') ? ids.map((id) => (id === '' ? null : id)) : null;
}

function isId(id: string, prefix: string): boolean {
  return id.startsWith(prefix) && /^[0-9a-f]{32}$/.test(id.slice(prefix.length));
}
