import type { JsonObject } from '@invoke/contract';
import type { ErrorObject } from 'ajv';
import { closestName } from '../../domain/policy/closest-name.js';

/** What was held against what. */
export interface Checked {
  readonly value: unknown;
  readonly schema: JsonObject;
}

/** What was expected, in words; for every keyword but those that choose between schemas. */
export function describeError(error: ErrorObject, checked: Checked): string {
  const { keyword, params } = error;
  const rule = ruleOf(error, checked);
  switch (keyword) {
    case 'type':
      return `expected ${list(toArray(params['type']))}, got ${typeAt(error, checked)}`;
    case 'required':
      return `missing required field ${quote(params['missingProperty'])}`;
    case 'dependentRequired':
    case 'dependencies':
      return `missing field ${quote(params['missingProperty'])}, which is required together with ${quote(params['property'])}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownField(error, checked);
    case 'enum':
      return `expected ${list(toArray(rule).map(quote))}`;
    case 'const':
      return `expected ${quote(rule)}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `expected a number ${params['comparison']} ${params['limit']}`;
    case 'multipleOf':
      return `expected a multiple of ${params['multipleOf']}`;
    case 'minLength':
      return `expected at least ${count(rule, 'character')}`;
    case 'maxLength':
      return `expected at most ${count(rule, 'character')}`;
    case 'pattern':
      return patternText(error, checked);
    case 'format':
      return `expected the format ${params['format']}`;
    case 'minItems':
      return `expected at least ${count(params['limit'], 'element')}`;
    case 'maxItems':
    case 'items':
    case 'additionalItems':
      return `expected at most ${count(params['limit'], 'element')}`;
    case 'unevaluatedItems':
      return `expected at most ${count(params['len'], 'element')}`;
    case 'minProperties':
      return `expected at least ${count(params['limit'], 'field')}`;
    case 'maxProperties':
      return `expected at most ${count(params['limit'], 'field')}`;
    case 'uniqueItems':
      return 'expected no element twice';
    case 'contains':
      return `expected at least ${count(params['minContains'], 'element')} of the form that the schema asks for`;
    case 'propertyNames':
      return `the name ${quote(params['propertyName'])} is not allowed`;
    case 'not':
      return 'this is excluded';
    case 'false schema':
      return 'nothing is allowed here';
    default:
      return `does not satisfy ${keyword}`;
  }
}

/** A pattern that nobody can read at a glance is told by the description of its field, where there is one. */
function patternText(error: ErrorObject, checked: Checked): string {
  const pattern = String(ruleOf(error, checked));
  const description = memberAt(checked.schema, [...rulePath(error).slice(0, -1), 'description']);
  if (pattern.length <= LONGEST_PATTERN || typeof description !== 'string' || description === '')
    return `expected text that matches ${pattern}`;
  return `expected: ${description.length <= LONGEST_DESCRIPTION ? description : `${description.slice(0, LONGEST_DESCRIPTION - 3)}...`}`;
}

const LONGEST_PATTERN = 64;
const LONGEST_DESCRIPTION = 200;

/** What the schema says at the keyword that failed. */
export function ruleOf(error: ErrorObject, { schema }: Checked): unknown {
  return memberAt(schema, rulePath(error));
}

export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= 64 ? text : `${text.slice(0, 61)}...`;
}

/** `a`, `a or b`, `a, b or c`; long lists are cut. */
export function list(words: readonly string[]): string {
  const shown =
    words.length > MAX_LISTED
      ? [...words.slice(0, MAX_LISTED), `one of ${words.length - MAX_LISTED} more`]
      : words;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}` : (shown[0] ?? 'nothing');
}

const MAX_LISTED = 12;

/** The type of the value that the error is about, in the words of JSON Schema. */
export function typeAt({ instancePath }: ErrorObject, { value: top }: Checked): string {
  const value = memberAt(top, toPath(instancePath));
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function unknownField(error: ErrorObject, { schema }: Checked): string {
  const name = String(error.params['additionalProperty'] ?? error.params['unevaluatedProperty']);
  const parent = memberAt(schema, rulePath(error).slice(0, -1));
  const known =
    typeof parent === 'object' && parent !== null ? (parent as JsonObject)['properties'] : undefined;
  const meant = closestName(name, Object.keys(known ?? {}));
  return `unknown field ${quote(name)}${meant === null ? '' : `; did you mean ${quote(meant)}?`}`;
}

function count(n: unknown, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function toArray(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]) as readonly string[];
}

/** Where in the schema the rule stands: Ajv gives a URI fragment. */
function rulePath({ schemaPath }: ErrorObject): readonly string[] {
  return toPath(decodeURIComponent(schemaPath.slice(1)));
}

function toPath(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Undefined where the path leads nowhere. */
function memberAt(top: unknown, path: readonly string[]): unknown {
  let value = top;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}
