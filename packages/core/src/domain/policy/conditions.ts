import type { Conditions } from '@invoke/contract';
import { parseCondition, type Condition } from './condition.js';
import type { Expression, ExpressionLanguage } from './expression.js';
import { fieldAt } from './field-at.js';

/** How one condition stands against the state. */
export interface FieldReport {
  /** The dotted path, as it was written. */
  readonly field: string;
  readonly condition: Condition;
  /** What the state has there; undefined where it has nothing. */
  readonly actual: unknown;
  readonly verdict: 'holds' | 'fails' | 'unknown';
  /** Why it is unknown, or what is easily overlooked about a condition that fails. */
  readonly why?: string;
}

export interface ConditionReport {
  /** False where one condition fails, else unknown where one is unknown, else true (also where there are none). */
  readonly verdict: 'true' | 'false' | 'unknown';
  readonly fields: readonly FieldReport[];
}

export type CompiledConditions =
  | { readonly kind: 'ok'; evaluate(state: Readonly<Record<string, unknown>>): ConditionReport }
  | {
      readonly kind: 'error';
      /** JSON Pointer into the conditions. */
      readonly pointer: string;
      readonly message: string;
      /** Offset into the condition. */
      readonly at: number;
    };

/** Compiles all conditions, or tells what is wrong with the first that cannot be used. */
export function compileConditions(conditions: Conditions, language: ExpressionLanguage): CompiledConditions {
  const checks: Check[] = [];
  for (const [field, condition] of Object.entries(conditions)) {
    const pointer = `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const parsed = parseCondition(condition);
    if (parsed.kind === 'error') return { kind: 'error', pointer, ...parsed.error };
    const compiled = language.compile(parsed.expression, ROOTS);
    // What was parsed is valid up to escapes within quotes; those offsets do not point into the condition.
    if (compiled.kind === 'error') return { kind: 'error', pointer, at: 0, message: compiled.error.message };
    checks.push({ field, condition, expression: compiled.expression });
  }
  return { kind: 'ok', evaluate: (state) => report(checks.map((check) => evaluate(check, state))) };
}

const ROOTS = ['value'] as const;

interface Check {
  readonly field: string;
  readonly condition: Condition;
  readonly expression: Expression;
}

function evaluate(
  { field, condition, expression }: Check,
  state: Readonly<Record<string, unknown>>,
): FieldReport {
  const found = fieldAt(state, field);
  const about = { field, condition, actual: found.kind === 'found' ? found.value : undefined };
  if (found.kind === 'missing') return { ...about, verdict: 'unknown', why: `${field} is missing` };
  const value = expression.evaluate({ value: found.value });
  switch (value.kind) {
    case 'true':
      return { ...about, verdict: 'holds' };
    case 'false': {
      const why = looksEqual(condition, found.value)
        ? `${JSON.stringify(condition)} and ${JSON.stringify(found.value)} differ in type`
        : null;
      return { ...about, verdict: 'fails', ...(why === null ? {} : { why }) };
    }
    case 'unknown':
      return {
        ...about,
        verdict: 'unknown',
        why: `${JSON.stringify(condition)} does not apply to ${nameOf(found.value)}`,
      };
  }
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : String(value);
}

/** `"0"` against `0`: equal to the eye only. */
function looksEqual(condition: Condition, actual: unknown): boolean {
  return (
    typeof condition !== typeof actual && typeof actual !== 'object' && String(condition) === String(actual)
  );
}

function report(fields: readonly FieldReport[]): ConditionReport {
  const has = (verdict: FieldReport['verdict']) => fields.some((f) => f.verdict === verdict);
  return { verdict: has('fails') ? 'false' : has('unknown') ? 'unknown' : 'true', fields };
}
