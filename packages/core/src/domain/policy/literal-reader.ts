import { numberSurvives } from '../json/number-survives.js';
import type { ExpressionError } from './expression.js';

const SPACE = /\s*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.:@/-])/y;
const QUOTED = /"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'/y;
const WORD = /[A-Za-z_][\w.:@/-]*/y;
const CEL_WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null']);
const MAX_LIST = 100;

/** Reads the literals of a condition and gives them back as CEL. After the first error everything it gives is void. */
export class LiteralReader {
  /** The first thing that was wrong. */
  error: ExpressionError | null = null;
  private readonly text: string;
  private at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  /** A number, text in quotes, `true`, `false`, `null`, or a word, which is text. */
  literal(): string {
    const literal = this.numberOrQuoted();
    if (literal !== null) return literal;
    const word = this.take(WORD);
    if (word === null) return this.fail(this.at, 'expected a number, a word or text in quotes');
    return CEL_WORDS.has(word) ? word : JSON.stringify(word);
  }

  /** A literal that has an order. */
  ordered(): string {
    return this.numberOrQuoted() ?? this.fail(this.at, 'expected a number, or text in quotes');
  }

  list(): string {
    const elements: string[] = [];
    this.expect('[');
    if (this.startsWith(']')) this.fail(this.at, 'expected at least one element');
    do {
      elements.push(this.literal());
    } while (this.error === null && this.skip(','));
    this.expect(']');
    if (elements.length > MAX_LIST) this.fail(this.at, `expected at most ${MAX_LIST} elements`);
    return `[${elements.join(', ')}]`;
  }

  expect(text: string): void {
    if (!this.skip(text)) this.fail(this.at, `expected ${JSON.stringify(text)}`);
  }

  expectEnd(): void {
    this.take(SPACE);
    if (this.at < this.text.length)
      this.fail(this.at, 'a condition is one operator and its literals, nothing after them');
  }

  fail(at: number, message: string): string {
    this.error ??= { at, message };
    return '';
  }

  private numberOrQuoted(): string | null {
    this.take(SPACE);
    const at = this.at;
    const number = this.take(NUMBER);
    if (number !== null && !numberSurvives(number))
      return this.fail(at, `the number ${number} is out of range`);
    return number ?? this.take(QUOTED);
  }

  private skip(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  private startsWith(text: string): boolean {
    this.take(SPACE);
    return this.text.startsWith(text, this.at);
  }

  private take(sticky: RegExp): string | null {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (match === null) return null;
    this.at += match[0].length;
    return match[0];
  }
}
