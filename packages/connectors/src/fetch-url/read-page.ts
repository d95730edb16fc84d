import { JSON_LIMITS, scanJson, type ToolReply } from '@invoke/core/domain';
import type { FetchedPage } from './fetched-page.js';

const MAX_TEXT = 5 * 1024 * 1024;
/** What two readers could understand differently is left as text. */
const PAGE_LIMITS = { ...JSON_LIMITS, maxElements: Number.POSITIVE_INFINITY, topLevel: 'any' } as const;
const JSON_TYPE = /^application\/(?:json|[^;\s]+\+json)\s*(?:;|$)/i;

/**
 * A page as `{url, status_code, content_type, text}`, and `json` where it is JSON that every reader understands alike. The text is decoded
 * by the charset that the page declares, else as UTF-8; what does not decode becomes U+FFFD.
 */
export function readPage(url: URL, page: FetchedPage): ToolReply {
  const contentType = page.header('content-type');
  const text = decode(page.bytes, contentType);
  const value = { url: url.href, status_code: page.status, content_type: contentType, text };
  const json = JSON_TYPE.test(contentType) ? parse(text) : undefined;
  const candidates = json === undefined ? [value] : [{ ...value, json }, value];
  for (const candidate of candidates) {
    const asText = JSON.stringify(candidate);
    if (asText.length <= MAX_TEXT) {
      return { kind: 'answer', status: page.status, isError: false, text: asText, value: candidate };
    }
  }
  return { kind: 'failure', sent: true, reason: 'too_large', message: 'the page is larger than 5 MiB' };
}

function decode(bytes: Uint8Array, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function parse(text: string): unknown {
  return scanJson(text, PAGE_LIMITS) === null ? JSON.parse(text) : undefined;
}
