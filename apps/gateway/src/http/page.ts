import { parseWith, type Parsed } from '@invoke/core';
import type { z } from 'zod';
import type { Incoming } from './incoming.js';

/** An opaque cursor: the id of the last element of a page. It is only ever used within the caller's own tenant. */
export function toCursor(id: string): string {
  return Buffer.from(id, 'utf8').toString('base64url');
}

interface Page<Q> {
  readonly query: Q;
  readonly before: string | null;
}

/** The query of a list, strictly: unknown or repeated names, bad numbers and foreign cursors are refused. */
export function parsePage<Q extends { cursor?: string | undefined }>(
  schema: z.ZodType<Q>,
  incoming: Incoming,
  prefix: string,
): Parsed<Page<Q>> {
  const raw: Record<string, unknown> = {};
  for (const [name, value] of incoming.query)
    raw[name] = Object.hasOwn(raw, name) ? [raw[name], value] : value;
  const parsed = parseWith(schema, raw);
  if (parsed.kind === 'refused') return parsed;
  const { cursor } = parsed.value;
  if (cursor === undefined) return { kind: 'ok', value: { query: parsed.value, before: null } };
  const before = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!new RegExp(`^${prefix}[0-9a-f]{32}$`).test(before)) {
    const message = 'expected a next_cursor of this list';
    return {
      kind: 'refused',
      refusal: {
        code: 'validation_failed',
        message: `/cursor: ${message}`,
        errors: [{ pointer: '/cursor', message }],
      },
    };
  }
  return { kind: 'ok', value: { query: parsed.value, before } };
}
