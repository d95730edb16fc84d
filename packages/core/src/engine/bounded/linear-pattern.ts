import { RE2JS } from 're2js';
import { splitLookaheads } from './leading-lookaheads.js';
import { Exhausted, type Meter } from './meter.js';

/** A regular expression that runs in time linear in the text (RE2), for patterns and texts of strangers. */
export interface LinearPattern {
  /** Instructions of the compiled pattern; what a test may cost is this times the length of the text. */
  readonly size: number;
  /** Whether any part of the text matches. Throws `Exhausted` where the text is too long, or the meter runs out. */
  test(text: string, meter: Meter): boolean;
}

export type CompiledPattern =
  | { readonly kind: 'ok'; readonly pattern: LinearPattern }
  | { readonly kind: 'error'; readonly message: string };

export const MAX_PATTERN_LENGTH = 512;
export const MAX_CHECKED_TEXT = 10_000;

/** A text was too long to be held against a pattern. */
export class TextTooLong extends Exhausted {
  override readonly name = 'TextTooLong';
  readonly text: string;

  constructor(text: string) {
    super(`text of more than ${MAX_CHECKED_TEXT} characters is not held against a pattern`);
    this.text = text;
  }
}

/**
 * Room for `{1,400}`. What is larger could not be run, within one meter, on texts as long as it is meant for, and that is
 * better said when the pattern is written than when a text is refused.
 */
const MAX_PATTERN_SIZE = 810;

/**
 * Compiles a pattern in the syntax of ECMA-262, as far as RE2 has it: no back-references, and look-ahead only at the start,
 * right behind `^`.
 */
export function compileLinearPattern(source: string): CompiledPattern {
  if (source.length > MAX_PATTERN_LENGTH)
    return failed(`the pattern is longer than ${MAX_PATTERN_LENGTH} characters`);
  const { lookaheads, rest } = splitLookaheads(source);
  try {
    const parts = [...lookaheads, { source: rest, matches: true }].map((part) => ({
      expression: RE2JS.compile(RE2JS.translateRegExp(part.source)),
      matches: part.matches,
    }));
    const size = parts.reduce((sum, { expression }) => sum + expression.programSize(), 0);
    if (size > MAX_PATTERN_SIZE)
      return failed('the pattern is too large; limit lengths by other means than repetition');
    const test = (text: string, meter: Meter) => {
      if (text.length > MAX_CHECKED_TEXT) throw new TextTooLong(text);
      meter.charge(size * (text.length + 1));
      return parts.every(({ expression, matches }) => expression.test(text) === matches);
    };
    return { kind: 'ok', pattern: { size, test } };
  } catch (error) {
    // Whatever a stranger's pattern does to the compiler, the pattern is to blame.
    const why = error instanceof Error ? error.message.replace('error parsing regexp: ', '') : String(error);
    return failed(`the pattern cannot be run in linear time or is not valid: ${why}`);
  }
}

function failed(message: string): CompiledPattern {
  return { kind: 'error', message };
}
