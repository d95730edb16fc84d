import type { Parsed } from '@invoke/core';
import { mergeIdempotencyKey } from '@invoke/core/domain';
import type { Incoming } from './incoming.js';

/** Where the body of a request may name its key. */
interface Place {
  readonly name: string;
  readonly pointer: string;
}

const IN_BODY: Place = { name: 'idempotency_key in the body', pointer: '/idempotency_key' };

/** The idempotency key of a request, from its header and its body, which must agree. */
export function readKey(
  incoming: Incoming,
  inBody: string | undefined,
  { name, pointer }: Place = IN_BODY,
): Parsed<string | undefined> {
  const merged = mergeIdempotencyKey(incoming.header('idempotency-key'), inBody, name);
  if (merged.kind === 'ok') return { kind: 'ok', value: merged.key };
  const { message } = merged;
  const errors = [{ pointer, message }];
  return { kind: 'refused', refusal: { code: 'bad_request', message, errors } };
}
