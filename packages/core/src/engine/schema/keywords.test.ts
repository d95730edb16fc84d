import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

const KEYWORDS: readonly {
  cell: string;
  schema: JsonObject;
  fits: JsonObject;
  fails: JsonObject;
  says: string;
}[] = [
  {
    cell: 'anyOf of types',
    schema: of({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
    fits: { a: null },
    fails: { a: 5 },
    says: '/a expected string or null, got integer',
  },
  {
    cell: 'anyOf of references',
    schema: of(
      { a: { anyOf: [{ $ref: '#/$defs/s' }, { type: 'null' }] } },
      { $defs: { s: { type: 'string' } } },
    ),
    fits: { a: 'x' },
    fails: { a: true },
    says: '/a expected string or null, got boolean',
  },
  {
    cell: 'anyOf of values',
    schema: of({ a: { anyOf: [{ const: 'x' }, { const: 1 }] } }),
    fits: { a: 1 },
    fails: { a: 'y' },
    says: '/a expected "x" or 1',
  },
  {
    cell: 'anyOf of objects',
    schema: of({ a: { anyOf: [{ required: ['b'] }, { required: ['c'] }] } }),
    fits: { a: { c: 1 } },
    fails: { a: {} },
    says: '/a fits none of the allowed forms: /b missing required field "b"; /c missing required field "c"',
  },
  {
    cell: 'oneOf, two fit',
    schema: of({ a: { oneOf: [{ minimum: 1 }, { maximum: 9 }] } }),
    fits: { a: 10 },
    fails: { a: 5 },
    says: '/a fits more than one of the allowed forms',
  },
  {
    cell: 'not',
    schema: of({ a: { not: { type: 'string' } } }),
    fits: { a: 1 },
    fails: { a: 'x' },
    says: '/a this is excluded',
  },
  {
    cell: 'const',
    schema: of({ a: { const: { b: [1] } } }),
    fits: { a: { b: [1] } },
    fails: { a: { b: [2] } },
    says: '/a expected {"b":[1]}',
  },
  {
    cell: 'enum of objects',
    schema: of({ a: { enum: [{ x: 1, y: 2 }] } }),
    fits: { a: { y: 2, x: 1 } },
    fails: { a: { x: 1 } },
    says: '/a expected {"x":1,"y":2}',
  },
  {
    cell: 'if and then',
    schema: JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]}}') as JsonObject,
    fits: { c: 1 },
    fails: { a: 1 },
    says: '/b missing required field "b"',
  },
  {
    cell: 'dependentRequired',
    schema: { dependentRequired: { a: ['b'] } },
    fits: {},
    fails: { a: 1 },
    says: '/b missing field "b", which is required together with "a"',
  },
  {
    cell: 'a name that has to be escaped',
    schema: of({ 'a/b c%': { enum: ['x'] } }),
    fits: { 'a/b c%': 'x' },
    fails: { 'a/b c%': 'y' },
    says: '/a~1b c% expected "x"',
  },
  {
    cell: 'dependentSchemas',
    schema: { dependentSchemas: { a: { required: ['b'], properties: { b: { pattern: '^x' } } } } },
    fits: { a: 1, b: 'x' },
    fails: { a: 1, b: 'y' },
    says: '/b expected text that matches ^x',
  },
  {
    cell: 'unevaluatedProperties',
    schema: { allOf: [of({ a: {} })], unevaluatedProperties: false },
    fits: { a: 1 },
    fails: { b: 1 },
    says: '/b unknown field "b"',
  },
  {
    cell: 'propertyNames',
    schema: { propertyNames: { pattern: '^[a-z]+$' } },
    fits: { a: 1 },
    fails: { A: 1 },
    says: ' the name "A" is not allowed',
  },
  {
    cell: 'patternProperties',
    schema: {
      patternProperties: { '^a': { type: 'string' }, '^b': { type: 'number' } },
      additionalProperties: false,
    },
    fits: { a1: 'x', b1: 1 },
    fails: { b1: 'x' },
    says: '/b1 expected number, got string',
  },
  {
    cell: 'contains',
    schema: of({ a: { contains: { type: 'string' }, minContains: 2 } }),
    fits: { a: ['x', 'y'] },
    fails: { a: ['x', 1] },
    says: '/a expected at least 2 elements of the form that the schema asks for',
  },
  {
    cell: 'prefixItems',
    schema: of({ a: { prefixItems: [{ type: 'string' }], items: false } }),
    fits: { a: ['x'] },
    fails: { a: ['x', 1] },
    says: '/a expected at most 1 element',
  },
  {
    cell: 'minLength in code points',
    schema: of({ a: { minLength: 2 } }),
    fits: { a: '\u{1f600}b' },
    fails: { a: '\u{1f600}' },
    says: '/a expected at least 2 characters',
  },
  {
    cell: 'maxLength in code points',
    schema: of({ a: { maxLength: 2 } }),
    fits: { a: '\u{1f600}\u{1f600}' },
    fails: { a: 'abc' },
    says: '/a expected at most 2 characters',
  },
  {
    cell: 'date-time',
    schema: of({ a: { format: 'date-time' } }),
    fits: { a: '2026-11-23T10:00:00Z' },
    fails: { a: '2026-02-30T00:00:00Z' },
    says: '/a expected the format date-time',
  },
  {
    cell: 'int32',
    schema: of({ a: { type: 'integer', format: 'int32' } }),
    fits: { a: 5 },
    fails: { a: 3_000_000_000 },
    says: '/a expected the format int32',
  },
  {
    cell: 'nullable',
    schema: of({ a: { type: 'string', nullable: true } }),
    fits: { a: null },
    fails: { a: 1 },
    says: '/a expected string, got integer',
  },
  {
    cell: 'own fields only',
    schema: { required: ['toString'] },
    fits: { toString: 1 },
    fails: {},
    says: '/toString missing required field "toString"',
  },
  {
    cell: 'names of the prototype',
    schema: of({ constructor: { type: 'string' } }, { additionalProperties: false }),
    fits: {},
    fails: { constructor: 1 },
    says: '/constructor expected string, got integer',
  },
  {
    cell: 'draft-07 tuples',
    schema: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      ...of({ a: { items: [{ type: 'string' }], additionalItems: false } }),
    },
    fits: { a: ['x'] },
    fails: { a: ['x', 'y'] },
    says: '/a expected at most 1 element',
  },
  {
    cell: '2019-09',
    schema: {
      $schema: 'https://json-schema.org/draft/2019-09/schema',
      ...of({ a: { items: [{ type: 'string' }] } }),
    },
    fits: { a: ['x'] },
    fails: { a: [1] },
    says: '/a/0 expected string, got integer',
  },
  {
    cell: 'a tree of itself',
    schema: {
      $ref: '#/$defs/t',
      $defs: { t: of({ l: { $ref: '#/$defs/t' }, v: { type: 'integer' } }, { additionalProperties: false }) },
    },
    fits: { l: { l: { v: 1 } } },
    fails: { l: { l: { v: 'x' } } },
    says: '/l/l/v expected integer, got string',
  },
];

test.each(KEYWORDS)('keyword: $cell', ({ schema, fits, fails, says }) => {
  const compiled = createSchemaCompiler().compile(schema);
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.errors));
  const { validate } = compiled;
  expect(validate(fits)).toBeNull();
  expect((validate(fails) ?? []).map(({ pointer, message }) => `${pointer} ${message}`)).toContain(says);
});
