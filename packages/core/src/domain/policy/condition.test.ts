import { expect, test } from 'vitest';
import { parseCondition, type Condition } from './condition.js';

const CELLS: readonly { condition: Condition; expression: string; why: string }[] = [
  { condition: 'unpaid', expression: 'value == "unpaid"', why: 'a word' },
  { condition: '0', expression: 'value == "0"', why: 'text, not a number' },
  { condition: 0, expression: 'value == 0', why: 'a number' },
  { condition: -1.5, expression: 'value == -1.5', why: 'a number' },
  { condition: 1e21, expression: 'value == 1e+21', why: 'a large number' },
  { condition: true, expression: 'value == true', why: 'true' },
  { condition: null, expression: 'value == null', why: 'null' },
  { condition: '', expression: 'value == ""', why: 'no text' },
  { condition: ' unpaid ', expression: 'value == " unpaid "', why: 'nothing is trimmed' },
  {
    condition: 'a "quoted" \\ word',
    expression: String.raw`value == "a \"quoted\" \\ word"`,
    why: 'escaped',
  },
  { condition: 'in progress', expression: 'value == "in progress"', why: 'no list follows' },
  { condition: 'between jobs', expression: 'value == "between jobs"', why: 'no number follows' },
  { condition: 'not paid', expression: 'value == "not paid"', why: 'no operator' },
  { condition: 'a > 5', expression: 'value == "a > 5"', why: 'does not start with an operator' },
  { condition: '> 0', expression: 'value > 0', why: 'operator' },
  { condition: '>=10', expression: 'value >= 10', why: 'without a space' },
  { condition: '  <  -0.5 ', expression: 'value < -0.5', why: 'with many' },
  { condition: '<= 1e3', expression: 'value <= 1e3', why: 'exponents' },
  {
    condition: '> "2026-01-01T00:00:00Z"',
    expression: 'value > "2026-01-01T00:00:00Z"',
    why: 'quoted text has an order',
  },
  { condition: '!= paid', expression: 'value != "paid"', why: 'a word' },
  { condition: '== paid', expression: 'value == "paid"', why: 'a word' },
  { condition: '!= 5', expression: 'value != 5', why: 'a number' },
  { condition: '!= "5"', expression: 'value != "5"', why: 'text' },
  { condition: '!= null', expression: 'value != null', why: 'null' },
  {
    condition: '== in.transit:2/x@y-z',
    expression: 'value == "in.transit:2/x@y-z"',
    why: 'what names are made of',
  },
  { condition: 'in [a,b]', expression: 'value in ["a", "b"]', why: 'words' },
  { condition: 'in [ 1 , "x, y" , true ]', expression: 'value in [1, "x, y", true]', why: 'any literals' },
  { condition: 'IN [a]', expression: 'value in ["a"]', why: 'whatever the case' },
  { condition: 'not in [a, b]', expression: '!(value in ["a", "b"])', why: 'the opposite' },
  { condition: 'between 1 and 5', expression: 'value >= 1 && value <= 5', why: 'both included' },
  {
    condition: 'between -1.5 and "x"',
    expression: 'value >= -1.5 && value <= "x"',
    why: 'whatever has an order',
  },
];

test.each(CELLS)('$condition: $why', ({ condition, expression }) => {
  expect(parseCondition(condition)).toEqual({ kind: 'ok', expression });
});

const REFUSED: readonly { condition: Condition; at: number; says: string; why: string }[] = [
  { condition: '> 0; process.exit()', at: 3, says: 'nothing after', why: 'POL-011' },
  { condition: '> 1e400', at: 2, says: 'out of range', why: 'POL-012' },
  { condition: '> 9007199254740993', at: 2, says: 'out of range', why: 'would be another number' },
  { condition: '> 0 and < 10', at: 4, says: 'nothing after', why: 'one operator' },
  { condition: '> 0 || true', at: 4, says: 'nothing after', why: 'no expression' },
  { condition: '> (1)', at: 2, says: 'expected a number', why: 'no expression' },
  { condition: '> balance', at: 2, says: 'expected a number', why: 'words have no order' },
  { condition: '> 2026-01-01', at: 2, says: 'expected a number', why: 'a date needs quotes' },
  { condition: '>', at: 1, says: 'expected a number', why: 'nothing to compare with' },
  { condition: '= paid', at: 0, says: 'use "=="', why: 'one sign' },
  { condition: '=> 5', at: 0, says: 'unknown operator "=>"', why: 'not text that would never be equal' },
  { condition: '<> paid', at: 0, says: 'unknown operator "<>"', why: 'likewise' },
  { condition: '!paid', at: 0, says: 'unknown operator "!"', why: 'likewise' },
  { condition: '\u2265 5', at: 0, says: 'unknown operator', why: 'likewise' },
  { condition: '!= partially paid', at: 13, says: 'nothing after', why: 'needs quotes' },
  { condition: '!= "paid', at: 3, says: 'expected a number, a word', why: 'no closing quote' },
  { condition: 'in []', at: 4, says: 'at least one', why: 'never true' },
  { condition: 'in [a b]', at: 6, says: 'expected "]"', why: 'no comma' },
  { condition: 'in [a', at: 5, says: 'expected "]"', why: 'not closed' },
  { condition: 'in [f(x)]', at: 5, says: 'expected "]"', why: 'no calls' },
  { condition: `in [${'a,'.repeat(100)}a]`, at: 206, says: 'at most 100', why: 'bounded' },
  { condition: 'between 1', at: 9, says: 'expected "and"', why: 'two ends' },
  { condition: 'between 1 and', at: 13, says: 'expected a number', why: 'two ends' },
  { condition: Number.POSITIVE_INFINITY, at: 0, says: 'finite', why: 'not in JSON' },
];

test.each(REFUSED)('refuses $condition: $why', ({ condition, at, says }) => {
  expect(parseCondition(condition)).toEqual({
    kind: 'error',
    error: { at, message: expect.stringContaining(says) as string },
  });
});
