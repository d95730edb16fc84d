import fc from 'fast-check';
import { expect, test } from 'vitest';
import { celExpressions, celFacts } from '../../../test/cel-arbitraries.js';
import type { ExpressionFacts } from '../../domain/policy/expression.js';
import { createExpressionLanguage } from './cel-language.js';

const language = createExpressionLanguage();
const ROOTS = ['action', 'params', 'variables', 'state', 'now'];
const NAMES = {
  openIn: ['params', 'variables', 'state'],
  agreeing: ['params', 'variables'],
  instants: ['now'],
};

function compile(source: string) {
  const compiled = language.compile(source, ROOTS, NAMES);
  if (compiled.kind === 'error') throw new Error(compiled.error.message);
  return compiled.expression;
}

const CELLS: readonly { cell: string; source: string; facts: ExpressionFacts; expected: unknown }[] = [
  {
    cell: 'in params',
    source: 'branch == main',
    facts: { params: { branch: 'main' } },
    expected: { kind: 'true' },
  },
  {
    cell: 'in variables',
    source: 'branch == main',
    facts: { params: {}, variables: { branch: 'main' } },
    expected: { kind: 'true' },
  },
  {
    cell: 'in state',
    source: 'branch == main',
    facts: { params: {}, variables: {}, state: { branch: 'main' } },
    expected: { kind: 'true' },
  },
  {
    cell: 'params before state',
    source: 'branch == main',
    facts: { params: { branch: 'dev' }, state: { branch: 'main' } },
    expected: { kind: 'false' },
  },
  {
    cell: 'params and variables agree',
    source: 'branch == main',
    facts: { params: { branch: 'main' }, variables: { branch: 'main' } },
    expected: { kind: 'true' },
  },
  {
    cell: 'they agree on an object',
    source: 'to.name == Ann',
    facts: { params: { to: { name: 'Ann', n: 1 } }, variables: { to: { n: 1, name: 'Ann' } } },
    expected: { kind: 'true' },
  },
  {
    cell: 'they do not',
    source: 'branch == main',
    facts: { params: { branch: 'dev' }, variables: { branch: 'main' } },
    expected: {
      kind: 'unknown',
      why: 'branch has different values in params and variables',
      conflict: 'branch',
    },
  },
  {
    cell: 'they do not, and the expression cannot be false by another part',
    source: 'branch == main and action == git_push',
    facts: { action: 'git_push', params: { branch: 'dev' }, variables: { branch: 'main' } },
    expected: {
      kind: 'unknown',
      why: 'branch has different values in params and variables',
      conflict: 'branch',
    },
  },
  {
    cell: 'they do not, which does not matter',
    source: 'branch == main and action == git_push',
    facts: { action: 'send', params: { branch: 'dev' }, variables: { branch: 'main' } },
    expected: { kind: 'false' },
  },
  {
    cell: '"5" is not 5',
    source: 'n == 5',
    facts: { params: { n: 5 }, variables: { n: '5' } },
    expected: { kind: 'unknown', why: 'n has different values in params and variables', conflict: 'n' },
  },
  {
    cell: 'missing',
    source: 'brnach == main',
    facts: { params: { branch: 'main' } },
    expected: { kind: 'unknown', why: 'brnach is missing' },
  },
  {
    cell: 'a field of an object',
    source: 'customer.tier == gold',
    facts: { params: { customer: { tier: 'gold' } } },
    expected: { kind: 'true' },
  },
  {
    cell: 'null is there',
    source: 'note == null',
    facts: { params: { note: null } },
    expected: { kind: 'true' },
  },
  {
    cell: 'inherited fields are not',
    source: 'constructor == x',
    facts: { params: {} },
    expected: { kind: 'unknown', why: 'constructor is missing' },
  },
  {
    cell: 'nor methods',
    source: 'hasOwnProperty == x',
    facts: { params: {} },
    expected: { kind: 'unknown', why: 'hasOwnProperty is missing' },
  },
  {
    cell: 'the variable of a macro',
    source: 'tags.exists(t, t == x)',
    facts: { params: { tags: ['x'] } },
    expected: { kind: 'true' },
  },
  {
    cell: 'an instant',
    source: 'now > timestamp("2026-11-23T10:00:00Z")',
    facts: { now: 1_795_428_000_001 },
    expected: { kind: 'true' },
  },
  {
    cell: 'an instant, exactly',
    source: 'now == timestamp("2026-11-23T10:00:00Z")',
    facts: { now: 1_795_428_000_000 },
    expected: { kind: 'true' },
  },
];

