import { PreflightRequest, PreflightView } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { z } from 'zod';
import { toCallInput } from '../http/read-call.js';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** POST /preflight: what a call would meet, without making it. */
export const preflight: KeyedRoute = {
  method: 'post',
  path: '/preflight',
  summary: 'Look at a call before it is made: decision, risk, warnings, fixes',
  access: ['tools:call'],
  body: PreflightRequest,
  answers: {
    200: {
      description:
        'What the same rules say without executing, claiming or reserving anything; also for unknown names.',
      schema: z.object({ success: z.boolean(), preflight: PreflightView }),
    },
    422: { description: 'The request does not fit.' },
  },
  async handle(context) {
    const { engine, body, requestId } = context;
    const parsed = parseWith(PreflightRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const { action: tool, apply_safe_fixes: applySafeFixes = false, ...request } = parsed.value;
    const input = toCallInput({ kind: 'ok', value: { ...request, tool } }, context);
    if (input.kind === 'refused') return problem(input.refusal, { requestId });
    const seen = await engine.preflight({ ...input.value, applySafeFixes });
    return seen.kind === 'view'
      ? json(200, { success: true, preflight: seen.view })
      : problem(seen.refusal, { requestId, traceId: seen.traceId });
  },
};
