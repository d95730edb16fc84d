import type { JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import { fastestOf } from '../../../test/fastest-of.js';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const of = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const many = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const chain = (n: number): JsonObject => (n === 0 ? {} : { next: chain(n - 1) });
const coins = (n: number, seed: number) => {
  let state = seed;
  return many(n, () =>
    (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) < 1_073_741_824 ? 'a' : 'b',
  ).join('');
};
const twice = { allOf: [{ $ref: '#/$defs/node' }, { $ref: '#/$defs/node' }] };

/** Schemas that may be registered, and params within the limits of a request, made to take each other long. */
const CELLS: readonly {
  cell: string;
  schema: JsonObject;
  params: JsonObject;
  says: string | null;
  why: string;
}[] = [
  {
    cell: 'backtracking pattern',
    schema: of({ a: { pattern: '^(a+)+$' } }),
    params: { a: `${'a'.repeat(9_999)}!` },
    says: '/a expected text that matches',
    why: 'REG-026: V8 takes 15 s for 29 characters',
  },
  {
    cell: 'text too long for a pattern',
    schema: of({ a: { pattern: '^(a+)+$' } }),
    params: { b: 1, a: `${'a'.repeat(50_000)}!` },
    says: '/a text of more than 10000 characters',
    why: 'REG-026',
  },
  {
    cell: 'pattern with many states',
    schema: of({ a: { pattern: '^(a|b)*a(a|b){100}$' } }),
    params: { a: coins(1_000, 1) },
    says: '/a expected text',
    why: 'builds 2^100 states, if it could',
  },
  {
    cell: 'the same, longer',
    schema: of({ a: { pattern: '^(a|b)*a(a|b){100}$' } }),
    params: { a: coins(9_999, 2) },
    says: ' takes too long',
    why: 'stopped',
  },
  {
    cell: 'many patterns, many names',
    schema: { patternProperties: Object.fromEntries(many(90, (i) => [`^x${i}`, {}])) },
    params: Object.fromEntries(many(9_000, (i) => [`p${i}`, 1])),
    says: ' takes too long',
    why: '810,000 tests',
  },
  {
    cell: 'doubling down a chain',
    schema: { properties: { n: { $ref: '#/$defs/node' } }, $defs: { node: { properties: { next: twice } } } },
    params: { n: chain(60) },
    says: ' takes too long',
    why: '2^60 checks',
  },
  {
    cell: 'nine hundred alternatives',
    schema: of({ a: { items: { anyOf: many(900, () => ({ type: 'string' })) } } }),
    params: { a: many(9_000, (i) => i) },
    says: ' takes too long',
    why: '8 million errors',
  },
  {
    cell: 'lists in alternatives',
    schema: of({ a: { anyOf: many(400, () => ({ items: { type: 'string' } })) } }),
    params: { a: many(9_000, (i) => i) },
    says: ' takes too long',
    why: '3.6 million errors',
  },
  {
    cell: 'large unique objects',
    schema: of({ a: { uniqueItems: true } }),
    params: { a: many(9_000, (i) => ({ i })) },
    says: null,
    why: 'every pair: 40 million comparisons',
  },
  {
    cell: 'unique objects of unique objects',
    schema: of({ a: { allOf: many(900, () => ({ uniqueItems: true })) } }),
    params: { a: many(9_000, (i) => ({ i })) },
    says: ' takes too long',
    why: 'the same 900 times',
  },
  {
    cell: 'long text measured often',
    schema: of({ a: { allOf: many(900, (i) => ({ maxLength: 600_000 + i })) } }),
    params: { a: 'a'.repeat(1_000_000) },
    says: ' takes too long',
    why: '900 million characters',
  },
  {
    cell: 'quadratic format',
    schema: of({ a: { format: 'url' } }),
    params: { a: `http://${':'.repeat(9_000)}!` },
    says: ' takes too long',
    why: '0.1 s each',
  },
  {
    cell: 'quadratic format, many times',
    schema: of({ a: { items: { format: 'url' } } }),
    params: { a: many(100, () => `http://${':'.repeat(900)}!`) },
    says: ' takes too long',
    why: '1 ms each',
  },
  {
    cell: 'text too long for a format',
    schema: of({ a: { format: 'uri' } }),
    params: { a: `http://${'a'.repeat(10_000)}` },
    says: '/a text of more than',
    why: 'limit 10,000',
  },
  {
    cell: 'large enum, many values',
    schema: of({ a: { items: { enum: many(1_000, (i) => ({ i })) } } }),
    params: { a: many(5_000, (i) => ({ i: i % 1_000 })) },
    says: null,
    why: 'five million comparisons',
  },
  {
    cell: 'nine thousand unknown fields',
    schema: { ...of({ a: {} }), additionalProperties: false },
    params: Object.fromEntries(many(9_000, (i) => [`p${i}`, 1])),
    says: '/p0 unknown field',
    why: 'twenty are told',
  },
  {
    cell: 'five thousand missing fields',
    schema: { required: many(5_000, (i) => `p${i}`) },
    params: {},
    says: '/p0 missing required',
    why: 'twenty are told',
  },
];

test.each(CELLS)('checking costs little: $cell ($why)', ({ schema, params, says }) => {
  const compiled = createSchemaCompiler().compile(schema);
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.errors));
  const problems = compiled.validate(params);
  if (says === null) expect(problems).toBeNull();
  else expect(`${problems?.[0]?.pointer} ${problems?.[0]?.message}`).toContain(says);
  expect((problems ?? []).length).toBeLessThanOrEqual(20);
  expect(fastestOf(3, () => compiled.validate(params))).toBeLessThan(50);
});

test('a check that was given up leaves nothing behind for the next', () => {
  const schema = of({ a: { items: { anyOf: many(900, () => ({ type: 'string' })) } } });
  const compiled = createSchemaCompiler().compile(schema);
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.errors));
  expect(compiled.validate({ a: many(9_000, (i) => i) })).toHaveLength(1);
  expect(compiled.validate({ a: ['x'] })).toBeNull();
});

test('params that are nested too deeply for the stack are a problem, not an exception', () => {
  const schema = {
    $ref: '#/$defs/node',
    $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } },
  };
  const compiled = createSchemaCompiler().compile(schema);
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.errors));
  let deep: JsonObject = {};
  for (let i = 0; i < 100_000; i++) deep = { next: deep };
  expect(compiled.validate(deep)).toHaveLength(1);
});
