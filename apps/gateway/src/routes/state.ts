import { VerifyStateAnswer, VerifyStateRequest } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { toCheckReply } from '../http/check-to-reply.js';
import { problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** POST /state/verify: whether what an agent assumes still holds. */
export const verifyState: KeyedRoute = {
  method: 'post',
  path: '/state/verify',
  summary: 'Hold assumed state against current state before acting on it',
  access: ['state:verify'],
  body: VerifyStateRequest,
  answers: {
    200: {
      description:
        'verified / execute, blocked / abort, or replan_required / replan; with the drift of each field.',
      schema: VerifyStateAnswer,
    },
    403: { description: 'The key may not do this, or may not use this tool to read.' },
    422: {
      description: 'The request does not fit, there is nothing to verify, or the tool does not only read.',
    },
  },
  async handle({ engine, principal, body, requestId, incoming }) {
    const parsed = parseWith(VerifyStateRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const meta = { requestId, traceparent: incoming.header('traceparent') ?? null };
    return toCheckReply(await engine.verifyState(principal, parsed.value, meta), requestId);
  },
};
