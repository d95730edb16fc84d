import type { Budget, JsonObject } from '@invoke/contract';
import { expect, test } from 'vitest';
import type { Expression, ExpressionValue } from '../policy/expression.js';
import { aTool } from '../test-tools.js';
import { epochMs } from '../time.js';
import { decideBudget, type BudgetCall, type BudgetRule } from './decide-budget.js';

/** 2026-11-23T21:00:01.234Z */
const AT = epochMs(1_795_467_601_234);
const CHARGE = aTool({ name: 'charge', amount_field: '/money/amount' });
const LOOK = aTool({ name: 'look', effect: 'read' });

const says = (value: ExpressionValue) =>
  ({ source: 'x', pins: [], evaluate: () => value }) as unknown as Expression;
const rule = (budget: Omit<Budget, 'id'>, more: Partial<BudgetRule> = {}): BudgetRule => ({
  budget: { id: 'b1', ...budget },
  source: 'operator',
  when: null,
  ...more,
});
const call = (more: Partial<BudgetCall> = {}): BudgetCall => ({
  tenant: 'default',
  keyId: 'key_1',
  agentId: 'agent_1',
  tool: CHARGE,
  params: { money: { amount: 25 } },
  facts: {},
  at: AT,
  ...more,
});
const paying = (params: JsonObject): BudgetCall => call({ params });

const AMOUNTS = rule({ per: 'key', window: 'day', max_amount: 100 });
const CALLS = rule({ per: 'key', window: 'day', max_calls: 3 });

test('a charge names its budget, subject, window and limits', () => {
  expect(decideBudget([AMOUNTS], call())).toEqual({
    kind: 'charges',
    charges: [
      {
        tenant: 'default',
        budget: 'b1',
        subject: 'key_1',
        windowStart: 1_795_392_000_000,
        windowEnd: 1_795_478_400_000,
        amount: 25,
        maxCalls: null,
        maxAmount: 100,
      },
    ],
  });
});

const SUBJECTS = [
  { cell: 'per key', input: [rule({ per: 'key', window: 'hour', max_calls: 1 }), call()], expected: 'key_1' },
  {
    cell: 'per agent',
    input: [rule({ per: 'agent', window: 'hour', max_calls: 1 }), call()],
    expected: 'agent_1',
  },
  {
    cell: 'per agent, without one',
    input: [rule({ per: 'agent', window: 'hour', max_calls: 1 }), call({ agentId: null })],
    expected: '(none)',
  },
  {
    cell: 'per tool',
    input: [rule({ per: 'tool', window: 'hour', max_calls: 1 }), call()],
    expected: 'charge',
  },
] as const;

test.each(SUBJECTS)('counted $cell: $expected', ({ input: [budget, made], expected }) => {
  expect(chargesOf([budget], made)).toMatchObject([{ subject: expected }]);
});

const COUNTED = [
  { cell: 'no condition', when: null, expected: 1, why: 'it counts every call' },
  { cell: 'true', when: says({ kind: 'true' }), expected: 1, why: 'it matches' },
  { cell: 'false', when: says({ kind: 'false' }), expected: 0, why: 'it does not match' },
  {
    cell: 'unknown',
    when: says({ kind: 'unknown', why: 'no such field' }),
    expected: 1,
    why: 'what cannot be told restricts',
  },
] as const;

test.each(COUNTED)('when is $cell: $expected charges, because $why', ({ when, expected }) => {
  expect(chargesOf([{ ...CALLS, when }], call())).toHaveLength(expected);
});

test('conditions see the facts of the call', () => {
  const seen: unknown[] = [];
  const evaluate: Expression['evaluate'] = (facts) => {
    seen.push(facts);
    return { kind: 'true' };
  };
  const when = { source: 'x', pins: [], evaluate } as unknown as Expression;
  decideBudget([{ ...CALLS, when }], call({ facts: { action: 'pay' } }));
  expect(seen).toEqual([{ action: 'pay' }]);
});

