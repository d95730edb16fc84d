import type { Parsed } from '@invoke/core';
import { mergeIdempotencyKey } from '@invoke/core/domain';
import type { Incoming } from './incoming.js';

/** The idempotency key of a request, from its header and its body, which must agree. */
export function readKey(incoming: Incoming, inBody: string | undefined): Parsed<string | undefined> {
  const merged = mergeIdempotencyKey(incoming.header('idempotency-key'), inBody);
  if (merged.kind === 'ok') return { kind: 'ok', value: merged.key };
  const { message } = merged;
  const errors = [{ pointer: '/idempotency_key', message }];
  return { kind: 'refused', refusal: { code: 'bad_request', message, errors } };
}
