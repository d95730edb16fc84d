import type { FieldProblem, JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import type { ParamsValidator } from '../../ports/schema-compiler.js';
import { createSchemaCompiler } from './ajv-schema-compiler.js';

const compiler = createSchemaCompiler();

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

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
    lines: {
      type: 'array',
      maxItems: 3,
      uniqueItems: true,
      items: of({ sku: { type: 'string' }, n: { type: 'integer' } }),
    },
    email: { type: 'string', format: 'email' },
  },
  { required: ['customer_id', 'amount'], additionalProperties: false },
);
const good = { customer_id: 'cust_123', amount: 19.99 };

test('takes what fits', () => {
  const validate = validatorOf(charge);
  expect(validate(good)).toBeNull();
  expect(
    validate({ ...good, currency: 'eur', lines: [{ sku: 'a', n: 1 }], email: 'ann@example.com' }),
  ).toBeNull();
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
    params: {
      ...good,
      lines: [
        { sku: 'a', n: 1 },
        { n: 1, sku: 'a' },
      ],
    },
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

test('a pattern that nobody can read at a glance is told by the description of its field', () => {
  const pattern = `^(${Array.from({ length: 30 }, (_, i) => `a${i}`).join('|')})$`;
  const validate = validatorOf(
    of({ a: { pattern, description: 'a name from the list' }, b: { pattern: '^b$', description: 'a b' } }),
  );
  expect(validate({ a: 'x', b: 'x' })).toEqual([
    { pointer: '/a', message: 'expected: a name from the list' },
    { pointer: '/b', message: 'expected text that matches ^b$' },
  ]);
  expect(validatorOf(of({ a: { pattern } }))({ a: 'x' })).toEqual([
    { pointer: '/a', message: `expected text that matches ${pattern}` },
  ]);
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
  const validate = validatorOf(
    of(
      { a: { type: 'string', format: 'markdown', 'x-order': 1, example: 'x', discriminator: {} } },
      { 'x-vendor': {} },
    ),
  );
  expect(validate({ a: 'x' })).toBeNull();
});

test('values are neither changed nor quoted', () => {
  const params = { secret: 'hunter2', n: '5' };
  const validate = validatorOf(
    of({
      secret: { type: 'string', pattern: '^x', maxLength: 3 },
      n: { type: 'number', default: 1 },
      d: { default: 2 },
    }),
  );
  expect(JSON.stringify(validate(params))).not.toContain('hunter2');
  expect(params).toEqual({ secret: 'hunter2', n: '5' });
});

test('no schema can reach another one, or the program', () => {
  const first = validatorOf(of({ a: { type: 'string' } }, { title: 'same' }));
  const second = validatorOf(of({ a: { type: 'number' } }, { title: 'same' }));
  expect(first({ a: 'x' })).toBeNull();
  expect(second({ a: 'x' })).toHaveLength(1);
  const injecting = validatorOf(
    of(
      { 'a"];process.exit(1);//': { maxLength: 1, const: '${process.exit(1)}' } },
      { required: ["');process.exit(1);//"] },
    ),
  );
  expect(injecting({ 'a"];process.exit(1);//': 'xx' })).toHaveLength(3);
});

test('results may be of any type', () => {
  expect(compiler.compile({ type: 'array' }, 'result').kind).toBe('ok');
  expect(compiler.compile({ type: 'array' }).kind).toBe('rejected');
});
