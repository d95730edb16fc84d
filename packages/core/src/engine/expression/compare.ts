import { Exhausted, stepsOfText, type Meter } from '../bounded/meter.js';
import { Duration, isMap, isNumber, Timestamp } from './values.js';

/** CEL's `==`: numbers by value, lists and maps by their contents; values of different types are not equal. */
export function isEqual(a: unknown, b: unknown, meter: Meter): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return new Comparison(meter).isEqual(a, b);
  meter.charge(1);
  return isEqualText(a, b, meter);
}

/** Negative, zero or positive, as a stands to b; NaN for what is neither; null where such values have no order. */
export function order(a: unknown, b: unknown, meter: Meter): number | null {
  if (isNumber(a) && isNumber(b)) return orderOfNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') {
    meter.charge(stepsOfText(a));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.ms - b.ms;
  if (a instanceof Duration && b instanceof Duration) return a.ms - b.ms;
  return null;
}

/** NaN has no order, not even to itself. */
function orderOfNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : a <= b ? 0 : Number.NaN;
}

/** What comes in as JSON is not nested deeper. */
const MAX_DEPTH = 64;

class Comparison {
  private readonly meter: Meter;
  private depth = 0;

  constructor(meter: Meter) {
    this.meter = meter;
  }

  isEqual(a: unknown, b: unknown): boolean {
    this.meter.charge(1);
    if (typeof a === 'string' && typeof b === 'string') return isEqualText(a, b, this.meter);
    // An int and a double that are the same number are equal, which `===` does not say of a bigint and a number.
    if (isNumber(a) && isNumber(b)) return orderOfNumbers(a, b) === 0;
    if (a instanceof Timestamp) return b instanceof Timestamp && a.ms === b.ms;
    if (a instanceof Duration) return b instanceof Duration && a.ms === b.ms;
    if (Array.isArray(a)) return Array.isArray(b) && this.isEqualList(a, b);
    if (isMap(a)) return isMap(b) && this.isEqualMap(a, b);
    return a === b;
  }

  private isEqualList(a: readonly unknown[], b: readonly unknown[]): boolean {
    return a.length === b.length && this.within(() => a.every((element, i) => this.isEqual(element, b[i])));
  }

  private isEqualMap(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
    const keys = Object.keys(a);
    this.meter.charge(keys.length);
    if (keys.length !== Object.keys(b).length) return false;
    return this.within(() => keys.every((key) => Object.hasOwn(b, key) && this.isEqual(a[key], b[key])));
  }

  private within(compare: () => boolean): boolean {
    if (++this.depth > MAX_DEPTH) throw new Exhausted('what is compared is nested too deeply');
    const result = compare();
    this.depth--;
    return result;
  }
}

function isEqualText(a: string, b: string, meter: Meter): boolean {
  if (a.length !== b.length) return false;
  meter.charge(stepsOfText(a));
  return a === b;
}
