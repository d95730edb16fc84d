import { expect, test } from 'vitest';
import type { ExpressionValue } from '../../domain/policy/expression.js';
import { fastestOf } from '../../../test/fastest-of.js';
import { createExpressionLanguage } from './cel-language.js';

const language = createExpressionLanguage();

const ROOTS = ['action', 'branch', 'tool', 'env', 'now', 'params', 'state', 'variables'];

const FACTS = {
  action: 'git_push',
  branch: 'main',
  tool: 'git.push',
  now: '2026-11-23T10:00:00Z',
  params: {
    amount: 5,
    ratio: 0.5,
    balance: 125,
    name: 'Ann',
    nothing: null,
    urgent: true,
    tags: ['x', 'y'],
    lines: [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 2 },
    ],
    to: { email: 'ann@acme.com', and: 1 },
    emoji: '\u{1f600}',
  },
  variables: {},
};

function evaluate(source: string, facts: Readonly<Record<string, unknown>> = FACTS): ExpressionValue {
  const compiled = language.compile(source, ROOTS);
  if (compiled.kind === 'error') throw new Error(`${compiled.error.at}: ${compiled.error.message}`);
  expect(compiled.expression.source).toBe(source);
  return compiled.expression.evaluate(facts);
}

const DECIDED: readonly { source: string; holds: boolean; why: string }[] = [
  { source: 'action == git_push and branch == main', holds: true, why: 'as in the description' },
  { source: 'action == "git_push" && branch == "main"', holds: true, why: 'the same in CEL' },
  { source: 'action == git_push and branch == develop', holds: false, why: 'and' },
  { source: 'branch == develop or tool == "git.push"', holds: true, why: 'or' },
  { source: 'not branch == main or params.amount > 3', holds: true, why: 'not takes in the comparison' },
  { source: 'not (branch == main)', holds: false, why: 'not' },
  { source: 'branch in [main, develop]', holds: true, why: 'in' },
  { source: 'not (branch in [main, develop])', holds: false, why: 'not in' },
  { source: 'params.balance > 0', holds: true, why: 'a number of JSON and an int' },
  { source: 'params.balance == 125', holds: true, why: 'a number of JSON and an int' },
  { source: 'params.balance + 1 > 125', holds: true, why: 'arithmetic with both' },
  { source: 'params.balance - params.amount * 2 == 115.0', holds: true, why: 'arithmetic with both' },
  { source: 'params.amount / 2 == 2.5', holds: true, why: 'numbers of JSON are not cut off' },
  { source: '5 / 2 == 2', holds: true, why: 'ints are' },
  { source: 'params.amount % 2 == 1', holds: true, why: 'remainders of both' },
  { source: '-params.amount < 0', holds: true, why: 'minus' },
  { source: 'params.amount in [1, 5]', holds: true, why: 'a number of JSON among ints' },
  { source: 'params.amount == "5"', holds: false, why: 'types differ' },
  { source: 'params.nothing == null', holds: true, why: 'null' },
  { source: 'params.name != null', holds: true, why: 'null and text' },
  { source: 'params.urgent', holds: true, why: 'a field alone' },
  { source: 'params.tags == ["x", "y"]', holds: true, why: 'lists' },
  { source: 'params.lines[0] == {"n": 1, "sku": "a"}', holds: true, why: 'objects, keys in any order' },
  { source: 'params.lines[1].sku == b', holds: true, why: 'elements' },
  { source: 'params.to["email"] == "ann@acme.com"', holds: true, why: 'fields by index' },
  { source: 'params.to.and == 1', holds: true, why: 'a field named like a connective' },
  { source: '"email" in params.to', holds: true, why: 'a key of an object' },
  { source: 'has(params.to.email) and not has(params.to.phone)', holds: true, why: 'has' },
  { source: 'has(params.nothing)', holds: true, why: 'null is there' },
  { source: 'size(params.tags) == 2 and params.name.size() == 3', holds: true, why: 'size, both ways' },
  { source: 'size(params.emoji) == 1', holds: true, why: 'code points' },
  { source: 'params.to.email.endsWith("@acme.com")', holds: true, why: 'text' },
  { source: 'params.name.startsWith("A") and params.name.contains("n")', holds: true, why: 'text' },
  { source: 'params.name.lowerAscii() == ann', holds: true, why: 'text' },
  { source: 're2(params.to.email, "@acme[.]com$")', holds: true, why: 'patterns' },
  { source: 'params.tags.all(t, size(t) == 1)', holds: true, why: 'all' },
  { source: 'params.tags.exists(t, t == y)', holds: true, why: 'exists' },
  { source: 'params.lines.exists_one(l, l.n > 1)', holds: true, why: 'exactly one' },
  {
    source: 'params.lines.filter(l, l.n > 1).map(l, l.sku) == ["b"]',
    holds: true,
    why: 'one after the other',
  },
  { source: 'params.lines.map(l, l.n > 1, l.sku) == ["b"]', holds: true, why: 'map with a filter' },
  { source: 'params.to.all(key, key != "phone")', holds: true, why: 'the keys of an object' },
  { source: 'params.amount > 3 ? branch == main : false', holds: true, why: 'a choice' },
  {
    source: 'timestamp(now) - timestamp("2026-11-22T10:00:00Z") >= duration("24h")',
    holds: true,
    why: 'time',
  },
  {
    source: 'timestamp(now) + duration("1h30m") < timestamp("2026-11-23T11:30:01Z")',
    holds: true,
    why: 'time',
  },
  { source: 'timestamp(0) == timestamp("1970-01-01T00:00:00Z")', holds: true, why: 'seconds' },
  { source: 'int("5") == params.amount and double("0.5") == params.ratio', holds: true, why: 'conversions' },
  { source: 'string(params.amount) == "5"', holds: true, why: 'as JSON prints it' },
  { source: '9223372036854775807 > 9223372036854775806', holds: true, why: 'ints are exact' },
  { source: 'params.gone == 1 or true', holds: true, why: 'one side is enough' },
  { source: 'true or params.gone == 1', holds: true, why: 'either side' },
  { source: 'params.gone == 1 and false', holds: false, why: 'one side is enough' },
  { source: 'params.lines.exists(l, l.gone == 1 or l.n == 2)', holds: true, why: 'one element is enough' },
];

