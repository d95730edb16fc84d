import { ReconcileSpec } from '@invoke/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lookup } from '../execution/execution-record.js';
import { durationMs, epochMs } from '../time.js';
import { decideReconcile, type ReconcileStep } from './decide-reconcile.js';

const plan = { settleMs: 2_000, minAbsentReads: 2, maxReads: 5 };
const early = (verdict: Lookup['verdict']): Lookup => ({
  n: 1,
  attempt: 1,
  at: epochMs(0),
  settled: false,
  verdict,
  evidence: '',
});
const late = (verdict: Lookup['verdict']): Lookup => ({ ...early(verdict), settled: true });
const decide = (left: number, lookups: readonly Lookup[]): ReconcileStep =>
  decideReconcile({ plan, settleLeftMs: durationMs(left), lookups });
const short = (s: ReconcileStep) => (s.kind === 'look' ? `look in ${s.waitMs}` : s.verdict);

const CELLS: readonly {
  cell: string;
  left: number;
  lookups: readonly Lookup[];
  expected: string;
  why: string;
}[] = [
  {
    cell: 'R1',
    left: 4_000,
    lookups: [],
    expected: 'look in 0',
    why: 'an effect that is found needs no waiting',
  },
  { cell: 'R2', left: 3_900, lookups: [early('applied')], expected: 'applied', why: 'found' },
  {
    cell: 'R3',
    left: 3_900,
    lookups: [early('absent')],
    expected: 'look in 3900',
    why: 'absence is not believed before the settle time',
  },
  {
    cell: 'R4',
    left: 0,
    lookups: [early('absent')],
    expected: 'look in 200',
    why: 'the early read does not count',
  },
  {
    cell: 'R5',
    left: 0,
    lookups: [early('absent'), late('absent')],
    expected: 'look in 400',
    why: 'one clean read is not two',
  },
  {
    cell: 'R6',
    left: 0,
    lookups: [late('absent'), late('absent')],
    expected: 'absent',
    why: 'two clean reads after the settle time',
  },
  {
    cell: 'R7',
    left: 0,
    lookups: [late('absent'), late('unclear'), late('absent')],
    expected: 'look in 800',
    why: 'an unclear read starts the count again',
  },
  {
    cell: 'R8',
    left: 0,
    lookups: Array<Lookup>(5).fill(late('unclear')),
    expected: 'cannot_tell',
    why: 'bounded',
  },
  {
    cell: 'R9',
    left: 0,
    lookups: [late('absent'), late('applied')],
    expected: 'applied',
    why: 'an effect found late is an effect',
  },
  {
    cell: 'R10',
    left: 0,
    lookups: [late('absent'), early('absent')],
    expected: 'look in 400',
    why: 'a read that began before the settle time does not count',
  },
];

describe('the search for an outcome', () => {
  test.each(CELLS)('$cell $why', ({ left, lookups, expected }) => {
    expect(short(decide(left, lookups))).toBe(expected);
  });
});

test('a lookup is accepted where clean reads that find nothing lead to "absent", and refused where they cannot', () => {
  for (let minAbsentReads = 1; minAbsentReads <= 10; minAbsentReads += 1) {
    for (let maxReads = 1; maxReads <= 12; maxReads += 1) {
      const lookups = [early('absent'), ...Array<Lookup>(maxReads - 1).fill(late('absent'))];
      const step = decideReconcile({
        plan: { settleMs: 2_000, minAbsentReads, maxReads },
        settleLeftMs: durationMs(0),
        lookups,
      });
      const spec = { ...SPEC, min_absent_reads: minAbsentReads, max_reads: maxReads };
      expect([minAbsentReads, maxReads, ReconcileSpec.safeParse(spec).success]).toEqual([
        minAbsentReads,
        maxReads,
        short(step) === 'absent',
      ]);
    }
  }
});

const SPEC = { state_refetch: { tool: 'look' }, conditions: { done: true } };

test.each([
  { cell: 'S1', given: {}, expected: true, why: 'what is left out is enough' },
  { cell: 'S2', given: { min_absent_reads: 7 }, expected: true, why: 'an early read and seven of eight' },
  {
    cell: 'S3',
    given: { min_absent_reads: 8 },
    expected: false,
    why: 'eight reads are made, one of them early',
  },
  { cell: 'S4', given: { max_reads: 3 }, expected: true, why: 'an early read and two' },
  { cell: 'S5', given: { max_reads: 2 }, expected: false, why: 'two are needed where nothing is said' },
])('$cell $why', ({ given, expected }) => {
  const parsed = ReconcileSpec.safeParse({ ...SPEC, ...given });
  expect(parsed.success).toBe(expected);
  expect(parsed.error?.issues.map(({ path }) => path)).toEqual(expected ? undefined : [['max_reads']]);
});

const anyLookup = fc.record({
  n: fc.constant(1),
  attempt: fc.constant(1),
  at: fc.constant(epochMs(0)),
  settled: fc.boolean(),
  verdict: fc.constantFrom('applied', 'absent', 'unclear') as fc.Arbitrary<Lookup['verdict']>,
  evidence: fc.constant(''),
});

test('whatever was read: absent needs enough clean reads after the settle time, and the search ends', () => {
  fc.assert(
    fc.property(fc.array(anyLookup, { maxLength: 8 }), fc.nat(20_000), (lookups, offset) => {
      const step = decide(offset, lookups);
      if (step.kind === 'verdict' && step.verdict === 'absent') {
        const clean = lookups.slice(-2);
        expect(clean.every((l) => l.verdict === 'absent' && l.settled)).toBe(true);
        expect(lookups.some((l) => l.verdict === 'applied')).toBe(false);
      }
      if (lookups.length >= plan.maxReads) expect(step.kind).toBe('verdict');
    }),
    { numRuns: 2_000 },
  );
});
