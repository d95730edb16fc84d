import { webhookSignature } from './webhook-signature.js';

export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** The headers of a signed webhook (Standard Webhooks 1.0), with one signature for each key. */
export function signWebhook(
  message: { readonly id: string; readonly body: string },
  keys: readonly Uint8Array[],
  nowMs: number,
): WebhookHeaders {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = keys.map((key) => webhookSignature(key, { ...message, timestamp }).toString('base64'));
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((s) => `v1,${s}`).join(' '),
  };
}
