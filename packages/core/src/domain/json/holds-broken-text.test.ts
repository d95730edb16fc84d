import { expect, test } from 'vitest';
import { holdsBrokenText } from './holds-broken-text.js';

test.each([
  { cell: String.raw`"\ud83d\ude00"`, expected: false, why: 'both halves are there' },
  { cell: String.raw`"cut \ud83d"`, expected: true, why: 'the first half alone' },
  { cell: String.raw`"\ude00 cut"`, expected: true, why: 'the second half alone' },
  { cell: String.raw`"\ude00\ud83d"`, expected: true, why: 'the wrong way round' },
  { cell: String.raw`{"a":[{"b":"x\u0000y"}]}`, expected: true, why: 'NUL, at any depth' },
  { cell: String.raw`{"a":[1,"\u0001\n日本",null,true]}`, expected: false, why: 'whole, if rare' },
])('$cell: $expected, $why', ({ cell, expected }) => {
  expect(holdsBrokenText(JSON.parse(cell))).toBe(expected);
});
