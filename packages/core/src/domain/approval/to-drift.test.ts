import { expect, test } from 'vitest';
import type { Condition } from '../policy/condition.js';
import type { FieldReport } from '../policy/conditions.js';
import { stillStands, toDrift } from './to-drift.js';

interface Cell {
  readonly cell: string;
  readonly frozen: unknown;
  readonly live: unknown;
  readonly holds: FieldReport['verdict'];
  readonly strict: string;
  readonly conditions: string;
  readonly why: string;
}

/** `undefined`: the field is not there. */
const CELLS: readonly Cell[] = [
  {
    cell: 'D1',
    frozen: 5,
    live: 5,
    holds: 'holds',
    strict: 'unchanged',
    conditions: 'unchanged',
    why: 'as it was',
  },
  {
    cell: 'D2',
    frozen: 5,
    live: 6,
    holds: 'holds',
    strict: 'changed',
    conditions: 'changed_but_holds',
    why: 'another value that holds',
  },
  {
    cell: 'D3',
    frozen: 5,
    live: 0,
    holds: 'fails',
    strict: 'fails',
    conditions: 'fails',
    why: 'it does not hold any more',
  },
  {
    cell: 'D4',
    frozen: 5,
    live: 5,
    holds: 'fails',
    strict: 'fails',
    conditions: 'fails',
    why: 'it never held',
  },
  {
    cell: 'D5',
    frozen: 5,
    live: '5',
    holds: 'unknown',
    strict: 'fails',
    conditions: 'fails',
    why: 'what cannot be told does not hold',
  },
  {
    cell: 'D6',
    frozen: 5,
    live: undefined,
    holds: 'unknown',
    strict: 'missing',
    conditions: 'missing',
    why: 'it is gone',
  },
  {
    cell: 'D7',
    frozen: undefined,
    live: 5,
    holds: 'holds',
    strict: 'not_frozen',
    conditions: 'not_frozen',
    why: 'nothing was frozen that could have changed',
  },
  {
    cell: 'D8',
    frozen: { a: 1, b: 2 },
    live: { b: 2, a: 1 },
    holds: 'holds',
    strict: 'unchanged',
    conditions: 'unchanged',
    why: 'the order of keys is nothing',
  },
  {
    cell: 'D9',
    frozen: null,
    live: null,
    holds: 'holds',
    strict: 'unchanged',
    conditions: 'unchanged',
    why: 'null is a value',
  },
];
const STANDS = ['unchanged', 'changed_but_holds', 'not_frozen'];

const both = CELLS.flatMap((c) => [
  { ...c, threshold: 'strict' as const, expected: c.strict },
  { ...c, threshold: 'conditions' as const, expected: c.conditions },
]);

test.each(both)('$cell $threshold: $why', ({ frozen, live, holds, threshold, expected }) => {
  const condition: Condition = '> 0';
  const fields: FieldReport[] = [{ field: 'x', condition, actual: live, verdict: holds }];
  const drift = toDrift({
    threshold,
    frozen: frozen === undefined ? {} : { x: frozen },
    report: { verdict: 'true', fields },
  });
  expect(drift.map((d) => d.verdict)).toEqual([expected]);
  expect(stillStands(drift)).toBe(STANDS.includes(expected));
});

test('no condition is no drift', () => {
  expect(stillStands([])).toBe(true);
});
