import { describe, expect, test } from 'vitest';
import { decideVerification, type VerificationFacts, type VerificationStep } from './decide-verification.js';

const CELLS: readonly {
  readonly cell: string;
  readonly failed?: readonly (readonly [string, number])[];
  readonly facts?: Partial<VerificationFacts>;
  readonly expected: VerificationStep;
  readonly why: string;
}[] = [
  { cell: 'V1', expected: { kind: 'verified', setAside: [] }, why: 'all of it is there, or was put back' },
  {
    cell: 'V2',
    failed: [['a', 1]],
    expected: { kind: 'again', setAside: [], othersGoOn: true },
    why: 'one could not be verified: nothing that writes is begun',
  },
  {
    cell: 'V3',
    failed: [['a', 19]],
    expected: { kind: 'again', setAside: [], othersGoOn: true },
    why: 'it may still be the fault of others',
  },
  {
    cell: 'V4',
    failed: [['a', 20]],
    expected: { kind: 'verified', setAside: ['a'] },
    why: 'it fails by itself, and does not hold up the rest for ever',
  },
  {
    cell: 'V5',
    failed: [
      ['a', 20],
      ['b', 3],
    ],
    expected: { kind: 'again', setAside: ['a'], othersGoOn: true },
    why: 'one is given up, and the other is not',
  },
  {
    cell: 'V6',
    failed: [['a', 999]],
    facts: { answers: false, sinceMs: 9_999 },
    expected: { kind: 'again', setAside: [], othersGoOn: false },
    why: 'a store that does not answer tells nothing of what is in it, however often it is asked',
  },
  {
    cell: 'V7',
    facts: { answers: false, sinceMs: 999_999 },
    expected: { kind: 'again', setAside: [], othersGoOn: true },
    why: 'no time makes it known, and only what does not begin anything stops waiting',
  },
  {
    cell: 'V8',
    facts: { answers: false, sinceMs: 10_000 },
    expected: { kind: 'again', setAside: [], othersGoOn: true },
    why: 'replays have waited for long enough',
  },
];

describe('when it is known that what was acknowledged is there', () => {
  test.each(CELLS)('$cell $why', ({ failed = [], facts = {}, expected }) => {
    const all = { failed: new Map(failed), answers: true, sinceMs: 0, ...facts };
    expect(decideVerification(all)).toEqual(expected);
  });
});
