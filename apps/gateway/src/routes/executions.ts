import { CallRequest, Certificate, EXECUTION_STATE, ExecutionRequest, ExecutionView } from '@invoke/contract';
import { parseWith, type CallAnswer, type ExecutionRecord, type Parsed } from '@invoke/core';
import { presentExecution, toExecutionView } from '@invoke/core/domain';
import { z } from 'zod';
import { waitMsOf } from '../http/prefer.js';
import { parsePage, toCursor } from '../http/page.js';
import { json, problem, problemOf, type Reply } from '../http/reply.js';
import { toCallInput } from '../http/read-call.js';
import type { KeyedRoute, OpenRoute } from '../route.js';
import { CallHeaders } from './call.js';

const ExecutionAnswer = z.object({
  success: z.boolean(),
  execution: ExecutionView,
  certificate: Certificate,
});

/** POST /executions, second form: an action of one tool as a durable execution. */
export const createExecution: OpenRoute = {
  method: 'post',
  path: '/executions',
  summary: 'Run an action as a durable execution',
  access: 'pipeline',
  headers: CallHeaders,
  body: ExecutionRequest,
  answers: {
    200: { description: 'Executed, reconciled or replayed (byte for byte).', schema: ExecutionAnswer },
    202: { description: 'Accepted and not settled yet.', schema: ExecutionAnswer },
    422: { description: 'The request does not fit, or the key names an execution with other parameters.' },
  },
  async handle(context) {
    const { engine, requestId, apiKey, body } = context;
    const input = toCallInput(toCallRequest(parseWith(ExecutionRequest, body)), context);
    const answer =
      input.kind === 'ok'
        ? await engine.call(input.value)
        : await engine.refuse({
            credential: { kind: 'key', raw: apiKey },
            requestId,
            body: { ...body, tool: body['action'] },
            refusal: input.refusal,
          });
    return toExecutionReply(answer, requestId);
  },
};

function toCallRequest(parsed: Parsed<ExecutionRequest>): Parsed<CallRequest> {
  if (parsed.kind === 'refused') return parsed;
  const { action: tool, params, agent_id, idempotency_key, env } = parsed.value;
  return parseWith(CallRequest, withoutUndefined({ tool, params, agent_id, idempotency_key, env }));
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}

function toExecutionReply(answer: CallAnswer, requestId: string): Reply {
  if (answer.kind === 'refused') return problem(answer.refusal, { requestId, traceId: answer.traceId });
  const { record, outcome, replayed } = answer;
  const headers: Record<string, string> = replayed ? { 'Idempotency-Replayed': 'true' } : {};
  if (outcome.http === 202) headers['Location'] = `/v1/executions/${record.id}`;
  return json(outcome.problem === null ? outcome.http : 200, executionAnswer(record), headers);
}

/** Says only what is recorded, so that a replay is the same bytes. */
function executionAnswer(record: ExecutionRecord): z.infer<typeof ExecutionAnswer> {
  const execution = toExecutionView(record, parseResult);
  const { execution_id, decision, final_outcome } = execution;
  return {
    success: presentExecution(record, false).success,
    execution,
    certificate: { execution_id, decision, final_outcome },
  };
}

function parseResult(text: string): unknown {
  return JSON.parse(text);
}

/** GET /executions/{id}. `Prefer: wait=N` waits for its end. */
export const getExecution: KeyedRoute = {
  method: 'get',
  path: '/executions/{id}',
  summary: 'Read an execution: its state, attempts, lookups and story',
  access: ['traces:read', 'tools:call'],
  answers: {
    200: { description: 'The execution as it stands.', schema: z.object({ execution: ExecutionView }) },
    404: { description: 'There is no such execution, or it is not yours to see.' },
  },
  async handle({ engine, principal, params, incoming, requestId }) {
    const record = await engine.execution(principal, params['id'] ?? '', waitMsOf(incoming.header('prefer')));
    if (record === null) return problemOf('not_found', 'There is no such execution.', requestId);
    return json(200, { execution: toExecutionView(record, parseResult) });
  },
};

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  status: z.enum(EXECUTION_STATE).optional(),
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
      description: 'One page. `next_cursor` is null on the last one.',
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
      state: status ?? null,
      tool: tool ?? null,
      agentId: agentId ?? null,
    };
    const records = await engine.executions(principal, filter);
    const last = records.length === limit ? records.at(-1) : undefined;
    return json(200, {
      executions: records.map((r) => toExecutionView(r, parseResult)),
      next_cursor: last === undefined ? null : toCursor(last.id),
    });
  },
};
