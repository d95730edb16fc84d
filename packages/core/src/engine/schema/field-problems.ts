import type { FieldProblem } from '@invoke/contract';
import type { ErrorObject } from 'ajv';
import { escapePointer } from '../../domain/tool/subschemas.js';
import { describeError, list, quote, ruleOf, typeAt, type Checked } from './describe-error.js';

/** More do not help anyone. */
const MAX_PROBLEMS = 20;

/** How many of the reasons why no form fits are told. */
const MAX_REASONS = 3;

/**
 * The errors of Ajv as problems for people: JSON Pointers from the top of the value, and what was expected there. They quote
 * the schema and the names of fields, never a value, which may be a secret.
 */
export function toFieldProblems(errors: readonly ErrorObject[], checked: Checked): readonly FieldProblem[] {
  const problems = new Map<string, FieldProblem>();
  for (const group of toGroups(errors)) {
    // `if` only announces what `then` or `else` has found.
    if (group.error.keyword === 'if') continue;
    if (problems.size === MAX_PROBLEMS) break;
    const problem = { pointer: pointerOf(group.error), message: messageOf(group, checked) };
    problems.set(`${problem.pointer} ${problem.message}`, problem);
  }
  return [...problems.values()];
}

/** An error, and the errors that led to it. */
interface Group {
  readonly error: ErrorObject;
  readonly reasons: readonly Group[];
}

/** Keywords that fail because schemas in them failed, whose errors are listed as well. */
const GROUPING: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'propertyNames', 'contains']);

/** Ajv lists what led to an error right before it, at the same place or deeper; there is no other sign of it. */
function toGroups(errors: readonly ErrorObject[]): readonly Group[] {
  const groups: Group[] = [];
  for (const error of errors) {
    let first = groups.length;
    if (GROUPING.has(error.keyword)) {
      while (first > 0 && isWithin(groups[first - 1]?.error, error)) first--;
    }
    groups.push({ error, reasons: groups.splice(first) });
  }
  return groups;
}

function isWithin(inner: ErrorObject | undefined, { instancePath }: ErrorObject): boolean {
  return inner?.instancePath === instancePath || inner?.instancePath.startsWith(`${instancePath}/`) === true;
}

/** A missing or an unknown field is pointed at itself, not at the object around it. */
function pointerOf({ instancePath, params }: ErrorObject): string {
  const field: unknown =
    params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  return typeof field === 'string' ? `${instancePath}/${escapePointer(field)}` : instancePath;
}

function messageOf({ error, reasons }: Group, checked: Checked): string {
  if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') return describeError(error, checked);
  if (error.params['passingSchemas'] != null) return 'fits more than one of the allowed forms';
  const all = (keyword: string) =>
    reasons.every((r) => r.error.keyword === keyword && r.error.instancePath === error.instancePath);
  if (all('type'))
    return `expected ${list(reasons.flatMap((r) => r.error.params['type'] as string))}, got ${typeAt(error, checked)}`;
  if (all('const')) return `expected ${list(reasons.map((r) => quote(ruleOf(r.error, checked))))}`;
  const told = reasons.slice(0, MAX_REASONS).map((reason) => {
    const pointer = pointerOf(reason.error).slice(error.instancePath.length);
    return `${pointer === '' ? '' : `${pointer} `}${messageOf(reason, checked)}`;
  });
  return `fits none of the allowed forms: ${[...new Set(told)].join('; ')}`;
}
