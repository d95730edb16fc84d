import type { Format } from 'ajv';
import type { FormatName } from 'ajv-formats';
import ajvFormats from 'ajv-formats';
import { MAX_CHECKED_TEXT, TextTooLong } from '../bounded/linear-pattern.js';
import type { RunningMeter } from './bounded-keywords.js';

/** The formats of text that are checked. Every other format only describes, which is what JSON Schema makes of unknown ones. */
const CHECKED: readonly FormatName[] = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'iso-date-time',
  'iso-time',
  'json-pointer',
  'json-pointer-uri-fragment',
  'regex',
  'relative-json-pointer',
  'time',
  'uri',
  'uri-reference',
  'uri-template',
  'url',
  'uuid',
  'byte',
];

/** Formats of numbers need no bounds: looking at a number takes no time. */
const CHECKED_NUMBERS: readonly FormatName[] = ['int32', 'int64', 'float', 'double'];

/**
 * The formats for one schema. Their expressions run on V8, which backtracks, so that each use is charged for the worst that
 * its text can do.
 */
export function boundedFormats(meter: RunningMeter, names: ReadonlySet<string>): Record<string, Format> {
  const formats: [string, Format][] = [...names].map((name) => {
    if ((CHECKED_NUMBERS as readonly string[]).includes(name))
      return [name, ajvFormats.default.get(name as FormatName)];
    const check = CHECKS.get(name);
    if (check === undefined) return [name, true];
    const bounded = (text: string) => {
      if (text.length > MAX_CHECKED_TEXT) throw new TextTooLong(text);
      meter.current.charge(1 + stepsOf(name, text.length));
      return check(text);
    };
    return [name, bounded];
  });
  return Object.fromEntries(formats);
}

/** `url` takes time quadratic in the text, and `regex` has V8 parse it; the others go through it a few times at most. */
function stepsOf(format: string, length: number): number {
  if (format === 'url') return (length * length) / 32;
  return format === 'regex' ? 4 * length : length;
}

type TextCheck = (text: string) => boolean;

const CHECKS: ReadonlyMap<string, TextCheck> = new Map(
  CHECKED.map((name) => [name, toCheck(ajvFormats.default.get(name))]),
);

function toCheck(format: Format): TextCheck {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return format as TextCheck;
  if (typeof format === 'object' && format.validate !== undefined) return toCheck(format.validate as Format);
  throw new TypeError('a format of texts is a function or a regular expression');
}
