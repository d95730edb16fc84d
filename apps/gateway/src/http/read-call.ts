import type { CallRequest } from '@invoke/contract';
import type { CallInput, Parsed } from '@invoke/core';
import type { RouteContext } from '../route.js';
import { waitMsOf } from './prefer.js';
import { readKey } from './read-key.js';

/** A parsed request as the engine takes it, with what its headers add. */
export function toCallInput(
  parsed: Parsed<CallRequest>,
  { incoming, requestId, apiKey }: RouteContext,
): Parsed<CallInput> {
  if (parsed.kind === 'refused') return parsed;
  const key = readKey(incoming, parsed.value.idempotency_key);
  if (key.kind === 'refused') return key;
  const request = key.value === undefined ? parsed.value : { ...parsed.value, idempotency_key: key.value };
  return {
    kind: 'ok',
    value: {
      credential: { kind: 'key', raw: apiKey },
      request,
      requestId,
      traceparent: incoming.header('traceparent') ?? null,
      attachMs: waitMsOf(incoming.header('prefer')),
    },
  };
}
