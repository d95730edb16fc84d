import type { Budget } from '@invoke/contract';
import { expect, test } from 'vitest';
import { aTool } from '../test-tools.js';
import { epochMs } from '../time.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { BudgetCall } from './decide-budget.js';
import { decideReachBudget } from './decide-reach-budget.js';

const PAY = aTool({ name: 'pay', amount_field: '/amount' });
const WIRE = aTool({ name: 'wire', amount_field: '/total' });
const PER_KEY: Budget = { id: 'daily', per: 'key', window: 'day', max_calls: 3 };
const PER_TOOL: Budget = { id: 'each', per: 'tool', window: 'day', max_amount: 100 };

const by = (tool: ToolDefinition, params: BudgetCall['params']): BudgetCall => {
  const at = epochMs(1_795_467_601_234);
  return { tenant: 'default', keyId: 'key_1', agentId: null, tool, params, facts: {}, at };
};
const decide = (params: BudgetCall['params'], fallback: ToolDefinition | null) => {
  const rules = [PER_KEY, PER_TOOL].map((budget) => ({ budget, source: 'operator', when: null }) as const);
  const decided = decideReachBudget(rules, by(PAY, params), fallback && by(fallback, params));
  if (decided.kind === 'refuse') return decided.refusal;
  return decided.charges.map(({ budget, subject, amount, only }) => [
    budget,
    subject,
    amount,
    only ?? 'either',
  ]);
};

test('without a fallback all is taken for the call', () => {
  expect(decide({ amount: 5 }, null)).toEqual([
    ['daily', 'key_1', 5, 'either'],
    ['each', 'pay', 5, 'either'],
  ]);
});

test('what counts both tools is taken once, with the larger amount, and the rest for each of them', () => {
  expect(decide({ amount: 5, total: 7 }, WIRE)).toEqual([
    ['daily', 'key_1', 7, 'either'],
    ['each', 'pay', 5, 'primary'],
    ['each', 'wire', 7, 'fallback'],
  ]);
});

test('a fallback that hides its amount is refused as its own call would be, and the refusal points to it', () => {
  expect(decide({ amount: 5 }, WIRE)).toMatchObject({
    code: 'budget_exceeded',
    message: expect.stringMatching(/^wire cannot be the fallback of this call: /),
    errors: [{ pointer: '/failure_policy/fallback' }],
  });
});
