import { WorkflowExecutionRequest, type Refusal } from '@invoke/contract';
import { parseWith, type WorkflowRun } from '@invoke/core';
import { presentExecution, summaryOf, toWorkflowExecution } from '@invoke/core/domain';
import { executionReply, parseResult } from '../http/execution-to-reply.js';
import { waitMsOf } from '../http/prefer.js';
import { readKey } from '../http/read-key.js';
import { problem, type Reply } from '../http/reply.js';
import { toRefusedRun } from '../http/workflow-to-reply.js';
import type { RouteContext } from '../route.js';

/** POST /executions, first form: a workflow as a durable execution, named by its idempotency key. */
export async function executeWorkflow(context: RouteContext): Promise<Reply> {
  const { engine, requestId, apiKey, body, incoming } = context;
  const parsed = parseWith(WorkflowExecutionRequest, body);
  if (parsed.kind === 'refused') return refuse(parsed.refusal, context);
  const { workflow: id, agent_id: agentId, env, input, idempotency_key: inBody } = parsed.value;
  const key = readKey(incoming, inBody);
  if (key.kind === 'refused') return refuse(key.refusal, context);
  const access = await engine.authorize(apiKey, 'tools:call');
  if (access.kind === 'refused') return problem(access.refusal, { requestId });
  const { principal } = access;
  const definition = engine.workflows(principal).find((w) => w.id === id);
  if (definition !== undefined && definition.steps.every((s) => s.kind !== 'call')) {
    return refuse(NOTHING_DURABLE, context);
  }
  const run = await engine.runWorkflow(principal, {
    id,
    agentId,
    env,
    input,
    idempotencyKey: key.value,
    meta: { requestId, traceparent: incoming.header('traceparent') ?? null },
    attachMs: waitMsOf(incoming.header('prefer')),
  });
  return toReply(run, key.value ?? null, requestId);
}

const NOTHING_DURABLE: Refusal = {
  code: 'validation_failed',
  message:
    'This workflow calls no tool, so there is nothing to execute durably: POST /workflows/{id}/run runs it.',
  errors: [{ pointer: '/workflow', message: 'expected a workflow that calls a tool' }],
};

/** To a caller who is known, and with a trace. */
async function refuse(refusal: Refusal, { engine, requestId, apiKey, body }: RouteContext): Promise<Reply> {
  const credential = { kind: 'key', raw: apiKey } as const;
  const refused = await engine.refuse({
    credential,
    requestId,
    refusal,
    body: { ...body, tool: body['workflow'] },
  });
  return problem(refused.refusal, { requestId, traceId: refused.traceId });
}

function toReply(run: WorkflowRun, key: string | null, requestId: string): Reply {
  if (run.kind === 'refused') return toRefusedRun(run, requestId);
  const { definition, story, records, replayed, stopped } = run;
  const [first, ...rest] = records;
  if (first === undefined) {
    const message = `${summaryOf(definition, story, stopped)} Nothing was called.`;
    return problem({ code: 'replan_required', message }, { requestId });
  }
  const { success, execution } = toWorkflowExecution(
    definition,
    { records: [first, ...rest], key },
    parseResult,
  );
  const last = rest.at(-1) ?? first;
  const waits = presentExecution(last, false).http === 202;
  return executionReply({ success, execution, replayed, waits });
}
