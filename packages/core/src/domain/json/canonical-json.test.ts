import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { JSON_LIMITS, scanJson } from './scan-json.js';

const CELLS: readonly { cell: string; value: unknown; text: string }[] = [
  {
    cell: 'keys sorted at every level',
    value: { b: { z: 1, a: 2 }, a: [] },
    text: '{"a":[],"b":{"a":2,"z":1}}',
  },
  {
    cell: 'keys sorted by code unit',
    value: { '\u{1f600}': 1, '\ufb33': 2, a: 3 },
    text: '{"a":3,"\u{1f600}":1,"\ufb33":2}',
  },
  { cell: 'keys that look like numbers', value: { 10: 1, 9: 2, b: 3 }, text: '{"10":1,"9":2,"b":3}' },
  { cell: 'array order kept', value: [3, 1, 2], text: '[3,1,2]' },
  { cell: 'integers', value: JSON.parse('[2400.0, 2400, 24e2, -0]') as unknown, text: '[2400,2400,2400,0]' },
  {
    cell: 'numbers',
    value: [1e21, 1e-7, 0.1, 333333333.33333329],
    text: '[1e+21,1e-7,0.1,333333333.3333333]',
  },
  { cell: 'strings', value: 'a"\\\b\n\u0001\u00e9', text: String.raw`"a\"\\\b\n\u0001é"` },
  { cell: 'words', value: [null, true, false], text: '[null,true,false]' },
  {
    cell: 'names of the prototype',
    value: JSON.parse('{"toString":1,"constructor":2}') as unknown,
    text: '{"constructor":2,"toString":1}',
  },
];

test.each(CELLS)('$cell', ({ value, text }) => {
  expect(canonicalJson(value)).toBe(text);
});

test('numbers and strings, composed and decomposed letters stay apart', () => {
  expect(canonicalJson({ a: 5 })).not.toBe(canonicalJson({ a: '5' }));
  expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'));
});

test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY, ['\ud800'], () => 1])(
  '%s is not JSON',
  (value) => {
    expect(() => canonicalJson(value)).toThrow();
  },
);

test('the order of keys is nothing, and what is written is read again as the same value', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([k, v]) => [k, reversed(v)]),
    );
  };
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (json) => {
      fc.pre(scanJson(json, { ...JSON_LIMITS, topLevel: 'any' }) === null);
      const value: unknown = JSON.parse(json);
      const text = canonicalJson(value);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(scanJson(text, { ...JSON_LIMITS, topLevel: 'any' })).toBeNull();
    }),
    { numRuns: 1_000 },
  );
});
