import type { Conditions } from '@invoke/contract';
import { expect, test } from 'vitest';
import { createExpressionLanguage } from '../../engine/expression/cel-language.js';
import { compileConditions, type ConditionReport } from './conditions.js';

const language = createExpressionLanguage();

function report(conditions: Conditions, state: Readonly<Record<string, unknown>>): ConditionReport {
  const compiled = compileConditions(conditions, language);
  if (compiled.kind === 'error') throw new Error(compiled.message);
  return compiled.evaluate(state);
}

const CELLS: readonly {
  condition: Conditions[string];
  actual: unknown;
  verdict: 'holds' | 'fails' | 'unknown';
  why?: string;
}[] = [
  { condition: 'unpaid', actual: 'unpaid', verdict: 'holds' },
  { condition: 'unpaid', actual: 'paid', verdict: 'fails' },
  { condition: 'unpaid', actual: null, verdict: 'fails' },
  { condition: 'unpaid', actual: ['unpaid'], verdict: 'fails' },
  { condition: true, actual: true, verdict: 'holds' },
  { condition: true, actual: false, verdict: 'fails' },
  { condition: true, actual: 'true', verdict: 'fails', why: 'true and "true" differ in type' },
  { condition: '0', actual: 0, verdict: 'fails', why: '"0" and 0 differ in type' },
  { condition: 0, actual: '0', verdict: 'fails', why: '0 and "0" differ in type' },
  { condition: 0, actual: 0, verdict: 'holds' },
  { condition: 1, actual: true, verdict: 'fails' },
  { condition: null, actual: null, verdict: 'holds' },
  { condition: '> 0', actual: 125, verdict: 'holds' },
  { condition: '> 0', actual: 0.01, verdict: 'holds' },
  { condition: '> 0', actual: 0, verdict: 'fails' },
  { condition: '> 0', actual: '125', verdict: 'unknown', why: '"> 0" does not apply to text' },
  { condition: '> 0', actual: null, verdict: 'unknown', why: '"> 0" does not apply to null' },
  { condition: '> 0', actual: [1], verdict: 'unknown', why: '"> 0" does not apply to a list' },
  { condition: '> 0', actual: {}, verdict: 'unknown', why: '"> 0" does not apply to an object' },
  { condition: '> "2026"', actual: '2026-11-23', verdict: 'holds' },
  { condition: '!= paid', actual: 'unpaid', verdict: 'holds' },
  { condition: '!= paid', actual: 'paid', verdict: 'fails' },
  { condition: 'in [open, overdue]', actual: 'overdue', verdict: 'holds' },
  { condition: 'in [open, overdue]', actual: 'paid', verdict: 'fails' },
  { condition: 'in [1, 2]', actual: 2, verdict: 'holds' },
  { condition: 'not in [open]', actual: 'paid', verdict: 'holds' },
  { condition: 'between 1 and 5', actual: 1, verdict: 'holds' },
  { condition: 'between 1 and 5', actual: 5, verdict: 'holds' },
  { condition: 'between 1 and 5', actual: 5.1, verdict: 'fails' },
  {
    condition: 'between 1 and 5',
    actual: 'x',
    verdict: 'unknown',
    why: '"between 1 and 5" does not apply to text',
  },
];

test.each(CELLS)('$condition against $actual: $verdict', ({ condition, actual, verdict, why }) => {
  expect(report({ field: condition }, { field: actual }).fields).toEqual([
    { field: 'field', condition, actual, verdict, ...(why === undefined ? {} : { why }) },
  ]);
});

test('what is missing is unknown, and never merely different', () => {
  for (const condition of ['paid', '!= paid', null, '> 0', 'not in [a]']) {
    expect(report({ status: condition }, {})).toEqual({
      verdict: 'unknown',
      fields: [
        { field: 'status', condition, actual: undefined, verdict: 'unknown', why: 'status is missing' },
      ],
    });
  }
});

test('one that fails outweighs one that is unknown, which outweighs those that hold', () => {
  const state = { a: 1, b: 2 };
  expect(report({ a: 1, b: 2 }, state).verdict).toBe('true');
  expect(report({ a: 1, c: 3 }, state).verdict).toBe('unknown');
  expect(report({ c: 3, a: 2 }, state).verdict).toBe('false');
  expect(report({ a: 1, c: 3, b: 3 }, state).fields.map((f) => f.verdict)).toEqual([
    'holds',
    'unknown',
    'fails',
  ]);
});

test('fields are reached by dotted paths', () => {
  const state = { customer: { balance: 5 }, items: [{ id: 'a' }], 'a.b': 1, a: { b: 2 } };
  expect(report({ 'customer.balance': '> 0', 'items.0.id': 'a', 'a.b': 1 }, state).verdict).toBe('true');
});

test('an error says which condition it is in', () => {
  expect(compileConditions({ ok: 1, 'a/b': '> 0; process.exit()' }, language)).toEqual({
    kind: 'error',
    pointer: '/a~1b',
    at: 3,
    message: 'a condition is one operator and its literals, nothing after them',
  });
  expect(compileConditions({ a: String.raw`== "\q"` }, language)).toMatchObject({
    kind: 'error',
    pointer: '/a',
  });
});
