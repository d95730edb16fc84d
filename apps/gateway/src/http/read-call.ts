import type { CallRequest, Refusal } from '@invoke/contract';
import type { CallInput, Parsed } from '@invoke/core';
import { mergeIdempotencyKey } from '@invoke/core/domain';
import type { RouteContext } from '../route.js';
import { waitMsOf } from './prefer.js';

/** A parsed request as the engine takes it, with what its headers add. */
export function toCallInput(
  parsed: Parsed<CallRequest>,
  { incoming, requestId, apiKey }: RouteContext,
): Parsed<CallInput> {
  if (parsed.kind === 'refused') return parsed;
  const merged = mergeIdempotencyKey(incoming.header('idempotency-key'), parsed.value.idempotency_key);
  if (merged.kind === 'bad') return { kind: 'refused', refusal: badKey(merged.message) };
  const request = merged.key === undefined ? parsed.value : { ...parsed.value, idempotency_key: merged.key };
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

function badKey(message: string): Refusal {
  return { code: 'bad_request', message, errors: [{ pointer: '/idempotency_key', message }] };
}
