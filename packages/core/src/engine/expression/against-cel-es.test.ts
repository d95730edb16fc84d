import { isCelError, run, type CelInput } from '@bufbuild/cel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { celExpressions, celFacts, CEL_ROOTS } from '../../../test/cel-arbitraries.js';
import { createExpressionLanguage } from './cel-language.js';

const language = createExpressionLanguage();

/** To this engine objects are maps. */
function toInput(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(toInput);
  if (typeof value !== 'object' || value === null) return value as CelInput;
  return new Map(Object.entries(value).map(([key, field]) => [key, toInput(field)]));
}

function byOther(source: string, values: Readonly<Record<string, unknown>>): string {
  const bindings = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toInput(value)]));
  const result = run(source, bindings);
  return isCelError(result) || typeof result !== 'boolean' ? 'unknown' : String(result);
}

/**
 * Where that engine is known to stand alone: has() of a variable that is not bound is false to it, a field that is null does
 * not exist, and null is not looked for among the keys of a map.
 */
function differs(source: string, { a, b, m }: Readonly<Record<string, unknown>>): boolean {
  const asksFor = source.includes('has(m') || source.includes(' in m');
  if (asksFor && (m === undefined || JSON.stringify(m).includes('null'))) return true;
  return (source.includes('a in m') && a === null) || (source.includes('b in {') && b === null);
}

test('gives the answers of a second CEL engine, and is unknown where that has an error', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(celExpressions, celFacts, (source, values) => {
      const compiled = language.compile(source, CEL_ROOTS);
      if (compiled.kind === 'error' || differs(source, values)) return;
      const { kind } = compiled.expression.evaluate(values);
      seen[kind] = (seen[kind] ?? 0) + 1;
      expect([source, values, kind]).toEqual([source, values, byOther(source, values)]);
    }),
    { numRuns: 5_000 },
  );
  expect(Object.values(seen).every((n) => n > 200) && Object.keys(seen).length === 3).toBe(true);
});
