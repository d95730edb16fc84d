import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLookaheads } from './leading-lookaheads.js';
import { compileLinearPattern } from './linear-pattern.js';
import { Meter } from './meter.js';

const CELLS: readonly { source: string; parts: readonly string[]; why: string }[] = [
  { source: '^(?!a)b$', parts: ['not ^(?:a)', '^b$'], why: 'one' },
  { source: '^(?=a|b)(?!c)d', parts: ['^(?:a|b)', 'not ^(?:c)', '^d'], why: 'two, with alternatives in one' },
  { source: String.raw`^(?!\)[)](x))y`, parts: [String.raw`not ^(?:\)[)](x))`, '^y'], why: 'brackets in it' },
  { source: '^(?!a)', parts: ['not ^(?:a)', '^'], why: 'nothing behind it' },
  { source: '^ab', parts: ['^ab'], why: 'none' },
  { source: '(?!a)b', parts: ['(?!a)b'], why: 'not behind ^: it would be tried everywhere' },
  { source: '^(?!a)b|c', parts: ['^(?!a)b|c'], why: '^ belongs to the first alternative' },
  { source: '^(?!a', parts: ['^(?!a'], why: 'not closed' },
  { source: '^a(?!b)', parts: ['^a(?!b)'], why: 'not at the start' },
];

test.each(CELLS)('$source: $why', ({ source, parts }) => {
  const { lookaheads, rest } = splitLookaheads(source);
  expect([...lookaheads.map((l) => (l.matches ? l.source : `not ${l.source}`)), rest]).toEqual(parts);
});

test.each([
  // An address as zod writes it, and a decimal as pydantic does.
  String.raw`^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`,
  String.raw`^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$`,
  '^(?=.*a)(?=.*b)[ab.]{2,}$',
])('gives what V8 gives: %s', (source) => {
  const compiled = compileLinearPattern(source);
  if (compiled.kind === 'error') throw new Error(compiled.message);
  const expected = new RegExp(source, 'u');
  const parts = fc.constantFrom('a', 'b', '@', '.', '-', '+', '0', '1', '..', 'a@b.com', '1.5');
  fc.assert(
    fc.property(
      fc.array(parts, { maxLength: 6 }).map((p) => p.join('')),
      (text) => {
        expect([text, compiled.pattern.test(text, new Meter(1_000_000))]).toEqual([
          text,
          expected.test(text),
        ]);
      },
    ),
    { numRuns: 2_000 },
  );
});
