import { createHmac } from 'node:crypto';

/** What is signed (Standard Webhooks 1.0): id, timestamp and the body, byte for byte. */
export interface SignedContent {
  readonly id: string;
  /** Seconds since 1970, as it stands in the header. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

/** HMAC-SHA-256 over `id.timestamp.body`. */
export function webhookSignature(key: Uint8Array, { id, timestamp, body }: SignedContent): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
