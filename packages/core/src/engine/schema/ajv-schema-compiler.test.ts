import type { FieldProblem, JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import type { ParamsValidator } from '../../ports/schema-compiler.js';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const compiler = createSchemaCompiler();

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });

function validatorOf(schema: JsonObject): ParamsValidator {
  const compiled = compiler.compile(schema);
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.errors));
  return compiled.validate;
}

const charge = of(
  {
    customer_id: { type: 'string', pattern: '^cust_[a-z0-9]+$', maxLength: 20 },
    amount: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.01 },
    currency: { enum: ['usd', 'eur'] },
    lines: { type: 'array', maxItems: 3, uniqueItems: true, items: of({ sku: { type: 'string' }, n: { type: 'integer' } }) },
    email: { type: 'string', format: 'email' },
  },
  { required: ['customer_id', 'amount'], additionalProperties: false },
);
const good = { customer_id: 'cust_123', amount: 19.99 };

test('takes what fits', () => {
  const validate = validatorOf(charge);
  expect(validate(good)).toBeNull();
  expect(validate({ ...good, currency: 'eur', lines: [{ sku: 'a', n: 1 }], email: 'ann@example.com' })).toBeNull();
});

const PROBLEMS: readonly { cell: string; params: JsonObject; problems: readonly FieldProblem[] }[] = [
  {
    cell: 'all that is missing',
    params: {},
    problems: [
      { pointer: '/customer_id', message: 'missing required field "customer_id"' },
      { pointer: '/amount', message: 'missing required field "amount"' },
    ],
  },
  {
    cell: 'an array for a string',
    params: { ...good, customer_id: ['cust_123'] },
    problems: [{ pointer: '/customer_id', message: 'expected string, got array' }],
  },
  {
    cell: 'a number for a string: nothing is coerced',
    params: { ...good, customer_id: 123 },
    problems: [{ pointer: '/customer_id', message: 'expected string, got integer' }],
  },
  {
    cell: 'a string for a number: nothing is coerced',
    params: { ...good, amount: '19.99' },
    problems: [{ pointer: '/amount', message: 'expected number, got string' }],
  },
  {
    cell: 'a space at the end',
    params: { ...good, customer_id: 'cust_123 ' },
    problems: [{ pointer: '/customer_id', message: 'expected text that matches ^cust_[a-z0-9]+$' }],
  },
  {
    cell: 'an unknown field',
    params: { ...good, curency: 'usd' },
    problems: [{ pointer: '/curency', message: 'unknown field "curency"; did you mean "currency"?' }],
  },
  {
    cell: 'an unknown field with a name that has to be escaped',
    params: { ...good, 'a/b~c': 1 },
    problems: [{ pointer: '/a~1b~0c', message: 'unknown field "a/b~c"' }],
  },
  {
    cell: 'a value that is not allowed',
    params: { ...good, currency: 'gbp' },
    problems: [{ pointer: '/currency', message: 'expected "usd" or "eur"' }],
  },
  {
    cell: 'a number out of bounds',
    params: { ...good, amount: -1 },
    problems: [{ pointer: '/amount', message: 'expected a number > 0' }],
  },
  {
    cell: 'too many cents',
    params: { ...good, amount: 19.999 },
    problems: [{ pointer: '/amount', message: 'expected a multiple of 0.01' }],
  },
  {
    cell: 'several, deep in a list',
    params: { ...good, lines: [{ sku: 1 }, { sku: 'a', n: 1.5 }] },
    problems: [
      { pointer: '/lines/0/sku', message: 'expected string, got integer' },
      { pointer: '/lines/1/n', message: 'expected integer, got number' },
    ],
  },
  {
    cell: 'an element twice, its keys in another order',
    params: { ...good, lines: [{ sku: 'a', n: 1 }, { n: 1, sku: 'a' }] },
    problems: [{ pointer: '/lines', message: 'expected no element twice' }],
  },
  {
    cell: 'too many elements',
    params: { ...good, lines: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }] },
    problems: [{ pointer: '/lines', message: 'expected at most 3 elements' }],
  },
  {
    cell: 'not an address',
    params: { ...good, email: 'ann' },
    problems: [{ pointer: '/email', message: 'expected the format email' }],
  },
  {
    cell: 'too long, and not of the form',
    params: { ...good, customer_id: `cust_${'A'.repeat(20)}` },
    problems: [
      { pointer: '/customer_id', message: 'expected text that matches ^cust_[a-z0-9]+$' },
      { pointer: '/customer_id', message: 'expected at most 20 characters' },
    ],
  },
];

