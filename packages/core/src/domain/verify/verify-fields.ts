import type { JsonObject, VerifiedField } from '@invoke/contract';
import { sameJson } from '../json/same-json.js';
import type { FieldReport } from '../policy/conditions.js';
import { fieldAt, type Field } from '../policy/field-at.js';

export interface FieldFacts {
  readonly required: readonly string[];
  readonly assumed: JsonObject;
  /** The conditions held against the current state. */
  readonly conditions: readonly FieldReport[];
  /** Null: nothing is known, so every field is missing. */
  readonly current: JsonObject | null;
}

/**
 * Every field that matters, once: those required, those assumed, and those under a condition. Of an object that is assumed,
 * only what was said of it counts, unless the object as a whole is required. What is wrong with a field is
 * told in the order of how bad it is: it is missing, it is another value (types count), its condition fails or cannot be told.
 */
export function verifyFields({ required, assumed, conditions, current }: FieldFacts): VerifiedField[] {
  const reports = new Map(conditions.map((c) => [c.field, c]));
  const names = new Set([...required, ...assumedFields(assumed, required), ...reports.keys()]);
  return [...names].map((field) => {
    const before = fieldAt(assumed, field);
    const now = current === null ? MISSING : fieldAt(current, field);
    const report = reports.get(field) ?? null;
    const drifted = before.kind === 'found' && !(now.kind === 'found' && sameJson(before.value, now.value));
    return {
      field,
      assumed: valueOf(before),
      current: valueOf(now),
      drifted,
      holds: report === null ? null : now.kind === 'found' && report.verdict === 'holds',
      verdict: now.kind === 'missing' ? 'missing' : drifted ? 'changed' : verdictOf(report),
    };
  });
}

/** The dotted paths of what was assumed; an object that is required by name is one field. */
function assumedFields(assumed: JsonObject, required: readonly string[], prefix = ''): string[] {
  return Object.entries(assumed).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const opened = isObject(value) && Object.keys(value).length > 0 && !required.includes(path);
    return opened ? assumedFields(value, required, `${path}.`) : [path];
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MISSING: Field = { kind: 'missing' };

function valueOf(field: Field): unknown {
  return field.kind === 'found' ? field.value : null;
}

function verdictOf(report: FieldReport | null): VerifiedField['verdict'] {
  switch (report?.verdict) {
    case undefined:
    case 'holds':
      return 'ok';
    case 'fails':
      return 'condition_failed';
    case 'unknown':
      return 'condition_unknown';
  }
}

/** One sentence about what is wrong with a field; null where nothing is. */
export function describeField({ field, assumed, current, verdict }: VerifiedField): string | null {
  switch (verdict) {
    case 'ok':
      return null;
    case 'missing':
      return `${field} is missing`;
    case 'changed':
      return `${field} was ${show(assumed)} and is ${show(current)}`;
    case 'condition_failed':
      return `${field} is ${show(current)}, which its condition does not allow`;
    case 'condition_unknown':
      return `the condition of ${field} does not apply to ${show(current)}`;
  }
}

const LONGEST = 80;

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}
