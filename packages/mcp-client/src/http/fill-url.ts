import type { JsonObject } from '@invoke/contract';
import { parseWebUrl } from '../address/check-tool-url.js';

export type FilledUrl =
  | { readonly kind: 'filled'; readonly url: URL; readonly used: ReadonlySet<string> }
  | { readonly kind: 'invalid'; readonly message: string };

const PLACEHOLDER = /\{([^{}]*)\}/g;
const MAX_URL_CHARS = 16_384;

/**
 * Puts params into the `{name}` of a URL template, percent-encoded, so that a value stays inside the one path segment or
 * query value in which it was put. A value that could leave its segment all the same (`.`, `..`, nothing, control
 * characters) is refused, and the outcome is compared with the template once more: same origin, same number of segments.
 */
export function fillUrl(template: string, params: JsonObject): FilledUrl {
  const used = new Set<string>();
  const problems: string[] = [];
  const filled = template.replace(PLACEHOLDER, (_match, name: string) => {
    used.add(name);
    const value = encodeSegment(Object.hasOwn(params, name) ? params[name] : undefined);
    if (value === null) problems.push(name);
    return value ?? '';
  });
  const [problem] = problems;
  if (problem !== undefined) {
    return invalid(`the parameter "${problem}" cannot be put into the address of the tool`);
  }

  const url = parseWebUrl(filled);
  const shape = parseWebUrl(template);
  if (typeof url === 'string' || typeof shape === 'string') {
    return invalid('the address of the tool is not a valid URL');
  }
  if (filled.length > MAX_URL_CHARS) return invalid('the address of the tool becomes too long');
  if (url.origin !== shape.origin || countSegments(url) !== countSegments(shape)) {
    return invalid('a parameter would lead to another address than that of the tool');
  }
  return { kind: 'filled', url, used };
}

/** Null where the value may not stand in a URL. */
function encodeSegment(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const text = String(value);
  if (text === '' || text === '.' || text === '..' || /[\u0000-\u001f\u007f]/.test(text)) return null;
  try {
    return encodeURIComponent(text);
  } catch {
    return null; // a lone surrogate has no UTF-8
  }
}

function countSegments(url: URL): number {
  return url.pathname.split('/').length;
}

function invalid(message: string): FilledUrl {
  return { kind: 'invalid', message };
}