test.each(PROBLEMS)('says what is wrong: $cell', ({ params, problems }) => {
  const found = validatorOf(charge)(params) ?? [];
  expect([...found].sort(byText)).toEqual([...problems].sort(byText));
});

function byText(a: FieldProblem, b: FieldProblem): number {
  return `${a.pointer} ${a.message}` < `${b.pointer} ${b.message}` ? -1 : 1;
}

const KEYWORDS: readonly { cell: string; schema: JsonObject; fits: JsonObject; fails: JsonObject; says: string }[] = [
  { cell: 'anyOf of types', schema: of({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }), fits: { a: null }, fails: { a: 5 }, says: '/a expected string or null, got integer' },
  { cell: 'anyOf of references', schema: of({ a: { anyOf: [{ $ref: '#/$defs/s' }, { type: 'null' }] } }, { $defs: { s: { type: 'string' } } }), fits: { a: 'x' }, fails: { a: true }, says: '/a expected string or null, got boolean' },
  { cell: 'anyOf of values', schema: of({ a: { anyOf: [{ const: 'x' }, { const: 1 }] } }), fits: { a: 1 }, fails: { a: 'y' }, says: '/a expected "x" or 1' },
  { cell: 'anyOf of objects', schema: of({ a: { anyOf: [{ required: ['b'] }, { required: ['c'] }] } }), fits: { a: { c: 1 } }, fails: { a: {} }, says: '/a fits none of the allowed forms: /b missing required field "b"; /c missing required field "c"' },
  { cell: 'oneOf, two fit', schema: of({ a: { oneOf: [{ minimum: 1 }, { maximum: 9 }] } }), fits: { a: 10 }, fails: { a: 5 }, says: '/a fits more than one of the allowed forms' },
  { cell: 'not', schema: of({ a: { not: { type: 'string' } } }), fits: { a: 1 }, fails: { a: 'x' }, says: '/a this is excluded' },
  { cell: 'const', schema: of({ a: { const: { b: [1] } } }), fits: { a: { b: [1] } }, fails: { a: { b: [2] } }, says: '/a expected {"b":[1]}' },
  { cell: 'enum of objects', schema: of({ a: { enum: [{ x: 1, y: 2 }] } }), fits: { a: { y: 2, x: 1 } }, fails: { a: { x: 1 } }, says: '/a expected {"x":1,"y":2}' },
  { cell: 'if and then', schema: { if: { required: ['a'] }, then: { required: ['b'] } }, fits: { c: 1 }, fails: { a: 1 }, says: '/b missing required field "b"' },
  { cell: 'dependentRequired', schema: { dependentRequired: { a: ['b'] } }, fits: {}, fails: { a: 1 }, says: '/b missing field "b", which is required together with "a"' },
  { cell: 'unevaluatedProperties', schema: { allOf: [of({ a: {} })], unevaluatedProperties: false }, fits: { a: 1 }, fails: { b: 1 }, says: '/b unknown field "b"' },
  { cell: 'propertyNames', schema: { propertyNames: { pattern: '^[a-z]+$' } }, fits: { a: 1 }, fails: { A: 1 }, says: ' the name "A" is not allowed' },
  { cell: 'patternProperties', schema: { patternProperties: { '^a': { type: 'string' }, '^b': { type: 'number' } }, additionalProperties: false }, fits: { a1: 'x', b1: 1 }, fails: { b1: 'x' }, says: '/b1 expected number, got string' },
  { cell: 'contains', schema: of({ a: { contains: { type: 'string' }, minContains: 2 } }), fits: { a: ['x', 'y'] }, fails: { a: ['x', 1] }, says: '/a expected at least 2 elements of the form that the schema asks for' },
  { cell: 'prefixItems', schema: of({ a: { prefixItems: [{ type: 'string' }], items: false } }), fits: { a: ['x'] }, fails: { a: ['x', 1] }, says: '/a expected at most 1 element' },
  { cell: 'minLength in code points', schema: of({ a: { minLength: 2 } }), fits: { a: '\u{1f600}b' }, fails: { a: '\u{1f600}' }, says: '/a expected at least 2 characters' },
  { cell: 'maxLength in code points', schema: of({ a: { maxLength: 2 } }), fits: { a: '\u{1f600}\u{1f600}' }, fails: { a: 'abc' }, says: '/a expected at most 2 characters' },
  { cell: 'date-time', schema: of({ a: { format: 'date-time' } }), fits: { a: '2026-11-23T10:00:00Z' }, fails: { a: '2026-02-30T00:00:00Z' }, says: '/a expected the format date-time' },
  { cell: 'int32', schema: of({ a: { type: 'integer', format: 'int32' } }), fits: { a: 5 }, fails: { a: 3_000_000_000 }, says: '/a expected the format int32' },
  { cell: 'nullable', schema: of({ a: { type: 'string', nullable: true } }), fits: { a: null }, fails: { a: 1 }, says: '/a expected string, got integer' },
  { cell: 'own fields only', schema: { required: ['toString'] }, fits: { toString: 1 }, fails: {}, says: '/toString missing required field "toString"' },
  { cell: 'names of the prototype', schema: of({ constructor: { type: 'string' } }, { additionalProperties: false }), fits: {}, fails: { constructor: 1 }, says: '/constructor expected string, got integer' },
  { cell: 'draft-07 tuples', schema: { $schema: 'http://json-schema.org/draft-07/schema#', ...of({ a: { items: [{ type: 'string' }], additionalItems: false } }) }, fits: { a: ['x'] }, fails: { a: ['x', 'y'] }, says: '/a expected at most 1 element' },
  { cell: '2019-09', schema: { $schema: 'https://json-schema.org/draft/2019-09/schema', ...of({ a: { items: [{ type: 'string' }] } }) }, fits: { a: ['x'] }, fails: { a: [1] }, says: '/a/0 expected string, got integer' },
  { cell: 'a tree of itself', schema: { $ref: '#/$defs/t', $defs: { t: of({ l: { $ref: '#/$defs/t' }, v: { type: 'integer' } }, { additionalProperties: false }) } }, fits: { l: { l: { v: 1 } } }, fails: { l: { l: { v: 'x' } } }, says: '/l/l/v expected integer, got string' },
];

