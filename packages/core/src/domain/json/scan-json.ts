import { holdsBrokenText } from './holds-broken-text.js';
import type { JsonProblem, JsonProblemCode } from './json-problem.js';
import { numberSurvives } from './number-survives.js';

export interface JsonLimits {
  /** Nesting of objects and arrays; the outermost one is level 1. */
  readonly maxDepth: number;
  /** Keys and array elements together, over the whole text. */
  readonly maxElements: number;
  readonly topLevel: 'object' | 'any';
  /** `any` where the text itself is passed on, so that nothing is lost by reading it. */
  readonly numbers: 'surviving' | 'any';
  /** `any` where the text itself is passed on: NUL and halves of characters may be written as escapes, but for names. */
  readonly characters: 'whole' | 'any';
}

export const JSON_LIMITS: JsonLimits = {
  maxDepth: 64,
  maxElements: 10_000,
  topLevel: 'object',
  numbers: 'surviving',
  characters: 'whole',
};

/**
 * Looks a JSON text through once, before `JSON.parse`, for everything that two readers could understand differently or
 * that a parser would choke on: RFC 8259 syntax, and of RFC 7493 (I-JSON) no duplicate keys (compared after unescaping),
 * no lone surrogates, only numbers that survive being read as doubles. On top of that U+0000 (Postgres cannot store it),
 * a byte order mark, the key `__proto__` and the limits above. The first problem in the order of the text is reported.
 *
 * What it takes, `JSON.parse` takes; never the other way round. It does not throw and needs time linear in the text.
 */
export function scanJson(text: string, limits: JsonLimits = JSON_LIMITS): JsonProblem | null {
  return new Scanner(text, limits).scan();
}

/** Up to here the keys of an object are compared one by one, which is faster than building a set. */
const FEW_KEYS = 16;

/** Every method moves `at` over what it names and returns true, or sets `problem` and returns false. */
class Scanner {
  private readonly text: string;
  private readonly limits: JsonLimits;
  private at = 0;
  private elements = 0;
  private problem: JsonProblem | null = null;
  /** Keys of the objects that are open, innermost last: one stack instead of one array per object. */
  private readonly keys: string[] = [];

  constructor(text: string, limits: JsonLimits) {
    this.text = text;
    this.limits = limits;
  }

  scan(): JsonProblem | null {
    const c = this.skipSpace();
    if (c === BYTE_ORDER_MARK) this.fail('invalid_encoding', 'the text starts with a byte order mark');
    else if (c !== OPEN_BRACE && c !== NUL && this.limits.topLevel === 'object') {
      this.fail('malformed_json', 'expected an object');
    } else if (this.value(c, 0)) {
      this.skipSpace();
      if (this.at < this.text.length) this.unexpected('the end');
    }
    return this.problem;
  }

  private value(c: number, depth: number): boolean {
    switch (c) {
      case QUOTE:
        return this.string() !== BAD;
      case OPEN_BRACE:
        return this.object(depth + 1);
      case OPEN_BRACKET:
        return this.array(depth + 1);
      case LOWER_T:
        return this.word('true');
      case LOWER_F:
        return this.word('false');
      case LOWER_N:
        return this.word('null');
      default:
        return c === MINUS || isDigit(c) ? this.number(c) : this.unexpected('a value');
    }
  }

  private object(depth: number): boolean {
    if (depth > this.limits.maxDepth) return this.tooDeep();
    this.at++;
    if (this.skipSpace() === CLOSE_BRACE) return this.advance();
    const base = this.keys.length;
    let many: Set<string> | null = null;
    for (;;) {
      if (this.text.charCodeAt(this.at) !== QUOTE) return this.unexpected('a key in double quotes');
      const start = this.at;
      if (!this.count()) return false;
      const key = this.key();
      if (key === null) return false;
      many ??= this.keys.length - base === FEW_KEYS ? new Set(this.keys.slice(base)) : null;
      if (many === null ? this.isAmong(key, base) : many.has(key)) return this.duplicate(key, start);
      if (many === null) this.keys.push(key);
      else many.add(key);

      if (this.skipSpace() !== COLON) return this.unexpected('":"');
      this.at++;
      if (!this.value(this.skipSpace(), depth)) return false;
      const next = this.skipSpace();
      if (next === CLOSE_BRACE) break;
      if (next !== COMMA) return this.unexpected('"," or "}"');
      this.at++;
      this.skipSpace();
    }
    this.keys.length = base;
    return this.advance();
  }