test.each(CELLS)('$cell: $source', ({ source, facts, expected }) => {
  expect(compile(source).evaluate(facts)).toEqual(expected);
});

test('a word right of a comparison stays text, whatever params hold', () => {
  const { openNames, evaluate } = compile('branch == main');
  expect(openNames).toEqual([{ name: 'branch', at: 0 }]);
  expect(evaluate({ params: { branch: 'main', main: 'other' } })).toEqual({ kind: 'true' });
});

test('tells the open names and where they stand in what was written', () => {
  expect(compile('not a == x and (b.c in [y, z] or params.d == e)').openNames).toEqual([
    { name: 'a', at: 4 },
    { name: 'b', at: 16 },
  ]);
});

test('a name in a macro that is not its variable is open', () => {
  const { openNames, evaluate } = compile('tags.all(t, most > size(t))');
  expect(openNames.map((o) => o.name)).toEqual(['tags', 'most']);
  expect(evaluate({ params: { tags: ['x'], most: 2 } })).toEqual({ kind: 'true' });
});

test('without being told what they stand for, other names are refused as before', () => {
  expect(language.compile('brnach == main', ['branch'])).toEqual({
    kind: 'error',
    error: { at: 0, message: 'brnach is not a known name; did you mean branch?' },
  });
});

test('an effort is shared: what one evaluation has used up, the next one lacks', () => {
  const expensive = compile('params.l.all(x, params.l.size() > 0 and x == x and x == x and x == x)');
  const facts = { params: { l: Array.from({ length: 3_000 }, (_, i) => i) } };
  const effort = language.newEffort();
  const kinds = Array.from({ length: 20 }, () => expensive.evaluate(facts, effort).kind);
  expect([kinds[0], kinds.at(-1)]).toEqual(['true', 'unknown']);
  expect(expensive.evaluate(facts).kind).toBe('true');
});

const PINNED: readonly { source: string; pins: unknown }[] = [
  { source: 'action == git_push', pins: [{ root: 'action', values: ['git_push'] }] },
  { source: '"git_push" == action', pins: [{ root: 'action', values: ['git_push'] }] },
  { source: 'action in [a, b] and branch == main', pins: [{ root: 'action', values: ['a', 'b'] }] },
  { source: 'branch == main and action == a', pins: [{ root: 'action', values: ['a'] }] },
  { source: 'action == a or action == b', pins: [{ root: 'action', values: ['a', 'b'] }] },
  { source: 'action == a or branch == b', pins: [] },
  { source: 'not action == a', pins: [] },
  { source: 'action != a', pins: [] },
  { source: 'action == a ? true : false', pins: [] },
  { source: 'action in [a, params.b]', pins: [] },
  { source: 'action == params.a', pins: [] },
  { source: 'action in []', pins: [{ root: 'action', values: [] }] },
  { source: 'branch == main', pins: [] },
  { source: 'params.action == a', pins: [] },
  { source: 'params.l.exists(action, action == a)', pins: [] },
  { source: 'action == null', pins: [] },
];

test.each(PINNED)('pins of $source', ({ source, pins }) => {
  expect(compile(source).pins).toEqual(pins);
});

const comparison = fc.oneof(
  fc
    .tuple(fc.constantFrom('==', '!='), fc.constantFrom('a', 'b', '""'))
    .map(([op, v]) => `action ${op} ${v}`),
  fc.constantFrom(
    'action in [a, b]',
    'action in [c]',
    'params.x == 1',
    'x == 2',
    'params.gone',
    'true',
    'false',
  ),
);
const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4 },
    comparison,
    fc.tuple(tie('e'), fc.constantFrom('and', 'or'), tie('e')).map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie('e').map((e) => `not (${e})`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([c, y, n]) => `(${c} ? ${y} : ${n})`),
  ),
})).e;

