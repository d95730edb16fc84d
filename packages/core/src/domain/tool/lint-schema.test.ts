import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { fastestOf } from '../../../test/fastest-of.js';
import { lintSchema } from './lint-schema.js';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const many = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const named = (n: number, make: (i: number) => unknown): JsonObject =>
  Object.fromEntries(many(n, (i) => [`p${i}`, make(i)]));
const nested = (n: number, innermost: unknown): JsonObject =>
  n === 0 ? (innermost as JsonObject) : { properties: { a: nested(n - 1, innermost) } };
const excluded = (n: number): JsonObject => (n === 0 ? {} : { not: excluded(n - 1) });

const ACCEPTED: readonly { cell: string; schema: JsonObject; why: string }[] = [
  { cell: 'nothing said', schema: {}, why: 'everything is an object that may be sent' },
  { cell: 'no type', schema: { properties: { a: {} } }, why: 'types may be left out' },
  { cell: 'types', schema: of({ a: { type: ['string', 'null'] } }), why: 'a list of types' },
  { cell: 'required only', schema: { type: 'object', required: ['toString'] }, why: 'REG-030' },
  {
    cell: 'backtracking pattern',
    schema: of({ a: { pattern: '^(a+)+$' } }),
    why: 'REG-026: it runs in linear time',
  },
  {
    cell: 'draft-07',
    schema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', definitions: {} },
    why: 'generators write it',
  },
  {
    cell: '2019-09',
    schema: { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'object' },
    why: 'is compiled',
  },
  {
    cell: '2020-12',
    schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
    why: 'is compiled',
  },
  { cell: 'extensions', schema: of({ a: { 'x-order': 1 } }, { 'x-vendor': {} }), why: 'x- is free' },
  {
    cell: 'OpenAPI words',
    schema: of({ a: { type: 'string', example: 'x', nullable: true, discriminator: {} } }),
    why: 'wrapped APIs have them',
  },
  {
    cell: 'fields with names of keywords',
    schema: of({ $id: {}, $ref: {}, pattern: {}, 'x-mcp-header': {} }),
    why: 'names, not keywords',
  },
  {
    cell: 'values that look like schemas',
    schema: of({ a: { const: { $ref: 'x', $id: 'y' }, default: { propertys: 1 } } }),
    why: 'values, not schemas',
  },
  { cell: '32 levels', schema: excluded(31), why: 'the limit is included' },
  { cell: '1,000 subschemas', schema: of(named(999, () => ({}))), why: 'the limit is included' },
  { cell: '1,000 values', schema: of({ a: { enum: many(1_000, (i) => i) } }), why: 'the limit is included' },
  { cell: '512 characters', schema: of({ a: { pattern: 'a'.repeat(512) } }), why: 'the limit is included' },
];

test.each(ACCEPTED)('accepts $cell: $why', ({ schema }) => {
  expect(lintSchema(schema)).toEqual([]);
});

