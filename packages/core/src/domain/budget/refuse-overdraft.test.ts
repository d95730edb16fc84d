import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import type { BudgetSpent, Charge } from './charge.js';
import { refuseOverdraft } from './refuse-overdraft.js';

/** A day, 2026-11-23, at 21:00:01.234. */
const NOW = epochMs(1_795_467_601_234);
const START = epochMs(1_795_392_000_000);
const END = epochMs(1_795_478_400_000);

const charge = (more: Partial<Charge>): Charge => ({
  tenant: 'default',
  budget: 'daily',
  subject: 'key_1',
  windowStart: START,
  windowEnd: END,
  amount: 25,
  maxCalls: null,
  maxAmount: null,
  ...more,
});
const spent = (calls: number, amount: number): BudgetSpent => ({
  budget: 'daily',
  subject: 'key_1',
  windowStart: START,
  calls,
  amount,
});

const CELLS = [
  {
    cell: 'too many calls',
    input: [charge({ maxCalls: 3 }), spent(3, 75)],
    message:
      'Budget daily of key_1: 3 of 3 calls are spent, and this call needs one more. It is full again at 2026-11-24T00:00:00.000Z.',
    details: { spent: { calls: 3, amount: 75 }, max: { calls: 3, amount: null }, retry_after: 10_799 },
  },
  {
    cell: 'too much money',
    input: [charge({ maxAmount: 100 }), spent(4, 90)],
    message:
      'Budget daily of key_1: 90 of 100 are spent, and this call needs 25 more. It is full again at 2026-11-24T00:00:00.000Z.',
    details: { spent: { calls: 4, amount: 90 }, max: { calls: null, amount: 100 }, retry_after: 10_799 },
  },
  {
    cell: 'both limits, and the money is the one that is short',
    input: [charge({ maxCalls: 10, maxAmount: 100 }), spent(4, 90)],
    message:
      'Budget daily of key_1: 90 of 100 are spent, and this call needs 25 more. It is full again at 2026-11-24T00:00:00.000Z.',
    details: { spent: { calls: 4, amount: 90 }, max: { calls: 10, amount: 100 }, retry_after: 10_799 },
  },
  {
    cell: 'more than there ever is',
    input: [charge({ maxAmount: 20 }), null],
    message: 'Budget daily is smaller than this call alone.',
    details: { spent: { calls: 0, amount: 0 }, max: { calls: null, amount: 20 } },
  },
  {
    cell: 'a budget of nothing',
    input: [charge({ maxCalls: 0 }), null],
    message: 'Budget daily is smaller than this call alone.',
    details: { spent: { calls: 0, amount: 0 }, max: { calls: 0, amount: null } },
  },
] as const;

test.each(CELLS)('$cell', ({ input: [over, used], message, details }) => {
  expect(refuseOverdraft(over, used, NOW)).toEqual({
    kind: 'refuse',
    refusal: {
      code: 'budget_exceeded',
      message,
      details: { budget: 'daily', subject: 'key_1', resets_at: 1_795_478_400_000, ...details },
    },
  });
});

test('Retry-After is never 0: a client that waits for it finds the next window', () => {
  const { refusal } = refuseOverdraft(charge({ maxCalls: 1 }), spent(1, 25), epochMs(END - 1));
  expect(refusal.details).toMatchObject({ retry_after: 1 });
});
