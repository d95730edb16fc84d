import type { ExpressionError } from './expression.js';
import { mistakeAt } from './mistake-at.js';
import { Rewriter, type SourceMap } from './source-map.js';
import { tokenize, type Token } from './tokenize.js';

export type Desugared =
  | { readonly kind: 'ok'; readonly text: string; readonly map: SourceMap }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/**
 * Turns the shorthand of the policy language into plain CEL, token by token:
 *
 * - `and`, `or` become `&&`, `||`; `not x` becomes `!(x)`, where x reaches up to the next `and`, `or`, `?`, `:`, `,` or
 *   closing bracket;
 * - a bare word right of a comparison, or as an element of `in [...]`, is text: `branch == main` is `branch == "main"`.
 *   It stays a name where it is a declared root or the variable of a macro, or where `.`, `(` or `[` follows.
 *
 * None of this is CEL without being rewritten, so every CEL expression over the declared roots keeps its meaning, and the
 * meaning never depends on data. What people write by mistake (`=`, `&`, `x matches y`) is refused with a hint.
 */
export function desugar(source: string, roots: ReadonlySet<string>): Desugared {
  const tokenized = tokenize(source);
  if (tokenized.kind === 'error')
    return { kind: 'error', error: { at: tokenized.at, message: tokenized.message } };
  const { tokens } = tokenized;
  const shorthand = new Shorthand(tokens, roots);
  const out = new Rewriter(source);
  let done = 0;
  for (const [i, token] of tokens.entries()) {
    const message = mistakeAt(tokens, i);
    if (message !== null) return { kind: 'error', error: { at: token.at, message } };
    out.copy(done, token.at);
    const { closed, word } = shorthand.read(i);
    if (word?.startsWith('"') && isGluedTo(token, tokens[i + 1])) {
      return {
        kind: 'error',
        error: { at: token.at, message: 'text needs quotes if it is more than letters, digits and _' },
      };
    }
    if (closed > 0) out.replace(')'.repeat(closed), token.at, token.at);
    if (word === null) out.copy(token.at, token.end);
    else out.replace(word, token.at, token.end);
    done = token.end;
  }
  out.copy(done, source.length);
  const closed = shorthand.end();
  // On a line of its own, in case the source ends with a comment.
  if (closed > 0) out.replace(`\n${')'.repeat(closed)}`, source.length, source.length);
  return { kind: 'ok', ...out.result() };
}

/** `feature-x`, `release/1`: a word with a sign at its end that words cannot be computed with. */
function isGluedTo(word: Token, after: Token | undefined): boolean {
  return after !== undefined && after.at === word.end && (after.text === '-' || after.text === '/');
}

const CONNECTIVES: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!('],
]);
const WORDS_OF_CEL: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const BINDING_MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);
const ENDS_NOT: ReadonlySet<string> = new Set(['&&', '||', '?', ':', ',', ')', ']', '}']);

interface Bracket {
  /** It holds the elements of `in [...]`. */
  readonly inList: boolean;
  /** The variable of a macro whose arguments it holds. */
  readonly binds: string | null;
  /** How many `not`s in it wait for their end. */
  nots: number;
}

/** Reads the tokens one after the other; knows the brackets that are open. */
class Shorthand {
  private readonly tokens: readonly Token[];
  private readonly roots: ReadonlySet<string>;
  private readonly outermost: Bracket = { inList: false, binds: null, nots: 0 };
  private readonly brackets: Bracket[] = [];

  constructor(tokens: readonly Token[], roots: ReadonlySet<string>) {
    this.tokens = tokens;
    this.roots = roots;
  }

  /** How many `not`s end before the token, and what it is replaced by (null: by nothing). */
  read(i: number): { readonly closed: number; readonly word: string | null } {
    const token = this.tokens[i] as Token;
    const connective = this.isFreeName(i) ? (CONNECTIVES.get(token.text) ?? null) : null;
    const isEnd =
      token.kind === 'sign' ? ENDS_NOT.has(token.text) : connective === '&&' || connective === '||';
    const closed = isEnd ? this.closeNots() : 0;
    if (connective === '!(') this.innermost().nots++;
    const word = connective ?? (this.isBareWord(i) ? `"${token.text}"` : null);
    if (token.kind === 'sign') this.bracket(i, token.text);
    return { closed, word };
  }

  /** How many `not`s end with the source. */
  end(): number {
    return this.brackets.reduce((sum, { nots }) => sum + nots, this.outermost.nots);
  }

  private bracket(i: number, sign: string): void {
    if (sign === '(') this.brackets.push({ inList: false, binds: this.boundBehind(i), nots: 0 });
    else if (sign === '[') this.brackets.push({ inList: this.isFreeWord(i - 1, 'in'), binds: null, nots: 0 });
    else if (sign === '{') this.brackets.push({ inList: false, binds: null, nots: 0 });
    else if (sign === ')' || sign === ']' || sign === '}') this.brackets.pop();
  }

  /** `x` in `.all(x, ...)`, if this is the bracket of a macro. */
  private boundBehind(i: number): string | null {
    const name = this.tokens[i + 1];
    const isMacro =
      BINDING_MACROS.has(this.textAt(i - 1)) && this.textAt(i - 2) === '.' && this.textAt(i + 2) === ',';
    return isMacro && name?.kind === 'name' ? name.text : null;
  }

  private isBareWord(i: number): boolean {
    if (!this.isFreeName(i) || WORDS_OF_CEL.has(this.textAt(i))) return false;
    if (['.', '(', '['].includes(this.textAt(i + 1))) return false;
    const before = this.textAt(i - 1);
    return COMPARISONS.has(before) || (this.innermost().inList && (before === '[' || before === ','));
  }

  /** A name that stands by itself and that nothing declares. */
  private isFreeName(i: number): boolean {
    const token = this.tokens[i];
    if (token?.kind !== 'name' || this.textAt(i - 1) === '.' || this.roots.has(token.text)) return false;
    return !this.brackets.some(({ binds }) => binds === token.text);
  }

  private isFreeWord(i: number, word: string): boolean {
    return this.isFreeName(i) && this.textAt(i) === word;
  }

  private innermost(): Bracket {
    return this.brackets.at(-1) ?? this.outermost;
  }

  private closeNots(): number {
    const bracket = this.innermost();
    const closed = bracket.nots;
    bracket.nots = 0;
    return closed;
  }

  /** Empty where there is no token, and for text: `"=="` is not a comparison. */
  private textAt(i: number): string {
    const token = this.tokens[i];
    return token === undefined || token.kind === 'text' ? '' : token.text;
  }
}
