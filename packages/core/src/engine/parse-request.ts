import { CallRequest, type FieldProblem, type Refusal } from '@invoke/contract';
import type { z } from 'zod';

export type Parsed<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A call from outside, checked field by field. */
export function parseCallRequest(raw: unknown): Parsed<CallRequest> {
  return parseWith(CallRequest, raw);
}

/** Anything from outside against its schema: every problem with its JSON Pointer (RFC 6901). */
export function parseWith<T>(schema: z.ZodType<T>, raw: unknown): Parsed<T> {
  const result = schema.safeParse(raw);
  if (result.success) return { kind: 'ok', value: result.data };
  const errors = result.error.issues.flatMap(toProblems);
  const code = errors.every((e) => /^\/(?:failure_)?policy\b/.test(e.pointer))
    ? 'policy_invalid'
    : 'validation_failed';
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return {
    kind: 'refused',
    refusal: { code, message: `${first?.pointer || 'the body'}: ${first?.message}${more}`, errors },
  };
}

function toProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const pointer = toPointer(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: `${pointer}${toPointer([key])}`,
      message: 'this field is not known here',
    }));
  }
  return [{ pointer, message: issue.message }];
}

function toPointer(path: readonly PropertyKey[]): string {
  return path.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