test.each(KEYWORDS)('keyword: $cell', ({ schema, fits, fails, says }) => {
  const validate = validatorOf(schema);
  expect(validate(fits)).toBeNull();
  expect((validate(fails) ?? []).map(({ pointer, message }) => `${pointer} ${message}`)).toContain(says);
});

test('two patterns are two patterns, by either keyword', () => {
  const validate = validatorOf(of({ a: { pattern: '^a+$' }, b: { pattern: '^b+$' } }));
  expect(validate({ a: 'aa', b: 'bb' })).toBeNull();
  expect(validate({ a: 'bb' })).toHaveLength(1);
  expect(validate({ b: 'aa' })).toHaveLength(1);
  const byName = validatorOf({ patternProperties: { '^a+$': { const: 1 }, '^b+$': { const: 2 } } });
  expect(byName({ aa: 1, bb: 2 })).toBeNull();
  expect(byName({ aa: 2 })).toHaveLength(1);
  expect(byName({ bb: 1 })).toHaveLength(1);
});

test('formats that are not known describe, and extensions are left alone', () => {
  const validate = validatorOf(of({ a: { type: 'string', format: 'markdown', 'x-order': 1, example: 'x' } }, { 'x-vendor': {} }));
  expect(validate({ a: 'x' })).toBeNull();
});