const AMOUNT_CELLS = [
  { cell: 'an amount', input: paying({ money: { amount: 0.5 } }), expected: 0.5 },
  { cell: 'nothing', input: paying({ money: { amount: 0 } }), expected: 0 },
  {
    cell: 'missing',
    input: paying({}),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is missing.',
  },
  {
    cell: 'null',
    input: paying({ money: { amount: null } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is not a number.',
  },
  {
    cell: 'text',
    input: paying({ money: { amount: '25' } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is not a number.',
  },
  {
    cell: 'a list',
    input: paying({ money: { amount: [25] } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is not a number.',
  },
  {
    cell: 'not a number',
    input: paying({ money: { amount: Number.NaN } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is not a number.',
  },
  {
    cell: 'infinite',
    input: paying({ money: { amount: Number.POSITIVE_INFINITY } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is not a number.',
  },
  {
    cell: 'negative',
    input: paying({ money: { amount: -1 } }),
    expected: 'Budget b1 counts amounts, and the amount at /money/amount is negative.',
  },
  {
    cell: 'a tool that names none',
    input: call({ tool: LOOK }),
    expected: 'Budget b1 counts amounts, and the card of look names no amount_field.',
  },
] as const;

test.each(AMOUNT_CELLS)('a budget of amounts, and the amount is $cell', ({ input, expected }) => {
  const decision = decideBudget([AMOUNTS], input);
  if (decision.kind === 'charges') expect(decision.charges[0]?.amount).toBe(expected);
  else expect(decision.refusal).toMatchObject({ code: 'budget_exceeded', message: expected });
});

test('an unusable amount says nothing of when to try again, since no time helps', () => {
  const decision = decideBudget([AMOUNTS], paying({}));
  expect(decision).toEqual({
    kind: 'refuse',
    refusal: {
      code: 'budget_exceeded',
      message: 'Budget b1 counts amounts, and the amount at /money/amount is missing.',
      details: { budget: 'b1', subject: 'key_1', reason: 'the amount at /money/amount is missing' },
    },
  });
});

test('a budget of calls does not need an amount, and reads count as well', () => {
  expect(chargesOf([CALLS], paying({}))).toMatchObject([{ amount: 0, maxCalls: 3, maxAmount: null }]);
  expect(chargesOf([CALLS], call({ tool: LOOK }))).toHaveLength(1);
});

test('a budget that does not match asks for no amount', () => {
  expect(chargesOf([{ ...AMOUNTS, when: says({ kind: 'false' }) }], paying({}))).toEqual([]);
});

test('budgets of the operator and of a tenant with the same id are counted apart', () => {
  const charges = chargesOf([CALLS, { ...CALLS, source: 'tenant' }], call());
  expect(charges.map((c) => c.budget)).toEqual(['b1', 'tenant:b1']);
});

test('an amount is only read from own properties', () => {
  const tool = aTool({ name: 'charge', amount_field: '/constructor/length' });
  expect(decideBudget([AMOUNTS], call({ tool, params: {} })).kind).toBe('refuse');
});

function chargesOf(rules: readonly BudgetRule[], made: BudgetCall) {
  const decision = decideBudget(rules, made);
  if (decision.kind !== 'charges') throw new Error(decision.refusal.message);
  return decision.charges;
}

test.each([
  ['names another tool', { root: 'tool', values: ['refund'] }, 0],
  ['names this tool', { root: 'tool', values: ['refund', 'charge'] }, 1],
  ['names a root that is null', { root: 'action', values: ['push'] }, 0],
  ['names a root that is not there', { root: 'nothing', values: ['x'] }, 1],
])('a pin that %s', (_, pin, charges) => {
  const when = { source: 'x', pins: [pin], evaluate: () => ({ kind: 'true' }) } as unknown as Expression;
  const facts = { tool: 'charge', action: null };
  const decision = decideBudget(
    [rule({ per: 'key', window: 'day', max_calls: 5 }, { when })],
    call({ facts }),
  );
  expect(decision.kind === 'charges' && decision.charges).toHaveLength(charges);
});
