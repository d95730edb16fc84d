import type { Token } from './tokenize.js';

/**
 * What people write who know other languages, with a hint for each; null where nothing is wrong. Only what can never be
 * part of a valid expression is a mistake.
 */
export function mistakeAt(tokens: readonly Token[], i: number): string | null {
  const token = tokens[i] as Token;
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (token.kind === 'sign') return mistakenSign(token, after);
  if (before === undefined || !endsOperand(before) || isBehindDot(tokens, i)) return null;
  if (token.kind === 'name') {
    if (JOINING_WORDS.has(token.text)) return null;
    if (token.text === 'not' && after?.text === 'in')
      return 'write "not (x in [...])" instead of "x not in [...]"';
    const hint = INFIX_HINTS.get(token.text);
    if (hint !== undefined) return hint;
  }
  return `expected an operator such as "==" or "and" before ${token.text}`;
}

const SIGNS: ReadonlySet<string> = new Set(
  '== != <= >= && || < > ! + - * / % ( ) [ ] { } . , : ?'.split(' '),
);
const JOINING_WORDS: ReadonlySet<string> = new Set(['in', 'and', 'or']);
const INFIX_HINTS: ReadonlyMap<string, string> = new Map([
  ['matches', 'write re2(text, "pattern") instead of "text matches pattern"'],
  ['like', 'write re2(text, "pattern"), or text.contains("part")'],
  ['contains', 'write left.contains(right) instead of "left contains right"'],
  ['startsWith', 'write left.startsWith(right) instead of "left startsWith right"'],
  ['endsWith', 'write left.endsWith(right) instead of "left endsWith right"'],
  ['is', 'use "==" to compare'],
  ['equals', 'use "==" to compare'],
]);

function mistakenSign(token: Token, after: Token | undefined): string | null {
  if (token.text === '=') return 'use "==" to compare';
  if (token.text === '&') return 'use "and" or "&&"';
  if (token.text === '|') return 'use "or" or "||"';
  if (token.text === '<' && after?.text === '>' && after.at === token.end)
    return 'use "!=" for "is not equal to"';
  return SIGNS.has(token.text) ? null : `unexpected character ${JSON.stringify(token.text)}`;
}

/** Whether something that has a value may end with this token. */
function endsOperand(token: Token): boolean {
  if (token.kind === 'name') return !JOINING_WORDS.has(token.text) && token.text !== 'not';
  return token.kind !== 'sign' || [')', ']', '}'].includes(token.text);
}

function isBehindDot(tokens: readonly Token[], i: number): boolean {
  return tokens[i - 1]?.kind === 'sign' && tokens[i - 1]?.text === '.';
}
