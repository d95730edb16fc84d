import { isUtf8 } from 'node:buffer';
import { parseAnswer } from './parse-answer.js';

/** What a body says: JSON as its original text, anything else told with its media type. */
export type Content =
  | { readonly kind: 'content'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly message: string };

const JSON_TYPE = /^application\/(?:json|[^;\s]+\+json)\s*(?:;|$)/i;

export function isJsonType(contentType: string): boolean {
  return JSON_TYPE.test(contentType);
}

/**
 * A JSON body is the value itself. Other content becomes `{content_type, text}`, or `{content_type, base64}` where it is
 * not text in UTF-8. An empty body is null. A body that says it is JSON and is not is invalid.
 */
export function readContent(contentType: string, bytes: Uint8Array): Content {
  if (bytes.length === 0) return { kind: 'content', text: 'null', value: null };
  if (isJsonType(contentType)) {
    const parsed = parseAnswer(bytes);
    return parsed.kind === 'json' ? { kind: 'content', text: parsed.text, value: parsed.value } : parsed;
  }
  const value = isUtf8(bytes)
    ? { content_type: contentType, text: new TextDecoder().decode(bytes) }
    : { content_type: contentType, base64: Buffer.from(bytes).toString('base64') };
  return { kind: 'content', text: JSON.stringify(value), value };
}
