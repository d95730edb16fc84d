import { isUtf8 } from 'node:buffer';
import { MAX_ANSWER_DEPTH } from './limits.js';

export type ParsedAnswer =
  | { readonly kind: 'json'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly message: string };

const BYTE_ORDER_MARK = '\ufeff';

/** Reads bytes as one JSON text: UTF-8 (RFC 8259, 8.1; a byte order mark is tolerated), at most 64 levels. */
export function parseAnswer(bytes: Uint8Array): ParsedAnswer {
  if (!isUtf8(bytes)) return { kind: 'invalid', message: 'the answer is not UTF-8' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return parseAnswerText(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/**
 * Reads text as JSON. `text` is the original, to be stored and replayed: numbers that do not survive `JSON.parse`
 * (9007199254740993) are intact in it.
 */
export function parseAnswerText(text: string): ParsedAnswer {
  if (mayNestTooDeep(text) && nestsTooDeep(text)) {
    return { kind: 'invalid', message: `the answer nests deeper than ${MAX_ANSWER_DEPTH} levels` };
  }
  try {
    return { kind: 'json', text, value: JSON.parse(text) };
  } catch {
    return { kind: 'invalid', message: 'the answer is not JSON' };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Most answers have fewer brackets than may nest: looking for the next one costs next to nothing. */
function mayNestTooDeep(text: string): boolean {
  return hasMore(text, '{', MAX_ANSWER_DEPTH / 2) || hasMore(text, '[', MAX_ANSWER_DEPTH / 2);
}

function hasMore(text: string, mark: string, most: number): boolean {
  let seen = 0;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    if (++seen > most) return true;
  }
  return false;
}

/** Counted before parsing: what nests too deep makes recursive readers further on fail. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > MAX_ANSWER_DEPTH) return true;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return false;
}
