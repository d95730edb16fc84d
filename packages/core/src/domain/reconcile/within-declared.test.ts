import type { ReconcileSpec } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { withinDeclared } from './within-declared.js';

type More = Partial<ReconcileSpec>;

const asking = (tool: string, more: More): ReconcileSpec => ({
  state_refetch: { tool, params: {} },
  conditions: { charged: true },
  ...more,
});

const CELLS: readonly { cell: string; own: More; declared: More; expected: More; why: string }[] = [
  {
    cell: 'W1',
    own: {},
    declared: { settle_ms: 60_000, min_absent_reads: 4, max_reads: 6 },
    expected: { settle_ms: 60_000, min_absent_reads: 4, max_reads: 6 },
    why: 'what the caller does not say, the card does',
  },
  {
    cell: 'W2',
    own: { settle_ms: 0, min_absent_reads: 1, max_reads: 2 },
    declared: { settle_ms: 60_000, min_absent_reads: 4 },
    expected: { settle_ms: 60_000, min_absent_reads: 4, max_reads: 5 },
    why: 'the caller cannot have less, and gets as many reads as that takes',
  },
  {
    cell: 'W3',
    own: { settle_ms: 90_000, min_absent_reads: 5, max_reads: 9 },
    declared: { settle_ms: 60_000, min_absent_reads: 4 },
    expected: { settle_ms: 90_000, min_absent_reads: 5, max_reads: 9 },
    why: 'it may have more',
  },
  {
    cell: 'W4',
    own: { settle_ms: 0, min_absent_reads: 1 },
    declared: {},
    expected: { settle_ms: 2_000, min_absent_reads: 2, max_reads: 8 },
    why: 'what holds where a card says nothing is a floor, too',
  },
  {
    cell: 'W5',
    own: {},
    declared: { settle_ms: 50 },
    expected: { settle_ms: 50, min_absent_reads: 2, max_reads: 8 },
    why: 'the card may be less patient than what holds where nobody says anything',
  },
  {
    cell: 'W6',
    own: { effects_at: '/mine' },
    declared: { settle_ms: 50, reference_at: '/ref', effects_at: '/count', recheck_ms: 700 },
    expected: {
      settle_ms: 50,
      min_absent_reads: 2,
      max_reads: 8,
      reference_at: '/ref',
      effects_at: '/mine',
      recheck_ms: 700,
    },
    why: 'the same read tool: its answers are as the card says, unless the caller says',
  },
];

describe("a caller's own lookup, where the card of the tool declares one", () => {
  test.each(CELLS)('$cell $why', ({ own, declared, expected }) => {
    expect(withinDeclared(asking('lookup', own), asking('lookup', declared))).toEqual(
      asking('lookup', expected),
    );
  });

  test('another read tool: nothing is known of its answers', () => {
    const declared = asking('lookup', { settle_ms: 50, reference_at: '/ref', effects_at: '/count' });
    const expected = { settle_ms: 50, min_absent_reads: 2, max_reads: 8 };
    expect(withinDeclared(asking('ledger', {}), declared)).toEqual(asking('ledger', expected));
  });
});
