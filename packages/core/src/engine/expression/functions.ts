import { stepsOfText, type Meter } from '../bounded/meter.js';
import { parseDuration, parseTimestamp } from './time-literals.js';
import { Duration, isMap, isNumber, Timestamp, Unknown } from './values.js';

export interface ExpressionFunction {
  /** How many arguments it takes; what a method is called on is the first of them. */
  readonly arity: number;
  readonly form: 'function' | 'method' | 'either';
  /** Runs on known values. Null: it does not apply to values of these types. */
  run(args: readonly unknown[], meter: Meter): unknown;
}

/**
 * What expressions may call, beside the macros and `re2`. Our own instead of the CEL library's, because each charges for
 * the text that it reads: the library's `size` of a long text, called for each element of a list, ran for 40 seconds.
 */
export const FUNCTIONS: ReadonlyMap<string, ExpressionFunction> = new Map<string, ExpressionFunction>([
  ['size', { arity: 1, form: 'either', run: ([value], meter) => size(value, meter) }],
  ['contains', search((text, part) => text.includes(part))],
  ['startsWith', search((text, part) => text.startsWith(part))],
  ['endsWith', search((text, part) => text.endsWith(part))],
  ['lowerAscii', { arity: 1, form: 'method', run: ([value], meter) => lowerAscii(value, meter) }],
  ['int', { arity: 1, form: 'function', run: ([value]) => toInt(value) }],
  ['double', { arity: 1, form: 'function', run: ([value]) => toDouble(value) }],
  ['string', { arity: 1, form: 'function', run: ([value]) => toText(value) }],
  ['dyn', { arity: 1, form: 'function', run: ([value]) => value }],
  ['timestamp', { arity: 1, form: 'function', run: ([value]) => toTimestamp(value) }],
  ['duration', { arity: 1, form: 'function', run: ([value]) => toDuration(value) }],
]);

function search(find: (text: string, part: string) => boolean): ExpressionFunction {
  const run: ExpressionFunction['run'] = ([text, part], meter) => {
    if (typeof text !== 'string' || typeof part !== 'string') return null;
    // A search may look at the part again for every place in the text.
    meter.charge(stepsOfText(text) + Math.ceil((text.length * part.length) / 1_024));
    return find(text, part);
  };
  return { arity: 2, form: 'method', run };
}

/** Text has as many as it has code points. */
function size(value: unknown, meter: Meter): bigint | null {
  if (Array.isArray(value)) return BigInt(value.length);
  if (isMap(value)) {
    const { length } = Object.keys(value);
    meter.charge(length);
    return BigInt(length);
  }
  if (typeof value !== 'string') return null;
  meter.charge(1 + value.length / 4);
  let points = 0;
  for (let i = 0; i < value.length; i++) {
    if ((value.codePointAt(i) ?? 0) > 0xffff) i++;
    points++;
  }
  return BigInt(points);
}

function lowerAscii(value: unknown, meter: Meter): string | null {
  if (typeof value !== 'string') return null;
  meter.charge(1 + value.length / 4);
  return value.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const INT_TEXT = /^-?[0-9]{1,19}$/;

function toInt(value: unknown): bigint | Unknown | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return int64(Number.isFinite(value) ? BigInt(Math.trunc(value)) : null);
  return typeof value === 'string' ? int64(INT_TEXT.test(value) ? BigInt(value) : null) : null;
}

function int64(value: bigint | null): bigint | Unknown {
  return value !== null && BigInt.asIntN(64, value) === value
    ? value
    : new Unknown('int() got no integer of 64 bits');
}

const DOUBLE_TEXT = /^-?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?$/;

function toDouble(value: unknown): number | Unknown | null {
  if (isNumber(value)) return Number(value);
  if (typeof value !== 'string') return null;
  const number = DOUBLE_TEXT.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : new Unknown('double() got no number');
}

function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isNumber(value) || typeof value === 'boolean' ? String(value) : null;
}

/** From RFC 3339, or from seconds since 1970. */
function toTimestamp(value: unknown): Timestamp | Unknown | null {
  if (value instanceof Timestamp) return value;
  if (isNumber(value)) return new Timestamp(Number(value) * 1_000);
  if (typeof value !== 'string') return null;
  return parseTimestamp(value) ?? new Unknown('timestamp() got no time in the format of RFC 3339');
}

function toDuration(value: unknown): Duration | Unknown | null {
  if (value instanceof Duration) return value;
  if (typeof value !== 'string') return null;
  return parseDuration(value) ?? new Unknown('duration() got none, such as "90s" or "1h30m"');
}
