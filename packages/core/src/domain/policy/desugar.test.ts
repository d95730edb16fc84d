import fc from 'fast-check';
import { expect, test } from 'vitest';
import { desugar } from './desugar.js';

const ROOTS = new Set(['action', 'branch', 'params', 'tool', 'state']);

function cel(source: string, roots = ROOTS): string {
  const result = desugar(source, roots);
  if (result.kind === 'error') throw new Error(`${result.error.at}: ${result.error.message}`);
  return result.text;
}

const CELLS: readonly { source: string; cel: string; why: string }[] = [
  {
    source: 'action == git_push and branch == main',
    cel: 'action == "git_push" && branch == "main"',
    why: 'as in the description',
  },
  {
    source: 'branch == main or branch == develop',
    cel: 'branch == "main" || branch == "develop"',
    why: 'or',
  },
  { source: 'branch in [main, develop]', cel: 'branch in ["main", "develop"]', why: 'elements' },
  {
    source: 'branch in [main, action, "x", 1]',
    cel: 'branch in ["main", action, "x", 1]',
    why: 'roots, texts and numbers stay',
  },
  {
    source: '[main] == params.list',
    cel: '[main] == params.list',
    why: 'a list that nothing is looked for in',
  },
  { source: 'action == tool', cel: 'action == tool', why: 'two roots' },
  { source: 'params.a < b', cel: 'params.a < "b"', why: 'every comparison' },
  { source: 'params.a != b', cel: 'params.a != "b"', why: 'every comparison' },
  { source: 'params.and == params.not', cel: 'params.and == params.not', why: 'names of fields' },
  { source: 'params.a == true', cel: 'params.a == true', why: 'words of CEL' },
  { source: 'params.a == null', cel: 'params.a == null', why: 'words of CEL' },
  { source: 'params.a == import', cel: 'params.a == "import"', why: 'words that CEL reserves are words' },
  { source: 'params.a == size(params.b)', cel: 'params.a == size(params.b)', why: 'a function' },
  { source: 'params.a == b.c', cel: 'params.a == b.c', why: 'a field' },
  { source: 'params.a == b[0]', cel: 'params.a == b[0]', why: 'an element' },
  { source: '"a and b" == params.a', cel: '"a and b" == params.a', why: 'text is left alone' },
  { source: "'or' != params.a // not", cel: "'or' != params.a // not", why: 'comments are left alone' },
  { source: 'not params.a', cel: '!( params.a\n)', why: 'not' },
  { source: 'not(params.a) and params.b', cel: '!((params.a) )&& params.b', why: 'not, up to and' },
  {
    source: 'not branch == main or params.a',
    cel: '!( branch == "main" )|| params.a',
    why: 'not takes in the comparison',
  },
  { source: 'not not params.a', cel: '!( !( params.a\n))', why: 'twice' },
  { source: '(not params.a) == params.b', cel: '(!( params.a)) == params.b', why: 'not, up to the bracket' },
  {
    source: 'not params.a ? params.b : not params.c',
    cel: '!( params.a )? params.b : !( params.c\n)',
    why: 'not, up to the question',
  },
  {
    source: '[not params.a, true] == params.l',
    cel: '[!( params.a), true] == params.l',
    why: 'not, up to the comma',
  },
  { source: 'params.l.all(x, x == y)', cel: 'params.l.all(x, x == "y")', why: 'in macros too' },
  {
    source: 'params.l.all(x, params.max >= x)',
    cel: 'params.l.all(x, params.max >= x)',
    why: 'the variable of a macro is a name',
  },
  {
    source: 'params.l.exists(not, not == and)',
    cel: 'params.l.exists(not, not == &&)',
    why: 'also one that is called not',
  },
  {
    source: 'params.l.all(x, x == x) and branch == x',
    cel: 'params.l.all(x, x == x) && branch == "x"',
    why: 'but only within its macro',
  },
  {
    source: 'branch in [a] and params.l.exists(b, b in [b, c])',
    cel: 'branch in ["a"] && params.l.exists(b, b in [b, "c"])',
    why: 'lists in macros',
  },
  { source: 'branch == in', cel: 'branch == in', why: 'no word' },
  { source: 'branch == a\n  and tool == b', cel: 'branch == "a"\n  && tool == "b"', why: 'line by line' },
];

