import { z } from 'zod';
import type { ErrorCode } from './errors.js';

/** The `type` of a problem document: a stable URI per error code, explained in docs/errors.md. */
export function problemType(code: ErrorCode): string {
  return `https://invoke.dev/problems/${code}`;
}

/**
 * Every error answer (RFC 9457). `status` is the HTTP status, except where an execution exists: there it is the word for
 * where that execution stands (`failed`, `unknown`), which existing clients read.
 */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.union([z.int(), z.string()]),
  detail: z.string(),
  code: z.string(),
  success: z.literal(false),
  request_id: z.string(),
  /** Whether the very same request may be sent once more; never where an execution is recorded for it: its key gets the same answer. */
  retryable: z.boolean(),
  execution_id: z.string().optional(),
  trace_id: z.string().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