  private array(depth: number): boolean {
    if (depth > this.limits.maxDepth) return this.tooDeep();
    this.at++;
    let c = this.skipSpace();
    if (c === CLOSE_BRACKET) return this.advance();
    for (;;) {
      if (!this.count() || !this.value(c, depth)) return false;
      c = this.skipSpace();
      if (c === CLOSE_BRACKET) return this.advance();
      if (c !== COMMA) return this.unexpected('"," or "]"');
      this.at++;
      c = this.skipSpace();
    }
  }

  /**
   * The unescaped key behind its opening quote. With the quote no key looks like an array index: V8 gives those hashes
   * that can be chosen to collide (CVE-2026-21717).
   */
  private key(): string | null {
    const start = this.at;
    const escaped = this.string();
    if (escaped === BAD) return null;
    const raw = this.text.slice(start, this.at - 1);
    const key = escaped === PLAIN ? raw : `"${JSON.parse(`${raw}"`) as string}`;
    if (escaped !== PLAIN && holdsBrokenText(key)) {
      this.problem = { code: 'invalid_encoding', at: start, message: 'NUL or half of a character in a key' };
      return null;
    }
    if (key !== '"__proto__') return key;
    this.problem = { code: 'bad_request', at: start, message: 'the key "__proto__" is not allowed' };
    return null;
  }

  private isAmong(key: string, base: number): boolean {
    const { keys } = this;
    for (let i = base; i < keys.length; i++) {
      if (keys[i] === key) return true;
    }
    return false;
  }

  private string(): StringKind {
    const { text } = this;
    const end = text.length;
    let at = this.at + 1;
    let kind: StringKind = PLAIN;
    while (at < end) {
      const c = text.charCodeAt(at);
      if ((c > BACKSLASH && c < 0xd800) || (c >= SPACE && c < BACKSLASH && c !== QUOTE)) {
        at++;
        continue;
      }
      if (c === QUOTE) {
        this.at = at + 1;
        return kind;
      }
      if (c === BACKSLASH) {
        kind = ESCAPED;
        at = this.escape(at);
      } else if (c < SPACE) {
        at = this.controlCharacter(c, at);
      } else if (c <= 0xdfff) {
        at = this.surrogate(c, at, 1);
      } else {
        at++;
      }
      if (at < 0) return BAD;
    }
    this.at = end;
    this.unexpected('the end of a string');
    return BAD;
  }

  /** Where the text goes on after the escape at `at`, or -1. */
  private escape(at: number): number {
    const c = this.text.charCodeAt(at + 1);
    if (c !== LOWER_U) {
      if (isSimpleEscape(c)) return at + 2;
      this.problem = { code: 'malformed_json', at, message: 'unknown escape in a string' };
      return -1;
    }
    const unit = hex4(this.text, at + 2);
    if (unit < 0) {
      this.problem = { code: 'malformed_json', at, message: 'expected four hexadecimal digits after \\u' };
      return -1;
    }
    if (this.limits.characters === 'any') return at + 6;
    if (unit === 0) return this.controlCharacter(unit, at);
    return unit >= 0xd800 && unit <= 0xdfff ? this.surrogate(unit, at, 6) : at + 6;
  }

  /** A surrogate `width` characters wide at `at`: where the text goes on after its pair, or -1. */
  private surrogate(unit: number, at: number, width: number): number {
    const { text } = this;
    const next = at + width;
    if (unit <= 0xdbff) {
      if (isLowSurrogate(text.charCodeAt(next))) return next + 1;
      if (text.charCodeAt(next) === BACKSLASH && text.charCodeAt(next + 1) === LOWER_U) {
        if (isLowSurrogate(hex4(text, next + 2))) return next + 6;
      }
    }
    this.problem = { code: 'invalid_encoding', at, message: 'half of a surrogate pair in a string' };
    return -1;
  }