test.each(DECIDED)('$source: $holds, $why', ({ source, holds }) => {
  expect(evaluate(source)).toEqual({ kind: holds ? 'true' : 'false' });
});

const UNKNOWN: readonly { source: string; why: string }[] = [
  { source: 'params.gone > 1', why: 'params.gone is missing' },
  { source: 'params.gone.deeper == x', why: 'params.gone is missing' },
  { source: 'not params.gone == 1', why: 'params.gone is missing' },
  { source: 'params.to["phone"] == x', why: 'params.to["phone"] is missing' },
  { source: 'params.tags[2] == x', why: 'params.tags[2] is missing' },
  { source: 'params.tags[-1] == x', why: 'params.tags[-1] is missing' },
  { source: 'params.tags.length == 2', why: 'params.tags.length is missing' },
  { source: 'params.name.length == 3', why: 'params.name.length is missing' },
  { source: 'params.constructor == x', why: 'params.constructor is missing' },
  { source: 'params["__proto__"] == x', why: 'params["__proto__"] is missing' },
  { source: 'state.balance > 0', why: 'state is missing' },
  { source: 'has(params.gone.deeper)', why: 'params.gone is missing' },
  { source: 'params.name > 5', why: 'params.name > 5: ">" does not apply to text and a number' },
  { source: '(params.name) + 1 == x', why: '(params.name) + 1: "+" does not apply to text and a number' },
  { source: 'branch in params.name', why: 'branch in params.name: "in" does not apply to text and text' },
  { source: 'params.nothing and true', why: 'params.nothing is null, not true or false' },
  { source: 'not params.name', why: 'params.name is text, not true or false' },
  { source: '-params.name == 1', why: 'params.name is text, not a number' },
  { source: 'params.amount', why: 'the result is a number, not true or false' },
  { source: 'params.name.all(x, true)', why: 'params.name is text, not a list' },
  { source: 'params.tags.all(t, t > 5)', why: 't > 5: ">" does not apply to text and a number' },
  { source: 'params.lines.exists_one(l, l.gone == 1)', why: 'l.gone is missing' },
  { source: 'size(params.amount) == 1', why: 'size(params.amount): size() does not apply to a number' },
  {
    source: 'params.amount.contains("5")',
    why: 'params.amount.contains("5"): contains() does not apply to a number and text',
  },
  { source: 're2(params.amount, "5")', why: 'params.amount is a number, not text' },
  { source: 'params.amount / 0 > 1', why: 'it divides by zero' },
  { source: '9223372036854775807 + 1 > 0', why: 'a number does not fit into 64 bits' },
  {
    source: 'timestamp(params.name) < timestamp(now)',
    why: 'timestamp() got no time in the format of RFC 3339',
  },
  {
    source: 'timestamp("2026-02-30T00:00:00Z") < timestamp(now)',
    why: 'timestamp() got no time in the format of RFC 3339',
  },
  { source: 'params.gone == 1 or false', why: 'params.gone is missing' },
  { source: 'params.gone == 1 and true', why: 'params.gone is missing' },
];

