import { expect, test } from 'vitest';
import { slugOf } from './slug-of.js';

test.each([
  { name: 'Prov One', expected: 'prov-one', why: 'letters, digits and hyphens' },
  { name: ' Acme, Inc. (2) ', expected: 'acme-inc-2', why: 'signs only part the words' },
  { name: '!!!', expected: null, why: 'nothing is left of it' },
  { name: '日本', expected: null, why: 'nor of this' },
  { name: '日本 A', expected: null, why: 'with 東京 A it would be one' },
  { name: 'A ²', expected: null, why: 'a digit would be left out' },
  { name: 'x'.repeat(63), expected: 'x'.repeat(63), why: 'as long as a slug may be' },
  { name: 'x'.repeat(64), expected: null, why: 'cut, it would be the one before' },
])('the slug of $name: $why', ({ name, expected }) => {
  expect(slugOf(name)).toBe(expected);
});
