import type { Budget } from '@invoke/contract';
import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import type { BudgetRule } from './decide-budget.js';
import { toBudgetUse } from './to-budget-use.js';

/** 2026-11-23T21:00:01.234Z */
const NOW = epochMs(1_795_467_601_234);
const DAY_START = epochMs(1_795_392_000_000);

const daily: Budget = { id: 'daily', per: 'key', window: 'day', max_amount: 100 };
const rule = (budget: Budget, more: Partial<BudgetRule> = {}): BudgetRule => ({
  budget,
  source: 'operator',
  when: null,
  ...more,
});
const row = (budget: string, windowStart = DAY_START) => ({
  budget,
  subject: 'key_1',
  windowStart,
  calls: 4,
  amount: 90,
});

test('what is used of a budget, with its limits and the end of its window', () => {
  expect(toBudgetUse([rule(daily)], [row('daily')], NOW)).toEqual([
    {
      budget: 'daily',
      subject: 'key_1',
      window: 'day',
      window_start: 1_795_392_000_000,
      resets_at: 1_795_478_400_000,
      calls: 4,
      amount: 90,
      max_calls: null,
      max_amount: 100,
    },
  ]);
});

test('nothing is told of budgets that are gone, of other windows, or of another source with the same id', () => {
  expect(toBudgetUse([rule(daily)], [row('weekly')], NOW)).toEqual([]);
  expect(toBudgetUse([rule(daily)], [row('daily', epochMs(1_795_305_600_000))], NOW)).toEqual([]);
  expect(toBudgetUse([rule(daily, { source: 'tenant' })], [row('daily')], NOW)).toEqual([]);
  expect(toBudgetUse([rule(daily, { source: 'tenant' })], [row('tenant:daily')], NOW)).toHaveLength(1);
});
