import { CallRequest, CallResponse } from '@invoke/contract';
import { createRecent, parseWith, type Parsed } from '@invoke/core';
import { z } from 'zod';
import { toCallReply } from '../http/answer-to-reply.js';
import { isRemembered } from '../http/read-json.js';
import { toCallInput } from '../http/read-call.js';
import type { OpenRoute, RouteContext } from '../route.js';

export const CallHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .describe('One key names one execution. Bare or quoted; body and header must agree.'),
  Prefer: z
    .string()
    .optional()
    .describe('`wait=N`: a duplicate waits N seconds for its original instead of being refused.'),
});

/** POST /call: one governed call. */
export const call: OpenRoute = {
  method: 'post',
  path: '/call',
  summary: 'Call a tool through the pipeline',
  access: 'pipeline',
  headers: CallHeaders,
  body: CallRequest,
  answers: {
    200: {
      description: 'Executed, reconciled or replayed. With success false the tool itself reported a failure.',
      schema: CallResponse,
    },
    202: {
      description: 'Accepted and not settled yet: pending, unknown, or waiting for a human.',
      schema: CallResponse,
    },
    409: { description: 'Entity mismatch, or a duplicate whose original is still being executed.' },
    422: {
      description:
        'The request or the params do not fit, or the key names a call with other parameters or conditions.',
    },
    502: { description: 'The tool failed; `status` says failed (certainly nothing happened) or unknown.' },
    504: { description: 'The tool did not answer in time; `status` says failed or unknown.' },
  },
  async handle(context) {
    const { engine, requestId, apiKey, body } = context;
    const input = toCallInput(parseCall(body), context);
    if (input.kind === 'ok') return toCallReply(await engine.call(input.value), requestId);
    return toCallReply(
      await engine.refuse({
        credential: { kind: 'key', raw: apiKey },
        requestId,
        body,
        refusal: input.refusal,
      }),
      requestId,
    );
  },
};

/** By the body as it was read, which is the same object where the same text comes again and again. */
const recent = createRecent<RouteContext['body'], Parsed<CallRequest>>(256);

function parseCall(body: RouteContext['body']): Parsed<CallRequest> {
  if (!isRemembered(body)) return parseWith(CallRequest, body);
  const known = recent.get(body);
  if (known !== undefined) return known;
  const parsed = parseWith(CallRequest, body);
  recent.set(body, parsed);
  return parsed;
}
