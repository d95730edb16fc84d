/**
 * The tokens of the policy language, which are those of CEL as our parser reads them. White space and comments lie between
 * tokens. What no token starts with becomes a one-character `sign`, so that whoever parses decides what to say about it.
 */
export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign';
  readonly text: string;
  /** Offset of its first character, and of the one after it. */
  readonly at: number;
  readonly end: number;
}

export type Tokens =
  | { readonly kind: 'ok'; readonly tokens: readonly Token[] }
  | { readonly kind: 'error'; readonly at: number; readonly message: string };

export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  let at = skipGap(source, 0);
  while (at < source.length) {
    const quote = quoteAt(source, at);
    let kind: Token['kind'];
    let end: number;
    if (quote >= 0) {
      kind = 'text';
      end = endOfText(source, quote);
      if (end < 0) return { kind: 'error', at, message: 'this text has no closing quote' };
    } else if (NAME_START.test(source.charAt(at))) {
      kind = 'name';
      end = endOf(NAME, source, at);
    } else if (DIGIT.test(source.charAt(at))) {
      kind = 'number';
      end = endOf(NUMBER, source, at);
    } else {
      kind = 'sign';
      end = at + (LONG_SIGNS.has(source.slice(at, at + 2)) ? 2 : 1);
    }
    tokens.push({ kind, text: source.slice(at, end), at, end });
    at = skipGap(source, end);
  }
  return { kind: 'ok', tokens };
}

const NAME_START = /[A-Za-z_]/;
const NAME = /[A-Za-z0-9_]+/y;
const DIGIT = /[0-9]/;
const NUMBER = /(?:0[xX][0-9a-fA-F]*|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)[uU]?/y;
const GAP = /(?:[ \t\r\n]|\/\/[^\n]*)*/y;
const LONG_SIGNS: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||']);

function skipGap(source: string, at: number): number {
  return endOf(GAP, source, at);
}

/** Where a match of the sticky pattern at `at` ends. */
function endOf(sticky: RegExp, source: string, at: number): number {
  sticky.lastIndex = at;
  const match = sticky.exec(source);
  return at + (match?.[0].length ?? 0);
}

/** Where the quote of a text that starts at `at` stands, behind a prefix (`r` raw, `b` bytes) or not; -1 for no text. */
function quoteAt(source: string, at: number): number {
  if (isQuote(source.charAt(at))) return at;
  return 'rRbB'.includes(source.charAt(at)) && isQuote(source.charAt(at + 1)) ? at + 1 : -1;
}

function isQuote(c: string): boolean {
  return c === '"' || c === "'";
}

/** Where the text that opens at `quote` ends, or -1. A backslash always takes the next character with it. */
function endOfText(source: string, quote: number): number {
  const one = source.charAt(quote);
  const triple = one.repeat(3);
  const closing = source.startsWith(triple, quote) ? triple : one;
  for (let i = quote + closing.length; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i++;
    else if (source.startsWith(closing, i)) return i + closing.length;
    else if (closing === one && (c === '\n' || c === '\r')) return -1;
  }
  return -1;
}
