import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { lintSchema } from './lint-schema.js';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

const ACCEPTED: readonly { cell: string; schema: JsonObject; why: string }[] = [
  {
    cell: 'header',
    schema: of({ r: { type: 'string', 'x-mcp-header': 'Region' } }),
    why: 'a token, of a primitive property',
  },
  {
    cell: 'headers, one nested',
    schema: of({
      a: { type: 'integer', 'x-mcp-header': 'A' },
      b: of({ c: { type: 'boolean', 'x-mcp-header': 'B' } }),
    }),
    why: 'reached by properties alone',
  },
];

test.each(ACCEPTED)('accepts $cell: $why', ({ schema }) => {
  expect(lintSchema(schema)).toEqual([]);
});

const REFUSED: readonly { cell: string; schema: JsonObject; pointer: string; says: string; why: string }[] = [
  {
    cell: 'header with a line break',
    schema: of({ h: { type: 'string', 'x-mcp-header': 'X\r\nEvil' } }),
    pointer: '/properties/h/x-mcp-header',
    says: 'name of a header',
    why: 'REG-034',
  },
  {
    cell: 'empty header',
    schema: of({ h: { type: 'string', 'x-mcp-header': '' } }),
    pointer: '/properties/h/x-mcp-header',
    says: 'name of a header',
    why: 'not a token',
  },
  {
    cell: 'reserved header',
    schema: of({ h: { type: 'string', 'x-mcp-header': 'AuthoriZation' } }),
    pointer: '/properties/h/x-mcp-header',
    says: 'reserved',
    why: 'REG-034',
  },
  {
    cell: 'header twice',
    schema: of({
      a: { type: 'string', 'x-mcp-header': 'x-a' },
      b: { type: 'string', 'x-mcp-header': 'X-A' },
    }),
    pointer: '/properties/b/x-mcp-header',
    says: 'another parameter',
    why: 'whatever the case',
  },
  {
    cell: 'header of an object',
    schema: of({ h: { type: 'object', 'x-mcp-header': 'H' } }),
    pointer: '/properties/h/x-mcp-header',
    says: 'primitive',
    why: 'one value',
  },
  {
    cell: 'header of elements',
    schema: of({ l: { items: { type: 'string', 'x-mcp-header': 'H' } } }),
    pointer: '/properties/l/items/x-mcp-header',
    says: 'only a property',
    why: 'one value',
  },
  {
    cell: 'header in a choice',
    schema: { anyOf: [of({ h: { type: 'string', 'x-mcp-header': 'H' } })] },
    pointer: '/anyOf/0/properties/h/x-mcp-header',
    says: 'only a property',
    why: 'statically reachable',
  },
  {
    cell: 'header of the whole',
    schema: { type: 'object', 'x-mcp-header': 'H' },
    pointer: '/x-mcp-header',
    says: 'only a property',
    why: 'one value',
  },
];

test.each(REFUSED)('refuses $cell: $why', ({ schema, pointer, says }) => {
  expect(lintSchema(schema)).toContainEqual({ pointer, message: expect.stringContaining(says) as string });
});
