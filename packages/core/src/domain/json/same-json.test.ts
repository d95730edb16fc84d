import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { sameJson } from './same-json.js';

const CELLS: readonly { cell: string; a: unknown; b: unknown; expected: boolean; why: string }[] = [
  { cell: 'J1', a: 125, b: '125', expected: false, why: 'types count' },
  { cell: 'J2', a: { x: 1, y: 2 }, b: { y: 2, x: 1 }, expected: true, why: 'the order of keys does not' },
  { cell: 'J3', a: [1, 2], b: [2, 1], expected: false, why: 'the order of lists does' },
  { cell: 'J4', a: [], b: {}, expected: false, why: 'a list is no object' },
  { cell: 'J5', a: { x: 1 }, b: { x: 1, y: 2 }, expected: false, why: 'one more' },
  { cell: 'J6', a: { constructor: 1 }, b: { x: 1 }, expected: false, why: 'own properties only' },
  { cell: 'J7', a: null, b: {}, expected: false, why: 'null is nothing' },
  { cell: 'J8', a: '\ud800', b: '\ud800', expected: true, why: 'also what has no canonical form' },
];

describe('same JSON', () => {
  test.each(CELLS)('$cell $why', ({ a, b, expected }) => {
    expect(sameJson(a, b)).toBe(expected);
  });

  test('is what the canonical form says, where there is one', () => {
    const value = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true);
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });
});
