import { expect, test } from 'vitest';
import { childSchemas, withChildSchemas } from './subschemas.js';

const schema = {
  type: 'object',
  properties: { 'a/b': {}, c: true },
  items: { type: 'string' },
  prefixItems: [{}],
  allOf: [{ title: 'x' }],
  dependencies: { c: ['a'], d: { title: 'y' } },
  enum: [{ properties: {} }],
  'x-own': { properties: {} },
  required: ['c'],
};

test('finds the schemas directly in a schema, and what they are held against', () => {
  expect(childSchemas(schema)).toEqual([
    { keyword: 'properties', pointer: '/properties/a~1b', schema: {}, sameInstance: false },
    { keyword: 'properties', pointer: '/properties/c', schema: true, sameInstance: false },
    { keyword: 'items', pointer: '/items', schema: { type: 'string' }, sameInstance: false },
    { keyword: 'prefixItems', pointer: '/prefixItems/0', schema: {}, sameInstance: false },
    { keyword: 'allOf', pointer: '/allOf/0', schema: { title: 'x' }, sameInstance: true },
    { keyword: 'dependencies', pointer: '/dependencies/d', schema: { title: 'y' }, sameInstance: true },
  ]);
});

test('replaces exactly those', () => {
  expect(withChildSchemas(schema, ({ pointer }) => pointer)).toEqual({
    ...schema,
    properties: { 'a/b': '/properties/a~1b', c: '/properties/c' },
    items: '/items',
    prefixItems: ['/prefixItems/0'],
    allOf: ['/allOf/0'],
    dependencies: { c: ['a'], d: '/dependencies/d' },
  });
  expect(withChildSchemas(schema, ({ schema: child }) => child)).toEqual(schema);
});
