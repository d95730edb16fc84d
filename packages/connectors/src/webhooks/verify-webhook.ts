import { timingSafeEqual } from 'node:crypto';
import { webhookSignature } from './webhook-signature.js';

/** An event as it came: header values and the raw body. */
export interface SignedRequest {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
}

const TOLERANCE_S = 300;
/** Header values are the sender's; ours are shorter. */
const ID = /^[\x21-\x7e]{1,256}$/;
const TIMESTAMP = /^\d{1,11}$/;
const MOST_SIGNATURES = 16;

/**
 * Whether one of the signatures (`v1,<base64>`, separated by spaces) was made with one of the keys, no more than five minutes
 * away from `nowMs` (Standard Webhooks 1.0). Compared in constant time; which part is wrong cannot be told from outside.
 */
export function verifyWebhook(request: SignedRequest, keys: readonly Uint8Array[], nowMs: number): boolean {
  const { id = '', timestamp = '', signature = '', body } = request;
  if (!ID.test(id) || !TIMESTAMP.test(timestamp)) return false;
  if (Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > TOLERANCE_S) return false;
  const given = signature.split(' ').slice(0, MOST_SIGNATURES).flatMap(parseSignature);
  let valid = false;
  for (const key of keys) {
    const expected = webhookSignature(key, { id, timestamp, body });
    for (const bytes of given) valid = timingSafeEqual(bytes, expected) || valid;
  }
  return valid;
}

/** Other versions than v1 are for others to check. */
function parseSignature(text: string): readonly Buffer[] {
  const base64 = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
}
