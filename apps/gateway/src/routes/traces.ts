import { TraceRecord, TraceStatus } from '@invoke/contract';
import { z } from 'zod';
import { parsePage, toCursor } from '../http/page.js';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

const TracesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  tool: z.string().max(256).optional(),
  agent_id: z.string().max(128).optional(),
  status: TraceStatus.optional(),
  execution_id: z.string().max(64).optional(),
});

/** GET /traces: every request to act, refused ones included, newest first. */
export const traces: KeyedRoute = {
  method: 'get',
  path: '/traces',
  summary: 'List traces, newest first',
  access: ['traces:read'],
  query: TracesQuery,
  answers: {
    200: {
      description:
        'One page of those that the limits of the key reach. `next_cursor` is null on the last one.',
      schema: z.object({ traces: z.array(TraceRecord), next_cursor: z.string().nullable() }),
    },
  },
  async handle({ engine, principal, incoming, requestId }) {
    const page = parsePage(TracesQuery, incoming, ['trace_', 'exec_']);
    if (page.kind === 'refused') return problem(page.refusal, { requestId });
    const { limit, tool, agent_id: agentId, status, execution_id: executionId } = page.value.query;
    const [traceId = null, before = null] = page.value.before;
    const { records, next } = await engine.traces(principal, {
      limit,
      before: { traceId, executionId: before },
      tool: tool ?? null,
      agentId: agentId ?? null,
      status: status ?? null,
      executionId: executionId ?? null,
    });
    return json(200, {
      traces: records,
      next_cursor: next === null ? null : toCursor(next.traceId, next.executionId),
    });
  },
};
