import { describe, expect, test } from 'vitest';
import { mayTakeOver } from './decide-take-over.js';

const CELLS: readonly {
  readonly cell: string;
  readonly changedAgoMs: number;
  readonly quarantined: boolean;
  readonly expected: boolean;
  readonly why: string;
}[] = [
  {
    cell: 'T1',
    changedAgoMs: Number.POSITIVE_INFINITY,
    quarantined: false,
    expected: true,
    why: 'it never went back',
  },
  { cell: 'T2', changedAgoMs: 0, quarantined: false, expected: false, why: 'it went back just now' },
  {
    cell: 'T3',
    changedAgoMs: 4_999,
    quarantined: false,
    expected: false,
    why: 'who remembers an answer is still putting it back',
  },
  { cell: 'T4', changedAgoMs: 5_000, quarantined: false, expected: true, why: 'what is left is an orphan' },
  {
    cell: 'T5',
    changedAgoMs: 99_000,
    quarantined: true,
    expected: false,
    why: 'a restored store waits for people, however long',
  },
];

describe('whether executions are taken over from gateways that are gone', () => {
  test.each(CELLS)('$cell $why', ({ expected, ...facts }) => {
    expect(mayTakeOver(facts)).toBe(expected);
  });
});
