import { createHmac } from 'node:crypto';

/** The secret of the tests' provider, as an operator sets it: 32 bytes behind `whsec_`. */
export const PROVIDER_SECRET = `whsec_${Buffer.from('provider secret of these tests!!').toString('base64')}`;

export interface SignOptions {
  readonly id?: string;
  readonly secret?: string;
  /** Seconds since 1970; now where it is left out. */
  readonly timestamp?: number;
}

/** The headers of Standard Webhooks 1.0 for a body, made from the words of the specification. */
export function signEvent(body: string, options: SignOptions = {}): Record<string, string> {
  const { id = 'evt_1', secret = PROVIDER_SECRET, timestamp = Math.floor(Date.now() / 1000) } = options;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