test.each(UNKNOWN)('$source: unknown, $why', ({ source, why }) => {
  expect(evaluate(source)).toEqual({ kind: 'unknown', why });
});

const REFUSED: readonly { source: string; at: number; says: string; why: string }[] = [
  {
    source: 'brnach == main',
    at: 0,
    says: 'brnach is not a known name; did you mean branch?',
    why: 'POL-007',
  },
  {
    source: 'branch == main and amount > 3',
    at: 19,
    says: 'amount is not a known name',
    why: 'no silent false',
  },
  {
    source: 'main == branch',
    at: 0,
    says: 'text needs quotes: "main"',
    why: 'bare words stand on the right',
  },
  { source: 'branch matches "^(a+)+$"', at: 7, says: 're2(', why: 'POL-010' },
  { source: 'branch.matches("^(a+)+$")', at: 0, says: 're2(', why: 'POL-010, as a method' },
  {
    source: 'action["\\x63onstructor"]["\\x63onstructor"]("return 1")()',
    at: 42,
    says: "unexpected character: '('",
    why: 'POL-002',
  },
  { source: 'constructor == x', at: 0, says: 'not a known name', why: 'no prototypes' },
  { source: 'params.tags.all(t, params.tags.all(u, u == t))', at: 19, says: 'another macro', why: 'nested' },
  {
    source: 'params.tags.map(t, params.tags).all(t, t.exists(u, true))',
    at: 39,
    says: 'another macro',
    why: 'nested, in a chain',
  },
  { source: 'cel.bind(x, params.tags, size(x) > 1)', at: 0, says: 'cel is not a known name', why: 'no bind' },
  {
    source: 're2(branch, params.name)',
    at: 12,
    says: 'has to stand in the expression',
    why: 'compiled once',
  },
  { source: 're2(branch, "(")', at: 12, says: 'not valid', why: 'compiled once' },
  { source: 're2(branch, "a{1,1000}")', at: 12, says: 'too large', why: 'bounded' },
  { source: 'params.name.split("") == []', at: 0, says: 'there is no function split()', why: 'not offered' },
  { source: 'sizee(params.tags) == 1', at: 0, says: 'did you mean size()?', why: 'not offered' },
  { source: 'contains(branch, "m")', at: 0, says: 'write x.contains(...)', why: 'a method' },
  { source: 'params.name.int() == 1', at: 0, says: 'write int(x)', why: 'a function' },
  { source: 'size(params.tags, 1) == 2', at: 0, says: 'takes one argument', why: 'arity' },
  { source: 'params.tags.all(t)', at: 0, says: 'takes a variable', why: 'arity' },
  { source: 'b"x" == params.name', at: 0, says: 'not offered', why: 'bytes' },
  { source: '1u == params.amount', at: 0, says: 'not offered', why: 'unsigned' },
  { source: '99999999999999999999 > params.amount', at: 0, says: '64 bits', why: 'no int of CEL' },
  { source: '"a"', at: 0, says: 'true or false', why: 'no condition' },
  { source: '1 + 1', at: 0, says: 'true or false', why: 'no condition' },
  {
    source: 'branch == main and "x" > 5',
    at: 19,
    says: 'does not apply to string and int',
    why: 'never works',
  },
  { source: 'not "x"', at: 0, says: 'does not apply to string', why: 'never works' },
  { source: 'branch == main and', at: 18, says: 'got the end', why: 'not finished' },
  { source: '(branch == main', at: 15, says: 'expected ")"', why: 'not closed' },
  { source: '', at: 0, says: 'expected a value', why: 'nothing' },
  { source: 'params.to.x.', at: 12, says: 'expected a name', why: 'not finished' },
  { source: `${'('.repeat(25)}true${')'.repeat(25)}`, at: 24, says: '24 levels', why: 'limit' },
  { source: `branch in [${'a,'.repeat(100)}a]`, at: 211, says: '100 elements', why: 'limit' },
  { source: `params.amount in [${'size(1,2,3,4,5,6,7,8,9)'}]`, at: 39, says: '8 arguments', why: 'limit' },
  { source: Array.from({ length: 300 }, () => 'true').join(' and '), at: 0, says: '500 parts', why: 'limit' },
  { source: `branch == "${'a'.repeat(4_100)}"`, at: 0, says: '4096 characters', why: 'limit' },
];

