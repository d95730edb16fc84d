import { expect, test } from 'vitest';
import { holdsInexactNumber } from './holds-inexact-number.js';

test.each([
  { cell: '9007199254740991', expected: false, why: '2^53 - 1 is the last that is its own' },
  { cell: '9007199254740992', expected: true, why: '2^53 is also what 2^53 + 1 is read as' },
  { cell: '-9007199254740993', expected: true, why: 'below zero, too' },
  { cell: '1e999', expected: true, why: 'read as infinite' },
  { cell: '{"a":[{"b":12345678901234567890}]}', expected: true, why: 'at any depth' },
  { cell: '{"a":[1,0.1,-0,"9007199254740993",null,true]}', expected: false, why: 'text is what was written' },
  { cell: '1.5e300', expected: true, why: 'an integer as well, and not a safe one' },
])('$cell: $expected, $why', ({ cell, expected }) => {
  expect(holdsInexactNumber(JSON.parse(cell))).toBe(expected);
});
