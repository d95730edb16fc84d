import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shorten, visible, visibleDeep } from './visible.js';

const CELLS = [
  { cell: 'H1', text: 'plain text, ümläut, 日本語, 😀', expected: 'plain text, ümläut, 日本語, 😀' },
  { cell: 'H2', text: 'a\u202Eb', expected: String.raw`a\u{202E}b` },
  { cell: 'H3', text: 'a\u200Bb\u200D', expected: String.raw`a\u{200B}b\u{200D}` },
  { cell: 'H4', text: 'a\r\nb\tc\0', expected: String.raw`a\u{D}\u{A}b\u{9}c\u{0}` },
  { cell: 'H5', text: '\u{E0041}\u{E007F}', expected: String.raw`\u{E0041}\u{E007F}` },
  { cell: 'H6', text: '\u2028\u2029\u0085', expected: String.raw`\u{2028}\u{2029}\u{85}` },
  { cell: 'H7', text: '\uFEFF\u00AD\u2066\u2069', expected: String.raw`\u{FEFF}\u{AD}\u{2066}\u{2069}` },
  { cell: 'H8', text: '\u00A0\u3000\u3164\uFE0F', expected: String.raw`\u{A0}\u{3000}\u{3164}\u{FE0F}` },
  { cell: 'H9', text: '\uD800x', expected: String.raw`\u{D800}x` },
];

describe('text as people are to see it', () => {
  test.each(CELLS)('$cell', ({ text, expected }) => {
    expect(visible(text)).toBe(expected);
  });

  test('has nothing hidden left, and is the same when it is shown again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(visible(shown)).toBe(shown);
      }),
    );
  });

  test('is so in all of a JSON value', () => {
    const value = { 'a\u202E': ['\u200B', { b: '\n' }], n: 1, t: true, z: null };
    expect(visibleDeep(value)).toEqual({
      [String.raw`a\u{202E}`]: [String.raw`\u{200B}`, { b: String.raw`\u{A}` }],
      n: 1,
      t: true,
      z: null,
    });
  });
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdefg', 6, 'abc...'],
  ['ab😀defg', 6, 'ab...'],
])('%s in %s characters is %s', (text, most, expected) => {
  expect(shorten(text, most)).toBe(expected);
});