  private controlCharacter(c: number, at: number): number {
    this.problem =
      c === NUL
        ? { code: 'invalid_encoding', at, message: 'NUL character (U+0000)' }
        : { code: 'malformed_json', at, message: 'unescaped control character in a string' };
    return -1;
  }

  private number(first: number): boolean {
    const { text } = this;
    const start = this.at;
    let at = first === MINUS ? start + 1 : start;
    const integer = at;
    if (text.charCodeAt(at) === ZERO) at++;
    else at = this.digits(at);
    if (at < 0) return false;
    let digits = at - integer;

    let hasExponent = false;
    if (text.charCodeAt(at) === DOT) {
      const fraction = at + 1;
      at = this.digits(fraction);
      if (at < 0) return false;
      digits += at - fraction;
    }
    const c = text.charCodeAt(at);
    if (c === LOWER_E || c === UPPER_E) {
      const sign = text.charCodeAt(at + 1);
      at = this.digits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
      if (at < 0) return false;
      hasExponent = true;
    }
    // Fifteen significant digits without an exponent always survive (DBL_DIG).
    const small = !hasExponent && digits <= 15;
    if (small || this.limits.numbers === 'any' || numberSurvives(text.slice(start, at))) {
      this.at = at;
      return true;
    }
    const literal = quote(text.slice(start, at));
    return this.fail(
      'number_out_of_range',
      `the number ${literal} does not survive being read; send it as a string`,
    );
  }

  /** Moves over one digit or more: where they end, or -1. */
  private digits(from: number): number {
    const { text } = this;
    let at = from;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at > from) return at;
    this.at = at;
    this.unexpected('a digit');
    return -1;
  }

  private word(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return this.unexpected('a value');
    this.at += word.length;
    return true;
  }

  /** The first character that is not white space; NaN at the end of the text. */
  private skipSpace(): number {
    const { text } = this;
    for (;;) {
      const c = text.charCodeAt(this.at);
      if (c > SPACE || !(c === SPACE || c === LINE_FEED || c === RETURN || c === TAB)) return c;
      this.at++;
    }
  }

  private advance(): true {
    this.at++;
    return true;
  }

  private count(): boolean {
    if (++this.elements <= this.limits.maxElements) return true;
    return this.fail('json_too_complex', `more than ${this.limits.maxElements} keys and elements`);
  }

  private tooDeep(): false {
    return this.fail('json_too_deep', `nested deeper than ${this.limits.maxDepth} levels`);
  }

  private duplicate(key: string, at: number): false {
    this.at = at;
    return this.fail('duplicate_json_key', `the key ${quote(key.slice(1))} appears twice in one object`);
  }

  private unexpected(expected: string): false {
    if (this.at >= this.text.length)
      return this.fail('malformed_json', `expected ${expected}, the text ends`);
    if (this.text.charCodeAt(this.at) === NUL) return this.fail('invalid_encoding', 'NUL character (U+0000)');
    return this.fail('malformed_json', `expected ${expected}`);
  }

  private fail(code: JsonProblemCode, message: string): false {
    this.problem = { code, at: this.at, message };
    return false;
  }
}

/** What a string turned out to be. */
type StringKind = typeof BAD | typeof PLAIN | typeof ESCAPED;
const BAD = 0;
const PLAIN = 1;
const ESCAPED = 2;

const NUL = 0x00;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;

function isDigit(c: number): boolean {
  return c >= ZERO && c <= 0x39;
}

/** One of `" \ / b f n r t`. */
function isSimpleEscape(c: number): boolean {
  return '"\\/bfnrt'.includes(String.fromCharCode(c));
}

function isLowSurrogate(c: number): boolean {
  return c >= 0xdc00 && c <= 0xdfff;
}

/** The value of four hexadecimal digits, or -1. */
function hex4(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const c = text.charCodeAt(i);
    const lower = c | 0x20;
    if (isDigit(c)) value = value * 16 + (c - ZERO);
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + (lower - 0x57);
    else return -1;
  }
  return value;
}

/** For messages: quoted, escaped and short. */
function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text);
}
