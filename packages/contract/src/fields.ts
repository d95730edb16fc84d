import { z } from 'zod';

/** Names that callers choose and that end up in logs: no spaces, no control characters. */
export const Identifier = z
  .string()
  .regex(/^[A-Za-z0-9_.:@/-]{1,128}$/, 'expected 1 to 128 of A-Z a-z 0-9 _ . : @ / -');

/** A tool as a caller may name it. The pattern of registered names is narrower; unknown names are simply not found. */
export const ToolReference = z.string().min(1).max(256);

/** Idempotency keys: 1 to 255 printable ASCII characters; spaces only inside. */
export const IdempotencyKey = z
  .string()
  .regex(
    /^(?! )[\x20-\x7e]{1,255}(?<! )$/,
    'expected 1 to 255 printable ASCII characters, without spaces around',
  );

/** JSON Pointer (RFC 6901) to one field, for example /customer_id or /customer/id. */
export const JsonPointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)+$/, 'expected a JSON Pointer such as /customer_id');

/** Any JSON object. */
export const JsonObject = z.record(z.string(), z.unknown());
export type JsonObject = Record<string, unknown>;

/** Durations, in milliseconds. */
export const DurationMs = (min: number, max: number) => z.int().min(min).max(max);
