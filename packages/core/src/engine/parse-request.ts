import { CallRequest, type FieldProblem, type Refusal } from '@invoke/contract';
import type { z } from 'zod';
import { describeIssue, meantForm } from './describe-issue.js';

export type Parsed<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A call from outside, checked field by field. */
export function parseCallRequest(raw: unknown): Parsed<CallRequest> {
  return parseWith(CallRequest, raw);
}

/** Anything from outside against its schema: every problem with its JSON Pointer (RFC 6901). */
export function parseWith<T>(schema: z.ZodType<T>, raw: unknown): Parsed<T> {
  const result = schema.safeParse(raw, { error: describeIssue });
  if (result.success) return { kind: 'ok', value: result.data };
  const errors = result.error.issues.flatMap((issue) => toProblems(issue, ''));
  const code = errors.every((e) => /^\/(?:failure_)?policy\b/.test(e.pointer))
    ? 'policy_invalid'
    : 'validation_failed';
  return { kind: 'refused', refusal: { code, message: inOneSentence(errors), errors } };
}

/** The first problem in full and where the others are: a person reads `detail`, and mends all of them at once. */
function inOneSentence([first, ...others]: readonly FieldProblem[]): string {
  const places = others.map((e) => e.pointer || 'the body');
  const listed = places.slice(0, MOST_PLACES).join(', ');
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
  const also = places.length === 0 ? '' : ` (also wrong: ${listed}${more})`;
  return `${first?.pointer || 'the body'}: ${first?.message}${also}`;
}

const MOST_PLACES = 8;

function toProblems(issue: z.core.$ZodIssue, above: string): FieldProblem[] {
  const pointer = `${above}${toPointer(issue.path)}`;
  const meant = meantForm(issue);
  if (meant !== null) return meant.flatMap((within) => toProblems(within, pointer));
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
