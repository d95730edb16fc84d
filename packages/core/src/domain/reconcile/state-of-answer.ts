import type { JsonObject } from '@invoke/contract';
import { holdsBrokenText } from '../json/holds-broken-text.js';
import { holdsInexactNumber } from '../json/holds-inexact-number.js';
import { parseJsonObject } from '../json/parse-json-object.js';

export type StateOfAnswer =
  { readonly kind: 'state'; readonly state: JsonObject } | { readonly kind: 'none'; readonly why: string };

/**
 * The fields of a read tool's answer that conditions are held against: MCP's structured content; else the JSON object in its
 * only text part; else the answer itself, with a wrapper's `data` or `body` object, or the JSON page of fetch.url, opened.
 * None where there are no fields, or where they cannot be held against anything: two readers would see two states.
 */
export function stateOfAnswer(value: unknown): StateOfAnswer {
  const state = fieldsOf(value);
  if (state === null) return { kind: 'none', why: 'the answer has no fields' };
  if (holdsInexactNumber(state))
    return { kind: 'none', why: 'the answer has a number beyond 2^53, which cannot be compared' };
  if (holdsBrokenText(state))
    return { kind: 'none', why: 'the answer has NUL or half of a character, which cannot be compared' };
  return { kind: 'state', state };
}

function fieldsOf(value: unknown): JsonObject | null {
  if (!isObject(value)) return null;
  if (isObject(value['structuredContent'])) return value['structuredContent'];
  const content = value['content'];
  if (Array.isArray(content)) return stateOfText(content);
  for (const name of ['data', 'body', 'json']) {
    const inner = value[name];
    if ('status_code' in value && isObject(inner)) return inner;
  }
  return value;
}

function stateOfText(content: readonly unknown[]): JsonObject | null {
  const [only, more] = content;
  if (more !== undefined || !isObject(only) || typeof only['text'] !== 'string') return null;
  const parsed = parseJsonObject(only['text'], { maxElements: Number.POSITIVE_INFINITY });
  return parsed.kind === 'ok' ? parsed.value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