test('where a pinned root has none of the words, the expression is false', () => {
  let pinnedOut = 0;
  fc.assert(
    fc.property(
      expression,
      fc.constantFrom('a', 'b', 'c', '', null),
      fc.constantFrom(1, 2, 'x'),
      (source, action, x) => {
        const { pins, evaluate } = compile(source);
        const out = pins.some(({ values }) => action === null || !values.includes(action));
        if (!out) return;
        pinnedOut++;
        expect([source, action, evaluate({ action, params: { x } }).kind]).toEqual([source, action, 'false']);
      },
    ),
    { numRuns: 5_000 },
  );
  expect(pinnedOut).toBeGreaterThan(500);
});

test('the explanation of the whole is its value, and every part stands in the source', () => {
  fc.assert(
    fc.property(celExpressions, celFacts, (source, values) => {
      const names = { openIn: ['m'] };
      const compiled = language.compile(source, ['m'], names);
      if (compiled.kind === 'error') return;
      const { kind } = compiled.expression.evaluate(values);
      const parts = language.explain({ source, roots: ['m'], names }, values);
      for (const { at, value } of parts) {
        expect(at >= 0 && at < source.length).toBe(true);
        if (value.kind === 'known') expect(JSON.parse(JSON.stringify(value.json))).toEqual(value.json);
      }
      const whole = parts[0]?.value;
      const told =
        whole?.kind === 'known' && typeof whole.json === 'boolean' ? String(whole.json) : 'unknown';
      expect([source, values, told]).toEqual([source, values, kind]);
    }),
    { numRuns: 2_000 },
  );
});

test('explains every part with its value, also those that the whole did not need', () => {
  const facts = {
    action: 'send',
    params: { amount: 5, to: { email: 'ann@acme.com' }, tags: ['x'] },
    now: 1_795_428_000_000,
  };
  const source =
    'action == git_push and (params.amount + 1 > 5 or not params.gone) and tags.exists(t, t == x)';
  expect(language.explain({ source, roots: ROOTS, names: NAMES }, facts)).toEqual([
    {
      source: 'action == git_push and (params.amount + 1 > 5 or not params.gone) and tags.ex...',
      at: 0,
      value: { kind: 'known', json: false },
    },
    {
      source: 'action == git_push and (params.amount + 1 > 5 or not params.gone)',
      at: 0,
      value: { kind: 'known', json: false },
    },
    { source: 'action == git_push', at: 0, value: { kind: 'known', json: false } },
    { source: 'action', at: 0, value: { kind: 'known', json: 'send' } },
    { source: 'params.amount + 1 > 5 or not params.gone', at: 24, value: { kind: 'known', json: true } },
    { source: 'params.amount + 1 > 5', at: 24, value: { kind: 'known', json: true } },
    { source: 'params.amount + 1', at: 24, value: { kind: 'known', json: 6 } },
    { source: 'params.amount', at: 24, value: { kind: 'known', json: 5 } },
    { source: 'not params.gone', at: 49, value: { kind: 'unknown', why: 'params.gone is missing' } },
    { source: 'params.gone', at: 53, value: { kind: 'unknown', why: 'params.gone is missing' } },
    { source: 'tags.exists(t, t == x)', at: 70, value: { kind: 'known', json: true } },
    { source: 'tags', at: 70, value: { kind: 'known', json: ['x'] } },
  ]);
});

test('explains values that JSON has no word for', () => {
  const source = 'now - timestamp("2026-11-23T09:59:00Z") < duration("1h") and size(params.tags) == 1';
  const parts = language.explain(
    { source, roots: ROOTS, names: NAMES },
    { params: { tags: ['x'] }, now: 1_795_428_000_000 },
  );
  const values = Object.fromEntries(
    parts.map((p) => [p.source, p.value.kind === 'known' ? p.value.json : p.value.why]),
  );
  expect(values).toMatchObject({
    now: '2026-11-23T10:00:00.000Z',
    'timestamp("2026-11-23T09:59:00Z")': '2026-11-23T09:59:00.000Z',
    'now - timestamp("2026-11-23T09:59:00Z")': '60s',
    'duration("1h")': '3600s',
    'size(params.tags)': 1,
  });
});
