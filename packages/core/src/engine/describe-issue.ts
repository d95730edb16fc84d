import type { z } from 'zod';
import { list, quote } from './schema/describe-error.js';

/**
 * What was expected, and what came instead, in the words that the schemas of tools use too. For every field of ours whose
 * schema has no words of its own; those win.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  const input = subjectOf(issue);
  const expected = expectedBy(issue);
  if (input === undefined && issue.code !== 'custom') return `missing; ${expected}`;
  return TELLS_TYPE.has(issue.code) ? `${expected}, got ${found(input)}` : expected;
}

const TELLS_TYPE: ReadonlySet<string> = new Set(['invalid_type', 'invalid_union']);

/** The value that does not fit. Where a field says which form an object has, the issue comes with the whole object. */
function subjectOf(issue: z.core.$ZodRawIssue): unknown {
  const name = issue.code === 'invalid_union' ? issue.discriminator : undefined;
  if (name === undefined || typeof issue.input !== 'object' || issue.input === null) return issue.input;
  return Object.hasOwn(issue.input, name) ? (issue.input as Record<string, unknown>)[name] : undefined;
}

/**
 * The problems of the only form that a value could have been meant as: a choice between a name and an object says of an
 * object what is wrong within it. Null where no form, or more than one, fits the type of the value.
 */
export function meantForm(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] | null {
  if (issue.code !== 'invalid_union') return null;
  const fitting = issue.errors.filter((form) => !form.some(isOutOfQuestion));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** Whether a form of a choice is out of the question: the value is not of its type, or not its only value. */
function isOutOfQuestion({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function expectedBy(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeName(issue.expected)}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : expectedOneOf(issue.errors);
    case 'invalid_format':
      return expectedFormat(issue);
    case 'too_small':
      return bound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_key':
      return `this name is not allowed: ${issue.issues.map((i) => i.message).join('; ')}`;
    default:
      return 'this value is not allowed here';
  }
}

function oneOf(values: readonly unknown[]): string {
  return `expected ${list(values.map((v) => quote(typeof v === 'bigint' ? String(v) : v)))}`;
}

function expectedOneOf(forms: readonly (readonly z.core.$ZodIssue[])[]): string {
  const types = forms
    .flatMap((form) => form.slice(0, 1))
    .flatMap((i) => (i.code === 'invalid_type' ? [typeName(i.expected)] : []));
  return types.length === forms.length && types.length > 0
    ? `expected ${list([...new Set(types)])}`
    : 'expected another form';
}

function expectedFormat(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>): string {
  const named = FORMATS.get(issue.format);
  if (named !== undefined) return `expected ${named}`;
  return issue.pattern === undefined
    ? `expected the format ${issue.format}`
    : `expected text that matches ${issue.pattern}`;
}

/** Formats that people know by an example. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['datetime', 'a date and time such as 2026-05-01T12:00:00Z'],
  ['date', 'a date such as 2026-05-01'],
  ['email', 'an email address such as name@example.com'],
  ['url', 'a URL such as https://example.com'],
]);

function bound(
  { origin, exact }: { readonly origin: string; readonly exact?: boolean | undefined },
  comparison: string,
  limit: number | bigint,
): string {
  const amount = `${exact === true ? 'exactly' : comparison} ${limit}`;
  const noun = NOUNS.get(origin);
  return noun === undefined
    ? `expected a number of ${amount}`
    : `expected ${amount} ${noun}${Number(limit) === 1 ? '' : 's'}`;
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ['string', 'character'],
  ['array', 'element'],
  ['set', 'element'],
  ['map', 'field'],
  ['object', 'field'],
  ['record', 'field'],
]);

/** The types as JSON Schema calls them. */
function typeName(expected: string): string {
  if (expected === 'record' || expected === 'map') return 'object';
  return expected === 'int' ? 'integer' : expected;
}

/** Never the value itself: what is refused is traced, and nobody has said yet which fields are sensitive. */
function found(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isNaN(value)) return 'text that is no number';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
