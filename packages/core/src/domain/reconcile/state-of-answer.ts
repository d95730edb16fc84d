import type { JsonObject } from '@invoke/contract';

/**
 * The fields of a read tool's answer that conditions are held against: MCP's structured content; else the JSON object in its
 * only text part; else the answer itself, with a wrapper's `data` or `body` object, or the JSON page of fetch.url, opened.
 * Null where there are no fields.
 */
export function stateOfAnswer(value: unknown): JsonObject | null {
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
  try {
    const parsed: unknown = JSON.parse(only['text']);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
