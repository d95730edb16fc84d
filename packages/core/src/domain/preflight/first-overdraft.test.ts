import { describe, expect, test } from 'vitest';
import type { BudgetSpent, Charge } from '../budget/charge.js';
import { epochMs } from '../time.js';
import { firstOverdraft } from './first-overdraft.js';

const windowStart = epochMs(1_700_000_000_000);
const charge = (more: Partial<Charge>): Charge => ({
  tenant: 'default',
  budget: 'b',
  subject: 'tool',
  windowStart,
  windowEnd: epochMs(1_700_000_060_000),
  amount: 10,
  maxCalls: null,
  maxAmount: null,
  ...more,
});
const spent = (more: Partial<BudgetSpent>): BudgetSpent => ({
  budget: 'b',
  subject: 'tool',
  windowStart,
  calls: 2,
  amount: 90,
  ...more,
});

const CELLS = [
  { cell: 'F1', charges: [], spends: [spent({})], expected: null, why: 'nothing is counted' },
  {
    cell: 'F2',
    charges: [charge({ maxCalls: 3 })],
    spends: [spent({})],
    expected: null,
    why: 'the last call',
  },
  {
    cell: 'F3',
    charges: [charge({ maxCalls: 2 })],
    spends: [spent({})],
    expected: 'b',
    why: 'one call too many',
  },
  {
    cell: 'F4',
    charges: [charge({ maxAmount: 100 })],
    spends: [spent({})],
    expected: null,
    why: 'exactly enough',
  },
  { cell: 'F5', charges: [charge({ maxAmount: 99 })], spends: [spent({})], expected: 'b', why: 'too much' },
  {
    cell: 'F6',
    charges: [charge({ maxCalls: 0 })],
    spends: [],
    expected: 'b',
    why: 'nothing is allowed at all',
  },
  {
    cell: 'F7',
    charges: [charge({ maxCalls: 2 })],
    spends: [spent({ subject: 'other' }), spent({ windowStart: epochMs(1) }), spent({ budget: 'other' })],
    expected: null,
    why: 'others, other windows, other budgets',
  },
  {
    cell: 'F8',
    charges: [charge({ maxCalls: 9 }), charge({ budget: 'second', maxAmount: 1 })],
    spends: [spent({})],
    expected: 'second',
    why: 'the first that would be overdrawn',
  },
];

describe('budgets, looked at', () => {
  test.each(CELLS)('$cell $why', ({ charges, spends, expected }) => {
    expect(firstOverdraft(charges, spends)?.charge.budget ?? null).toBe(expected);
  });
});