const REFUSED: readonly { cell: string; schema: JsonObject; pointer: string; says: string; why: string }[] = [
  {
    cell: '$id',
    schema: { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
    pointer: '/$id',
    says: 'not allowed',
    why: 'names another schema',
  },
  {
    cell: 'nested $id',
    schema: of({ a: { $id: 'x' } }),
    pointer: '/properties/a/$id',
    says: 'not allowed',
    why: 'moves references',
  },
  {
    cell: '$anchor',
    schema: { $anchor: 'x' },
    pointer: '/$anchor',
    says: 'not allowed',
    why: 'names a place',
  },
  {
    cell: '$dynamicRef',
    schema: { $dynamicRef: '#x' },
    pointer: '/$dynamicRef',
    says: 'not allowed',
    why: 'depends on the caller',
  },
  {
    cell: '$dynamicAnchor',
    schema: { $dynamicAnchor: 'x' },
    pointer: '/$dynamicAnchor',
    says: 'not allowed',
    why: 'likewise',
  },
  {
    cell: '$recursiveRef',
    schema: { $recursiveRef: '#' },
    pointer: '/$recursiveRef',
    says: 'not allowed',
    why: 'likewise',
  },
  {
    cell: '$async',
    schema: { $async: true, type: 'object', required: ['amount'] },
    pointer: '/$async',
    says: 'not allowed',
    why: 'REG-017: validates anything, crashes the process',
  },
  {
    cell: '$data',
    schema: of({ a: { $data: '1/b' } }),
    pointer: '/properties/a/$data',
    says: 'not allowed',
    why: 'a pattern from the caller',
  },
  {
    cell: '$vocabulary',
    schema: { $vocabulary: {} },
    pointer: '/$vocabulary',
    says: 'not allowed',
    why: 'changes the rules',
  },
  {
    cell: 'draft-04 id',
    schema: { id: 'x' },
    pointer: '/id',
    says: 'not allowed',
    why: '$id of another draft',
  },
  {
    cell: '10,001 properties',
    schema: of(named(10_001, () => ({}))),
    pointer: '',
    says: '64 KiB',
    why: 'REG-023',
  },
  {
    cell: '1,001 subschemas',
    schema: of(named(1_000, () => ({}))),
    pointer: '',
    says: '1000 subschemas',
    why: 'REG-023, shorter',
  },
  {
    cell: '100,000 values',
    schema: of({ a: { enum: many(100_000, (i) => `v${i}`) } }),
    pointer: '',
    says: '64 KiB',
    why: 'REG-024',
  },
  {
    cell: '1,001 values',
    schema: of({ a: { enum: many(1_001, (i) => i) } }),
    pointer: '/properties/a/enum',
    says: '1000 values',
    why: 'REG-024, shorter',
  },
  {
    cell: '64 KiB in UTF-8',
    schema: { description: '\u20ac'.repeat(22_000) },
    pointer: '',
    says: '64 KiB',
    why: 'bytes count, not characters',
  },
  { cell: '33 levels', schema: excluded(32), pointer: '/not'.repeat(32), says: '32 levels', why: 'limit 32' },
  {
    cell: 'deep value',
    schema: of({ a: { const: nested(40, {}) } }),
    pointer: '',
    says: '64 levels',
    why: 'also values are walked through',
  },
  {
    cell: '513 characters',
    schema: of({ a: { pattern: 'a'.repeat(513) } }),
    pointer: '/properties/a/pattern',
    says: '512 characters',
    why: 'limit 512',
  },
  {
    cell: 'long name pattern',
    schema: { patternProperties: { ['a'.repeat(513)]: {} } },
    pointer: '/patternProperties',
    says: '512 characters',
    why: 'these are patterns too',
  },
  {
    cell: 'unknown type',
    schema: { type: 'banana' },
    pointer: '/type',
    says: 'expected one or more of',
    why: 'REG-031',
  },
  {
    cell: 'type twice',
    schema: { type: ['object', 'object'] },
    pointer: '/type',
    says: 'expected one or more of',
    why: 'a set',
  },
  {
    cell: 'misspelt',
    schema: { type: 'object', propertys: { a: {} } },
    pointer: '/propertys',
    says: 'did you mean properties?',
    why: 'REG-032',
  },
  {
    cell: 'misspelt deeper',
    schema: of({ a: { minLenght: 1 } }),
    pointer: '/properties/a/minLenght',
    says: 'did you mean minLength?',
    why: 'REG-032',
  },
  {
    cell: 'unknown',
    schema: of({ a: { divisibleBy: 2 } }),
    pointer: '/properties/a/divisibleBy',
    says: 'unknown keyword',
    why: 'would be ignored',
  },
  {
    cell: 'unknown dialect',
    schema: { $schema: 'https://evil.example/dialect', type: 'object' },
    pointer: '/$schema',
    says: '2020-12',
    why: 'REG-033',
  },
  {
    cell: 'draft-04',
    schema: { $schema: 'http://json-schema.org/draft-04/schema#' },
    pointer: '/$schema',
    says: '2020-12',
    why: 'means other things by the same words',
  },
  {
    cell: 'nested dialect',
    schema: of({ a: { $schema: 'https://json-schema.org/draft/2020-12/schema' } }),
    pointer: '/properties/a/$schema',
    says: 'at the top',
    why: 'one dialect',
  },
  {
    cell: 'text as a schema',
    schema: of({ a: 'string' }),
    pointer: '/properties/a',
    says: 'expected a schema',
    why: 'not a schema',
  },
  {
    cell: 'null as a schema',
    schema: { items: null },
    pointer: '/items',
    says: 'expected a schema',
    why: 'not a schema',
  },
  {
    cell: 'no objects',
    schema: { type: 'string' },
    pointer: '/type',
    says: 'schema of objects',
    why: 'could never be called',
  },
  {
    cell: '__proto__',
    schema: { properties: JSON.parse('{"__proto__":{}}') as JsonObject },
    pointer: '/properties',
    says: '__proto__',
    why: 'never a field',
  },
];

test.each(REFUSED)('refuses $cell: $why', ({ schema, pointer, says }) => {
  expect(lintSchema(schema)).toContainEqual({ pointer, message: expect.stringContaining(says) as string });
});

test('results may be anything, params are objects', () => {
  expect(lintSchema({ type: 'array' }, 'result')).toEqual([]);
  expect(lintSchema({ type: 'array' }, 'params')).toHaveLength(1);
});

test('at most twenty problems are told', () => {
  expect(lintSchema(named(50, () => ({})))).toHaveLength(20);
});

test('is quick about a schema of a megabyte and about one that nests without end', () => {
  const wide = of({ a: { enum: many(100_000, (i) => `v${i}`) } });
  const deep = JSON.parse(`${'{"not":'.repeat(5_000)}{}${'}'.repeat(5_000)}`) as JsonObject;
  expect(lintSchema(wide)).toHaveLength(1);
  expect(lintSchema(deep)).toHaveLength(1);
  expect(fastestOf(5, () => lintSchema(wide))).toBeLessThan(50);
  expect(fastestOf(5, () => lintSchema(deep))).toBeLessThan(50);
});
