import { SearchAnswer, SearchRequest } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { toCheckReply } from '../http/check-to-reply.js';
import { problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** POST /search: live context. */
export const search: KeyedRoute = {
  method: 'post',
  path: '/search',
  summary: 'Search the live web for context',
  access: ['tools:call'],
  body: SearchRequest,
  answers: {
    200: { description: 'Normalised sources, best first.', schema: SearchAnswer },
    422: { description: 'The query does not fit.' },
    501: { description: 'No search provider is configured.' },
  },
  async handle({ engine, principal, body, requestId, incoming }) {
    const parsed = parseWith(SearchRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const meta = { requestId, traceparent: incoming.header('traceparent') ?? null };
    return toCheckReply(await engine.search(principal, parsed.value, meta), requestId);
  },
};
