import { isUtf8 } from 'node:buffer';
import { JSON_LIMITS, scanJson } from '@invoke/core/domain';
import { MAX_ANSWER_DEPTH } from './limits.js';
import { toPlainMessage } from './to-plain-message.js';

export type ParsedAnswer =
  | { readonly kind: 'json'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly message: string };

const BYTE_ORDER_MARK = '\ufeff';

/**
 * As strict as requests, but as long as bytes allow, and with any number and any escaped character: the text is what is kept
 * and passed on.
 */
const ANSWER_LIMITS = {
  ...JSON_LIMITS,
  maxDepth: MAX_ANSWER_DEPTH,
  maxElements: Number.POSITIVE_INFINITY,
  topLevel: 'any',
  numbers: 'any',
  characters: 'any',
} as const;

/** Reads bytes as one JSON text: UTF-8 (RFC 8259, 8.1; a byte order mark is tolerated), as `parseAnswerText` does. */
export function parseAnswer(bytes: Uint8Array): ParsedAnswer {
  if (!isUtf8(bytes)) return { kind: 'invalid', message: 'the answer is not UTF-8' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return parseAnswerText(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/**
 * Reads text as JSON whose structure every reader understands alike (see `scanJson`): no key twice, no `__proto__`, at most 64
 * levels. `text` is the original, to be stored and replayed: numbers that do not survive `JSON.parse` (9007199254740993) and
 * characters of which a tool has sent a half are in it as they were written.
 */
export function parseAnswerText(text: string): ParsedAnswer {
  const problem = scanJson(text, ANSWER_LIMITS);
  if (problem === null) return { kind: 'json', text, value: JSON.parse(text) };
  const message =
    problem.code === 'malformed_json'
      ? 'the answer is not JSON'
      : toPlainMessage(`the answer cannot be read for certain: ${problem.message}`);
  return { kind: 'invalid', message };
}
