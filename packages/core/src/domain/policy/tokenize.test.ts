import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenize } from './tokenize.js';

function texts(source: string): readonly string[] {
  const tokens = tokenize(source);
  if (tokens.kind === 'error') throw new Error(tokens.message);
  return tokens.tokens.map((token) => `${token.kind} ${token.text}`);
}

const CELLS: readonly { source: string; tokens: readonly string[]; why: string }[] = [
  { source: ' a\t== "b c" ', tokens: ['name a', 'sign ==', 'text "b c"'], why: 'gaps are not tokens' },
  { source: 'a!=b', tokens: ['name a', 'sign !=', 'name b'], why: 'signs of two characters' },
  { source: '!=-1', tokens: ['sign !=', 'sign -', 'number 1'], why: 'minus is a sign' },
  {
    source: '1.5e-3 0xFFu 10u 1.size',
    tokens: ['number 1.5e-3', 'number 0xFFu', 'number 10u', 'number 1', 'sign .', 'name size'],
    why: 'numbers',
  },
  {
    source: String.raw`"a\"b" 'c\'d'`,
    tokens: [String.raw`text "a\"b"`, String.raw`text 'c\'d'`],
    why: 'escaped quotes',
  },
  {
    source: `r"a" b'c' B"x" rx`,
    tokens: ['text r"a"', `text b'c'`, 'text B"x"', 'name rx'],
    why: 'prefixes',
  },
  { source: '"""a "b"\nc"""', tokens: ['text """a "b"\nc"""'], why: 'three quotes' },
  { source: '"//" // and so on\n1', tokens: ['text "//"', 'number 1'], why: 'comments, but not in text' },
  {
    source: 'a = b & c ; d',
    tokens: ['name a', 'sign =', 'name b', 'sign &', 'name c', 'sign ;', 'name d'],
    why: 'others are told apart',
  },
  { source: '', tokens: [], why: 'nothing' },
];

test.each(CELLS)('$source: $why', ({ source, tokens }) => {
  expect(texts(source)).toEqual(tokens);
});

test.each(['a == "b', "'a\nb'", '"a\\"', '"""a"'])(
  'says where the text starts that has no end: %j',
  (source) => {
    const quote = source.search(/["']/);
    expect(tokenize(source)).toEqual({ kind: 'error', at: quote, message: 'this text has no closing quote' });
  },
);

test('tokens lie in their order in the source, with only gaps between them', () => {
  const parts = fc.constantFrom(
    'a',
    'and',
    ' ',
    '\n',
    '//x\n',
    '"b"',
    "'",
    '\\',
    '==',
    '=',
    '1.5',
    '0x',
    '.',
    '[',
    ')',
    'r"',
    'é',
  );
  fc.assert(
    fc.property(
      fc.array(parts).map((p) => p.join('')),
      (source) => {
        const tokens = tokenize(source);
        if (tokens.kind === 'error') return;
        let end = 0;
        for (const token of tokens.tokens) {
          expect(
            source
              .slice(end, token.at)
              .replaceAll(/\/\/[^\n]*/g, '')
              .trim(),
          ).toBe('');
          expect(source.slice(token.at, token.end)).toBe(token.text);
          end = token.end;
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
