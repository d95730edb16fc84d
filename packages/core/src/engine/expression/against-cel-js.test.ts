import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { celExpressions, celFacts, CEL_ROOTS } from '../../../test/cel-arbitraries.js';
import { createExpressionLanguage } from './cel-language.js';

/** The CEL library's own evaluator, without our limits. */
const library = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
const language = createExpressionLanguage();

function byLibrary(source: string, values: Readonly<Record<string, unknown>>): string {
  try {
    const result: unknown = library.parse(source)(Object.assign(Object.create(null), values));
    return typeof result === 'boolean' ? String(result) : 'unknown';
  } catch {
    return 'unknown';
  }
}

test('gives the answers of the CEL library, and is unknown where that throws', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(celExpressions, celFacts, (source, values) => {
      const compiled = language.compile(source, CEL_ROOTS);
      if (compiled.kind === 'error') {
        // Only for what we offer less of, or where the library finds wrong types.
        expect(`${compiled.error.message}`).toMatch(
          /another macro|does not apply|same type|must return bool|requires bool/,
        );
        return;
      }
      const { kind } = compiled.expression.evaluate(values);
      seen[kind] = (seen[kind] ?? 0) + 1;
      expect([source, values, kind]).toEqual([source, values, byLibrary(source, values)]);
    }),
    { numRuns: 5_000 },
  );
  expect(Object.values(seen).every((n) => n > 200) && Object.keys(seen).length === 3).toBe(true);
});
