import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { lintSchema } from './lint-schema.js';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const many = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const named = (n: number, make: (i: number) => unknown): JsonObject =>
  Object.fromEntries(many(n, (i) => [`p${i}`, make(i)]));
const doubling = (n: number): JsonObject => ({
  type: 'object',
  $ref: '#/$defs/p0',
  $defs: named(n, (i) =>
    i === n - 1 ? {} : { allOf: [{ $ref: `#/$defs/p${i + 1}` }, { $ref: `#/$defs/p${i + 1}` }] },
  ),
});

const ACCEPTED: readonly { cell: string; schema: JsonObject; why: string }[] = [
  {
    cell: 'tree',
    schema: of({ l: { $ref: '#' }, r: { $ref: '#' } }),
    why: 'each reference looks at a part of the value',
  },
  { cell: 'list of itself', schema: of({ l: { type: 'array', items: { $ref: '#' } } }), why: 'likewise' },
  {
    cell: 'local reference',
    schema: of({ a: { $ref: '#/$defs/b' } }, { $defs: { b: {} } }),
    why: 'within the schema',
  },
  {
    cell: 'reference to a property',
    schema: of({ a: {}, b: { $ref: '#/properties/a' } }),
    why: 'a schema stands there',
  },
  {
    cell: 'escaped reference',
    schema: of({ a: { $ref: '#/$defs/x~1y%20z' } }, { $defs: { 'x/y z': {} } }),
    why: 'RFC 6901, RFC 3986',
  },
  { cell: 'doubling, few times', schema: doubling(10), why: '2^9 schemas for one value are still few' },
];

test.each(ACCEPTED)('accepts $cell: $why', ({ schema }) => {
  expect(lintSchema(schema)).toEqual([]);
});

const REFUSED: readonly { cell: string; schema: JsonObject; pointer: string; says: string; why: string }[] = [
  {
    cell: 'file reference',
    schema: { $ref: 'file:///etc/passwd' },
    pointer: '/$ref',
    says: 'within this schema',
    why: 'REG-019',
  },
  {
    cell: 'http reference',
    schema: { $ref: 'http://169.254.169.254/' },
    pointer: '/$ref',
    says: 'within this schema',
    why: 'REG-018',
  },
  {
    cell: 'relative reference',
    schema: { $ref: 'other.json#/a' },
    pointer: '/$ref',
    says: 'within this schema',
    why: 'another document',
  },
  {
    cell: 'anchor reference',
    schema: { $ref: '#foo' },
    pointer: '/$ref',
    says: 'within this schema',
    why: 'a name, not a path',
  },
  {
    cell: 'dangling reference',
    schema: of({ a: { $ref: '#/$defs/b' } }),
    pointer: '/properties/a/$ref',
    says: 'no schema',
    why: 'never permissive',
  },
  {
    cell: 'reference into a value',
    schema: of({ a: { const: {} }, b: { $ref: '#/properties/a/const' } }),
    pointer: '/properties/b/$ref',
    says: 'no schema',
    why: 'values are not schemas',
  },
  {
    cell: 'broken percent',
    schema: { $ref: '#/$defs/%zz', $defs: {} },
    pointer: '/$ref',
    says: 'no schema',
    why: 'not a URI fragment',
  },
  { cell: 'itself', schema: { $ref: '#' }, pointer: '', says: 'refers to itself', why: 'REG-020' },
  {
    cell: 'itself, twice',
    schema: { allOf: [{ $ref: '#' }, { $ref: '#' }] },
    pointer: '',
    says: 'refers to itself',
    why: 'REG-021',
  },
  {
    cell: 'each other',
    schema: {
      type: 'object',
      $ref: '#/$defs/a',
      $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { if: { $ref: '#/$defs/a' } } },
    },
    pointer: '',
    says: 'refers to itself',
    why: 'a longer circle',
  },
  {
    cell: 'circle in a definition',
    schema: { type: 'object', $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } },
    pointer: '/$defs/a',
    says: 'refers to itself',
    why: 'used or not',
  },
  {
    cell: 'doubling, 30 times',
    schema: doubling(31),
    pointer: '',
    says: 'multiply',
    why: 'REG-025: 2^30 schemas for one value',
  },
];

test.each(REFUSED)('refuses $cell: $why', ({ schema, pointer, says }) => {
  expect(lintSchema(schema)).toContainEqual({ pointer, message: expect.stringContaining(says) as string });
});
