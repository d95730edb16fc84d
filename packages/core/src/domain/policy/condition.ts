import type { Conditions } from '@invoke/contract';
import type { ExpressionError } from './expression.js';
import { LiteralReader } from './literal-reader.js';

export type Condition = Conditions[string];

export type ParsedCondition =
  | { readonly kind: 'ok'; readonly expression: string }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/**
 * What must hold of one field, as an expression over the name `value`.
 *
 * Text may start with an operator: `> 0`, `>= 10`, `< 5`, `<= 5`, `== paid`, `!= paid`, `in [a, b]`, `not in [a, b]`,
 * `between 1 and 5` (both ends included). After it come literals only: numbers, `true`, `false`, `null`, words, and text in
 * quotes. What is put in order are numbers, or text in quotes. Everything else must be equal, type included.
 *
 * Text that starts like an operator and is none is an error, not plain text: a slip of the pen must not become an equality
 * that fails, because "it fails" is read as "it did not happen". To compare with such a text, write `== "<text>"`.
 */
export function parseCondition(condition: Condition): ParsedCondition {
  if (typeof condition === 'number' && !Number.isFinite(condition)) {
    return { kind: 'error', error: { at: 0, message: 'expected a finite number' } };
  }
  if (typeof condition !== 'string') return { kind: 'ok', expression: `value == ${condition}` };
  const start = OPERATOR.exec(condition);
  if (start === null) return { kind: 'ok', expression: `value == ${JSON.stringify(condition)}` };
  const [before, operator = ''] = start;
  const reader = new LiteralReader(condition, before.length);
  const expression = operation(operator.toLowerCase().replace(/\s+/, ' '), reader);
  if (expression === null)
    reader.fail(before.indexOf(operator), `unknown operator ${JSON.stringify(operator)}`);
  reader.expectEnd();
  return reader.error === null
    ? { kind: 'ok', expression: expression ?? '' }
    : { kind: 'error', error: reader.error };
}

/** Signs that plain values do not start with, or a word together with what has to follow it. */
const OPERATOR = /^\s*([<>=!\u2260\u2264\u2265]+|(?:not\s+)?in(?=\s*\[)|between(?=\s+["'+.0-9-]))/i;

/** Null: there is no such operator. */
function operation(operator: string, reader: LiteralReader): string | null {
  switch (operator) {
    case '==':
    case '!=':
      return `value ${operator} ${reader.literal()}`;
    case '>':
    case '>=':
    case '<':
    case '<=':
      return `value ${operator} ${reader.ordered()}`;
    case 'in':
      return `value in ${reader.list()}`;
    case 'not in':
      return `!(value in ${reader.list()})`;
    case 'between': {
      const low = reader.ordered();
      reader.expect('and');
      return `value >= ${low} && value <= ${reader.ordered()}`;
    }
    case '=':
      reader.fail(0, 'use "==" to compare');
      return '';
    default:
      return null;
  }
}
