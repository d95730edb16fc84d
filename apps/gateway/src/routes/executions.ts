import { EXECUTION_STATE, EXECUTION_STATUS, ExecutionView, type Scope } from '@invoke/contract';
import { stateOfStatus, toExecutionView } from '@invoke/core/domain';
import { z } from 'zod';
import { waitMsOf } from '../http/prefer.js';
import { parsePage, toCursor } from '../http/page.js';
import { parseResult } from '../http/execution-to-reply.js';
import { json, problem, problemOf } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** One of these is needed to see an execution whose id is known: who may call may see what became of it. */
export const READ_EXECUTION: readonly Scope[] = ['traces:read', 'tools:call'];

/** GET /executions/{id}. `Prefer: wait=N` waits for its end. */
export const getExecution: KeyedRoute = {
  method: 'get',
  path: '/executions/{id}',
  summary: 'Read an execution: its state, attempts, lookups and story',
  access: READ_EXECUTION,
  answers: {
    200: { description: 'The execution as it stands.', schema: z.object({ execution: ExecutionView }) },
    404: { description: 'There is no such execution, or it is not yours to see.' },
  },
  async handle({ engine, principal, params, incoming, requestId }) {
    const record = await engine.execution(principal, params['id'] ?? '', waitMsOf(incoming.header('prefer')));
    if (record === null) return problemOf('not_found', 'There is no such execution.', requestId);
    const settlements = await engine.settlementsOf(record);
    return json(200, { execution: { ...toExecutionView(record, parseResult), settlements } });
  },
};

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  /** The words of the answers, and the inner name of the state that waits for a human. */
  status: z.enum([...Object.values(EXECUTION_STATUS), EXECUTION_STATE.awaiting_approval]).optional(),
  tool: z.string().max(256).optional(),
  agent_id: z.string().max(128).optional(),
});

/** GET /executions: newest first. */
export const listExecutions: KeyedRoute = {
  method: 'get',
  path: '/executions',
  summary: 'List executions, newest first',
  access: ['traces:read'],
  query: ListQuery,
  answers: {
    200: {
      description:
        'One page of those that the limits of the key reach. `next_cursor` is null on the last one.',
      schema: z.object({ executions: z.array(ExecutionView), next_cursor: z.string().nullable() }),
    },
  },
  async handle({ engine, principal, incoming, requestId }) {
    const page = parsePage(ListQuery, incoming, ['exec_']);
    if (page.kind === 'refused') return problem(page.refusal, { requestId });
    const { limit, status, tool, agent_id: agentId } = page.value.query;
    const filter = {
      limit,
      before: page.value.before[0] ?? null,
      state: status === undefined ? null : stateOfStatus(status),
      tool: tool ?? null,
      agentId: agentId ?? null,
    };
    const { records, next } = await engine.executions(principal, filter);
    return json(200, {
      executions: records.map((r) => toExecutionView(r, parseResult)),
      next_cursor: next === null ? null : toCursor(next),
    });
  },
};
