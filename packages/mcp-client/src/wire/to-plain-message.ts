import { MAX_MESSAGE_CHARS } from './limits.js';

/**
 * Text of a tool or a library, made fit for a message to people: the first line only (what follows is mostly a stack), no
 * control or bidirectional characters, bounded.
 */
export function toPlainMessage(text: string): string {
  const line = text.trimStart().split(/[\r\n\u2028\u2029]/, 1)[0] ?? '';
  const plain = line
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim();
  return plain.length > MAX_MESSAGE_CHARS ? `${plain.slice(0, MAX_MESSAGE_CHARS)}...` : plain;
}
