import type { CallRequest } from '@invoke/contract';
import type { CallInput, Parsed } from '@invoke/core';
import type { RouteContext } from '../route.js';
import { waitMsOf } from './prefer.js';
import { isRemembered } from './read-json.js';
import { readKey } from './read-key.js';

/** A parsed request as the engine takes it, with what its headers add. */
export function toCallInput(
  parsed: Parsed<CallRequest>,
  { incoming, requestId, apiKey, body }: RouteContext,
): Parsed<CallInput> {
  if (parsed.kind === 'refused') return parsed;
  const key = readKey(incoming, parsed.value.idempotency_key);
  if (key.kind === 'refused') return key;
  return {
    kind: 'ok',
    value: {
      credential: { kind: 'key', raw: apiKey },
      request: withKey(parsed.value, key.value),
      requestId,
      traceparent: incoming.header('traceparent') ?? null,
      attachMs: waitMsOf(incoming.header('prefer')),
      comesAgain: isRemembered(body),
    },
  };
}

/** The same object where the key stood in the body: by it, who reads the same request again is recognised. */
function withKey(request: CallRequest, key: string | undefined): CallRequest {
  return key === undefined || key === request.idempotency_key
    ? request
    : { ...request, idempotency_key: key };
}
