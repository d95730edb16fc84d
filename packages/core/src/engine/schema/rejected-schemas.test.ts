import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

const REJECTED: readonly { cell: string; schema: JsonObject; pointer: string; says: string; why: string }[] =
  [
    {
      cell: 'invalid pattern',
      schema: of({ a: { pattern: '(' } }),
      pointer: '/properties/a/pattern',
      says: 'not valid',
      why: 'REG-029: found here, not at the first call',
    },
    {
      cell: 'look-ahead',
      schema: of({ a: { pattern: '^a(?!x)' } }),
      pointer: '/properties/a/pattern',
      says: 'linear time',
      why: 'RE2 has none',
    },
    {
      cell: 'back-reference',
      schema: of({ a: { pattern: String.raw`(a)\1` } }),
      pointer: '/properties/a/pattern',
      says: 'linear time',
      why: 'RE2 has none',
    },
    {
      cell: 'repetition bomb',
      schema: of({ a: { pattern: '((a{0,1000}){0,1000}){0,1000}b' } }),
      pointer: '/properties/a/pattern',
      says: 'too large',
      why: 'REG-027',
    },
    {
      cell: 'large pattern',
      schema: of({ a: { pattern: '^.{1,1000}$' } }),
      pointer: '/properties/a/pattern',
      says: 'too large',
      why: 'would not run on what it is for',
    },
    {
      cell: 'invalid name pattern',
      schema: { patternProperties: { '[': {} } },
      pointer: '/patternProperties/[',
      says: 'not valid',
      why: 'these are patterns too',
    },
    {
      cell: 'many patterns',
      schema: of(
        Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`p${i}`, { pattern: `^[a-z]{1,150}${i}$` }]),
        ),
      ),
      pointer: '/properties/p32/pattern',
      says: 'together',
      why: 'bounded together',
    },
    {
      cell: 'against the meta-schema',
      schema: of({ a: { minLength: -1 } }),
      pointer: '/properties/a/minLength',
      says: '>= 0',
      why: 'the SDK of MCP does not look',
    },
    {
      cell: '$data in a value',
      schema: of({ a: { minimum: { $data: '1/b' } } }),
      pointer: '/properties/a/minimum',
      says: 'number',
      why: 'CVE-2025-69873',
    },
    {
      cell: 'words of another dialect',
      schema: of({ a: { items: [{}] } }),
      pointer: '/properties/a/items',
      says: 'object',
      why: 'would mean nothing',
    },
    {
      cell: 'what would be ignored',
      schema: of({ a: { if: { type: 'string' } } }),
      pointer: '',
      says: 'ignored',
      why: 'Ajv is strict',
    },
    {
      cell: 'a chain without end',
      schema: {
        $ref: '#/$defs/p0',
        $defs: Object.fromEntries(
          Array.from({ length: 900 }, (_, i) => [`p${i}`, i === 899 ? {} : { $ref: `#/$defs/p${i + 1}` }]),
        ),
      },
      pointer: '',
      says: 'chains',
      why: 'too much for the stack',
    },
  ];

test.each(REJECTED)('rejects $cell: $why', ({ schema, pointer, says }) => {
  const compiled = createSchemaCompiler().compile(schema);
  expect(compiled).toEqual({
    kind: 'rejected',
    errors: [{ pointer, message: expect.stringContaining(says) as string }],
  });
});
