import type { JsonObject } from '@invoke/contract';
import { canonicalJson } from '../json/canonical-json.js';

export interface KeyedCall {
  readonly action: string;
  readonly agentId: string | null;
  readonly params: JsonObject;
}

/** The text whose digest makes a suggested key: the same call always gets the same key, however its params are spelled. */
export function safeKeyText({ action, agentId, params }: KeyedCall): string {
  return canonicalJson({ v: 1, action, agentId, params });
}

/** A suggested key, from the digest (hex) of that text. Not one that looks as if a client library had made it up. */
export function toSafeKey(digest: string): string {
  return `safe_${digest.slice(0, 40)}`;
}