test('values are neither changed nor quoted', () => {
  const params = { secret: 'hunter2', n: '5' };
  const validate = validatorOf(of({ secret: { type: 'string', pattern: '^x', maxLength: 3 }, n: { type: 'number', default: 1 }, d: { default: 2 } }));
  expect(JSON.stringify(validate(params))).not.toContain('hunter2');
  expect(params).toEqual({ secret: 'hunter2', n: '5' });
});

const REJECTED: readonly { cell: string; schema: JsonObject; pointer: string; says: string; why: string }[] = [
  { cell: 'invalid pattern', schema: of({ a: { pattern: '(' } }), pointer: '/properties/a/pattern', says: 'not valid', why: 'REG-029: found here, not at the first call' },
  { cell: 'look-ahead', schema: of({ a: { pattern: '^(?!x)' } }), pointer: '/properties/a/pattern', says: 'linear time', why: 'RE2 has none' },
  { cell: 'back-reference', schema: of({ a: { pattern: String.raw`(a)\1` } }), pointer: '/properties/a/pattern', says: 'linear time', why: 'RE2 has none' },
  { cell: 'repetition bomb', schema: of({ a: { pattern: '((a{0,1000}){0,1000}){0,1000}b' } }), pointer: '/properties/a/pattern', says: 'too large', why: 'REG-027' },
  { cell: 'large pattern', schema: of({ a: { pattern: '^.{1,1000}$' } }), pointer: '/properties/a/pattern', says: 'too large', why: 'would not run on what it is for' },
  { cell: 'invalid name pattern', schema: { patternProperties: { '[': {} } }, pointer: '/patternProperties/[', says: 'not valid', why: 'these are patterns too' },
  { cell: 'many patterns', schema: of(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, { pattern: `^[a-z]{1,150}${i}$` }]))), pointer: '/properties/p32/pattern', says: 'together', why: 'bounded together' },
  { cell: 'against the meta-schema', schema: of({ a: { minLength: -1 } }), pointer: '/properties/a/minLength', says: '>= 0', why: 'the SDK of MCP does not look' },
  { cell: '$data in a value', schema: of({ a: { minimum: { $data: '1/b' } } }), pointer: '/properties/a/minimum', says: 'number', why: 'CVE-2025-69873' },
  { cell: 'words of another dialect', schema: of({ a: { items: [{}] } }), pointer: '/properties/a/items', says: 'object', why: 'would mean nothing' },
  { cell: 'what would be ignored', schema: of({ a: { if: { type: 'string' } } }), pointer: '', says: 'ignored', why: 'Ajv is strict' },
  { cell: 'a chain without end', schema: { $ref: '#/$defs/p0', $defs: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`p${i}`, i === 899 ? {} : { $ref: `#/$defs/p${i + 1}` }])) }, pointer: '', says: 'chains', why: 'too much for the stack' },
];

test.each(REJECTED)('rejects $cell: $why', ({ schema, pointer, says }) => {
  const compiled = compiler.compile(schema);
  expect(compiled).toEqual({ kind: 'rejected', errors: [{ pointer, message: expect.stringContaining(says) as string }] });
});

test('no schema can reach another one, or the program', () => {
  const first = validatorOf(of({ a: { type: 'string' } }, { title: 'same' }));
  const second = validatorOf(of({ a: { type: 'number' } }, { title: 'same' }));
  expect(first({ a: 'x' })).toBeNull();
  expect(second({ a: 'x' })).toHaveLength(1);
  const injecting = validatorOf(of({ 'a"];process.exit(1);//': { maxLength: 1, const: '${process.exit(1)}' } }, { required: ["');process.exit(1);//"] }));
  expect(injecting({ 'a"];process.exit(1);//': 'xx' })).toHaveLength(3);
});

test('results may be of any type', () => {
  expect(compiler.compile({ type: 'array' }, 'result').kind).toBe('ok');
  expect(compiler.compile({ type: 'array' }).kind).toBe('rejected');
});