test.each(CELLS)('$source: $why', ({ source, cel: expected }) => {
  expect(cel(source)).toBe(expected);
});

const MISTAKES: readonly { source: string; at: number; says: string }[] = [
  { source: 'branch = main', at: 7, says: 'use "==" to compare' },
  { source: 'branch === main', at: 9, says: 'use "==" to compare' },
  { source: 'branch !== main', at: 9, says: 'use "==" to compare' },
  { source: 'branch <> main', at: 7, says: 'use "!="' },
  { source: 'a & b', at: 2, says: 'use "and"' },
  { source: 'a | b', at: 2, says: 'use "or"' },
  { source: 'branch == main; drop', at: 14, says: 'unexpected character ";"' },
  { source: 'branch matches "x"', at: 7, says: 're2(text, "pattern")' },
  { source: 'branch contains main', at: 7, says: 'left.contains(right)' },
  { source: 'branch is main', at: 7, says: 'use "=="' },
  { source: 'branch not in [main]', at: 7, says: 'not (x in [...])' },
  { source: 'branch == main tool == x', at: 15, says: 'expected an operator' },
  { source: 'branch == feature-x', at: 10, says: 'needs quotes' },
  { source: 'branch == release/1', at: 10, says: 'needs quotes' },
  { source: 'branch == "x', at: 10, says: 'no closing quote' },
];

test.each(MISTAKES)('$source: $says', ({ source, at, says }) => {
  expect(desugar(source, ROOTS)).toEqual({
    kind: 'error',
    error: { at, message: expect.stringContaining(says) as string },
  });
});

test('what is declared is a name, whatever it is called', () => {
  expect(cel('main == branch and not', new Set(['main', 'branch', 'not']))).toBe('main == branch && not');
});

test('offsets lead back to what was written', () => {
  const source = 'not action == push and branch in [main]';
  const result = desugar(source, ROOTS);
  if (result.kind === 'error') throw new Error(result.error.message);
  const { text, map } = result;
  expect(text).toBe('!( action == "push" )&& branch in ["main"]');
  for (const word of ['action', 'push', 'branch', 'main', 'in [']) {
    const quoted = text.indexOf(word);
    expect(source.slice(map.toSource(quoted)).startsWith(word)).toBe(true);
  }
  expect(map.toSource(0)).toBe(0);
  expect(map.toSource(text.indexOf('&&'))).toBe(source.indexOf('and'));
  expect(map.toSource(text.length)).toBe(source.length);
  expect(map.sliceOf(text.indexOf('action'), text.indexOf(' )&&'))).toBe('action == push');
  expect(map.sliceOf(text.indexOf('["main"]'), text.length)).toBe('[main]');
});

/** Plain CEL over declared roots, built from the outside in. */
const plainCel = fc.letrec<{ bool: string; value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'params.a',
      'params.and.not',
      'branch',
      'state["or"]',
      '1',
      '-2.5',
      '"and"',
      "'x'",
      'null',
      'r"\\d"',
      'true',
    ),
    tie('value').map((list) => `[${list}, branch]`),
    tie('value').map((v) => `size(${v})`),
    tie('value').map((v) => `params.l.map(x, x == ${v} ? x : branch)`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `(${a} + ${b})`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in'), tie('value'))
      .map((p) => p.join(' ')),
    fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool')).map(([a, op, b]) => `(${a}) ${op} ${b}`),
    tie('bool').map((b) => `!(${b})`),
    tie('bool').map((b) => `params.l.all(not, not == branch && (${b}))`),
    tie('bool').map((b) => `has(params.or) ? ${b} : params.l.exists(y, branch != y)`),
  ),
}));

test('plain CEL over declared names is left as it is', () => {
  fc.assert(
    fc.property(plainCel.bool, (source) => {
      expect(cel(source)).toBe(source);
    }),
    { numRuns: 2_000 },
  );
});
