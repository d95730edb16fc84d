import { stepsOfText, type Meter } from '../bounded/meter.js';
import { Duration, isNumber, Timestamp, Unknown } from './values.js';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/**
 * CEL's arithmetic, with two liberties. Where one number is a double, as all numbers in JSON are, the other is taken as one
 * too; and dividing a double by zero is unknown, not infinity. Two ints give an int of 64 bits. Null: the operator does not
 * apply to values of these types.
 */
export function calculate(
  operator: ArithmeticOperator,
  [a, b]: readonly [unknown, unknown],
  meter: Meter,
): unknown {
  if (isNumber(a) && isNumber(b)) {
    if (Number(b) === 0 && (operator === '/' || operator === '%')) return new Unknown('it divides by zero');
    const bothInts = typeof a === 'bigint' && typeof b === 'bigint';
    return bothInts ? calculateInts(operator, a, b) : calculateDoubles(operator, Number(a), Number(b));
  }
  if (operator === '+') return join(a, b, meter) ?? add(a, b);
  return operator === '-' ? subtract(a, b) : null;
}

function calculateInts(operator: ArithmeticOperator, a: bigint, b: bigint): bigint | Unknown {
  const result = INTS[operator](a, b);
  return BigInt.asIntN(64, result) === result ? result : new Unknown('a number does not fit into 64 bits');
}

const INTS: Readonly<Record<ArithmeticOperator, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function calculateDoubles(operator: ArithmeticOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
  }
}

/** Two texts or two lists in one. */
function join(a: unknown, b: unknown, meter: Meter): string | readonly unknown[] | null {
  if (typeof a === 'string' && typeof b === 'string') {
    meter.charge(stepsOfText(a) + stepsOfText(b));
    return a + b;
  }
  if (!Array.isArray(a) || !Array.isArray(b)) return null;
  meter.charge(a.length + b.length);
  return [...(a as readonly unknown[]), ...(b as readonly unknown[])];
}

function add(a: unknown, b: unknown): Timestamp | Duration | null {
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms + b.ms);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.ms + b.ms);
  if (a instanceof Duration && b instanceof Timestamp) return new Timestamp(a.ms + b.ms);
  return null;
}

function subtract(a: unknown, b: unknown): Timestamp | Duration | null {
  if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(a.ms - b.ms);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.ms - b.ms);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms - b.ms);
  return null;
}