test.each(REFUSED)('$source is refused: $why', ({ source, at, says }) => {
  expect(language.compile(source, ROOTS)).toEqual({
    kind: 'error',
    error: { at, message: expect.stringContaining(says) as string },
  });
});

const times = (n: number, part: string) => Array.from({ length: n }, () => part).join(' && ');
const list = Array.from({ length: 1_000 }, (_, i) => `r${i}`);
const LARGE = {
  params: {
    a: list,
    b: [...list],
    wide: Array.from({ length: 10_000 }, (_, i) => i),
    text: 'a'.repeat(200_000),
    same: `${'a'.repeat(199_999)}b`.slice(0, 199_999) + 'a',
    needle: `b${'a'.repeat(50_000)}`,
  },
};

const BOMBS: readonly { cell: string; source: string; why: string }[] = [
  {
    cell: 'size of a long text for each',
    source: `params.a.all(x, ${times(60, 'size(params.text) > 0')})`,
    why: '12 billion characters',
  },
  {
    cell: 'many comparisons for each',
    source: `params.wide.all(x, ${times(100, 'x >= 0')})`,
    why: 'a million comparisons',
  },
  {
    cell: 'search in a list for each',
    source: `params.a.all(x, ${times(40, '!("z" in params.b)')})`,
    why: '40 million comparisons',
  },
  {
    cell: 'comparison of texts for each',
    source: `params.a.all(x, ${times(60, 'params.text == params.same')})`,
    why: '12 billion characters',
  },
  {
    cell: 'comparison of lists for each',
    source: `params.a.all(x, ${times(50, 'params.a == params.b')})`,
    why: '50 million comparisons',
  },
  {
    cell: 'list put together',
    source: `(${Array.from({ length: 50 }, () => 'params.wide').join('+')}).all(x, ${times(30, 'x >= 0')})`,
    why: '15 million comparisons',
  },
  {
    cell: 'text put together',
    source: `size(${Array.from({ length: 90 }, () => 'params.text').join('+')}) > 0`,
    why: '18 million characters',
  },
  {
    cell: 'pattern for each',
    source: 'params.wide.all(x, re2(params.text, "^(a+)+$"))',
    why: '2 billion characters',
  },
  {
    cell: 'pattern with many states',
    source: 're2(params.text, "(a|b)*a(a|b){30}$")',
    why: 'too long for a pattern',
  },
  {
    cell: 'search that looks back',
    source: `params.wide.all(x, ${times(20, '!params.text.contains(params.needle)')})`,
    why: 'quadratic',
  },
  {
    cell: 'list of long lists',
    source: `params.wide.map(x, params.wide).all(l, ${times(30, 'l == params.wide')})`,
    why: '3 billion comparisons',
  },
];

test.each(BOMBS)('a bomb goes out: $cell ($why)', ({ source }) => {
  expect(evaluate(source, LARGE).kind).toBe('unknown');
  const compiled = language.compile(source, ROOTS);
  if (compiled.kind === 'error') throw new Error(compiled.error.message);
  expect(fastestOf(3, () => compiled.expression.evaluate(LARGE))).toBeLessThan(50);
});

test('what large facts there may be is still enough for plain questions', () => {
  expect(evaluate('params.wide.all(x, x >= 0) and size(params.text) == 200000', LARGE)).toEqual({
    kind: 'true',
  });
  expect(evaluate('params.a.all(x, x in params.b)', LARGE).kind).toBe('unknown');
  expect(evaluate('"r999" in params.a and params.a == params.b', LARGE)).toEqual({ kind: 'true' });
});

test('facts are read by own fields only, whatever they inherit', () => {
  const facts = Object.create({ branch: 'main' }) as Record<string, unknown>;
  expect(evaluate('branch == main', facts)).toEqual({ kind: 'unknown', why: 'branch is missing' });
  expect(evaluate('params.toString == x', { params: Object.create({ toString: 'x' }) as unknown }).kind).toBe(
    'unknown',
  );
});

test('an expression can be evaluated again and again', () => {
  const compiled = language.compile('params.tags.exists(t, t == y) and params.amount > 3', ROOTS);
  if (compiled.kind === 'error') throw new Error(compiled.error.message);
  expect(compiled.expression.evaluate({ params: {} })).toEqual({
    kind: 'unknown',
    why: 'params.tags is missing',
  });
  expect(compiled.expression.evaluate(FACTS)).toEqual({ kind: 'true' });
  expect(compiled.expression.evaluate({ params: { tags: [], amount: 5 } })).toEqual({ kind: 'false' });
});
