import type { JsonObject } from '@invoke/contract';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const compiler = createSchemaCompiler();

const name = fc.constantFrom('a', 'b', 'c/d', 'toString');
const scalar = fc.constantFrom(
  null,
  true,
  0,
  1,
  1.5,
  -3,
  19.99,
  '',
  'a',
  'ab',
  '\u{1f600}',
  '2026-11-23',
  'a@b.co',
  '{"a":1}',
);
const values = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
}));

const small = fc.nat({ max: 3 });
const schemas = fc.letrec<{ schema: JsonObject | boolean; object: JsonObject }>((tie) => ({
  object: fc
    .record(
      {
        type: fc.oneof(
          fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'null'),
          fc.constant(['string', 'object']),
        ),
        enum: fc.array(fc.oneof(scalar, fc.constant({ a: 1 }), fc.constant([1, 'a'])), {
          minLength: 1,
          maxLength: 3,
        }),
        const: scalar,
        minLength: small,
        maxLength: small,
        pattern: fc.constantFrom('^a', 'b$', '^[0-9-]+$', '.'),
        format: fc.constantFrom('date', 'email', 'unknown'),
        minimum: small,
        exclusiveMaximum: small,
        multipleOf: fc.constantFrom(0.01, 1.5, 2),
        uniqueItems: fc.boolean(),
        maxItems: small,
        items: tie('schema'),
        contains: tie('schema'),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 2, noNullPrototype: true }),
        patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), tie('schema'), {
          maxKeys: 2,
          noNullPrototype: true,
        }),
        additionalProperties: tie('schema'),
        propertyNames: tie('schema'),
        dependentRequired: fc.constant({ a: ['b'] }),
        not: tie('schema'),
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        unevaluatedProperties: fc.constant(false),
        $ref: fc.constantFrom('#/$defs/one', '#/$defs/two'),
      },
      { requiredKeys: [], noNullPrototype: true },
    )
    .map(fewKeywords),
  schema: fc.oneof({ maxDepth: 3, depthSize: 'small' }, fc.boolean(), tie('object')),
}));

/** With every keyword at once nothing would ever fit. */
function fewKeywords(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).filter((_, i, all) => i % Math.ceil(all.length / 3) === 0),
  );
}

const documents = fc
  .tuple(schemas.object, schemas.object, schemas.object)
  .map(([top, one, two]): JsonObject => ({ ...top, $defs: { one, two } }));

function plainAjv() {
  const ajv = new Ajv2020({
    strict: false,
    ownProperties: true,
    logger: false,
    multipleOfPrecision: 9,
    meta: false,
    validateSchema: false,
  });
  ajvFormats.default(ajv, ['date', 'email']);
  return ajv.addFormat('unknown', true);
}

/** Null: Ajv's own comparison of objects throws, which it does when one has a field called toString. */
function checkPlainly(plain: (value: unknown) => unknown, value: unknown): boolean | null {
  try {
    return plain(value) === true;
  } catch {
    return null;
  }
}

test('takes and refuses what a plain Ajv takes and refuses, and never throws', () => {
  const seen = { fits: 0, fails: 0, rejected: 0 };
  fc.assert(
    fc.property(documents, fc.array(values.value, { minLength: 5, maxLength: 5 }), (schema, candidates) => {
      const compiled = compiler.compile(schema, 'result');
      if (compiled.kind === 'rejected') {
        seen.rejected++;
        expect(compiled.errors.length).toBeGreaterThan(0);
        return;
      }
      const plain = plainAjv().compile(schema);
      for (const value of candidates) {
        const problems = compiled.validate(value as JsonObject);
        const fits = checkPlainly(plain, value);
        if (fits === null) continue;
        expect([schema, value, problems === null]).toEqual([schema, value, fits]);
        seen[fits ? 'fits' : 'fails']++;
        for (const { pointer, message } of problems ?? []) {
          expect(pointer).toMatch(/^(?:\/[^/]*)*$/);
          expect(message).not.toMatch(/undefined|\[object/);
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(seen.fits).toBeGreaterThan(50);
  expect(seen.fails).toBeGreaterThan(50);
});
