import { describe, expect, test } from 'vitest';
import { decideBeginning, type Beginning, type BeginningFacts } from './decide-beginning.js';

const NEVER: BeginningFacts = {
  changedAgoMs: Number.POSITIVE_INFINITY,
  quarantined: false,
  verified: true,
  lookEveryMs: 500,
  patienceMs: 60_000,
};

const CELLS: readonly {
  readonly cell: string;
  readonly facts: Partial<BeginningFacts>;
  readonly expected: Beginning;
  readonly why: string;
}[] = [
  { cell: 'B1', facts: {}, expected: { kind: 'now' }, why: 'it never went back' },
  {
    cell: 'B2',
    facts: { changedAgoMs: 0 },
    expected: { kind: 'wait', ms: 3_000 },
    why: 'others may remember this very key',
  },
  {
    cell: 'B3',
    facts: { changedAgoMs: 1_000, verified: false },
    expected: { kind: 'wait', ms: 2_000 },
    why: 'this gateway is not done either, and may be by then',
  },
  {
    cell: 'B4',
    facts: { changedAgoMs: 0, lookEveryMs: 5_000 },
    expected: { kind: 'wait', ms: 6_000 },
    why: 'a gateway that looks rarely notices late',
  },
  {
    cell: 'B5',
    facts: { changedAgoMs: 0, patienceMs: 2_999 },
    expected: { kind: 'refuse', because: 'changed', retryAfterMs: 3_000 },
    why: 'the caller would be gone by then',
  },
  {
    cell: 'B6',
    facts: { changedAgoMs: 3_000 },
    expected: { kind: 'now' },
    why: 'everybody has put back what they remember',
  },
  {
    cell: 'B7',
    facts: { changedAgoMs: 3_000, verified: false },
    expected: { kind: 'refuse', because: 'not_verified', retryAfterMs: 1_000 },
    why: 'it is not known here what was acknowledged, and nobody knows until when',
  },
  {
    cell: 'B8',
    facts: { changedAgoMs: 900_000, quarantined: true },
    expected: { kind: 'refuse', because: 'restored', retryAfterMs: null },
    why: 'no time ends that, but somebody who knows',
  },
  {
    cell: 'B9',
    facts: { changedAgoMs: 0, quarantined: true },
    expected: { kind: 'refuse', because: 'restored', retryAfterMs: null },
    why: 'nobody waits in vain',
  },
];

describe('whether a call that writes is begun', () => {
  test.each(CELLS)('$cell $why', ({ facts, expected }) => {
    expect(decideBeginning({ ...NEVER, ...facts })).toEqual(expected);
  });
});
