import { WorkflowDefinition, WorkflowRunAnswer, WorkflowRunRequest } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { z } from 'zod';
import { waitMsOf } from '../http/prefer.js';
import { readKey } from '../http/read-key.js';
import { json, problem } from '../http/reply.js';
import { toRunReply } from '../http/workflow-to-reply.js';
import type { KeyedRoute } from '../route.js';
import { CallHeaders } from './call.js';

/** GET /workflows. */
export const listWorkflows: KeyedRoute = {
  method: 'get',
  path: '/workflows',
  summary: 'List workflows: those that come with Invoke, and your own',
  access: ['tools:read'],
  answers: {
    200: {
      description: 'Their definitions.',
      schema: z.object({ workflows: z.array(WorkflowDefinition) }),
    },
  },
  handle: ({ engine, principal }) => json(200, { workflows: engine.workflows(principal) }),
};

/** PUT /workflows/{id}: add one, or put another one in its place. */
export const saveWorkflow: KeyedRoute = {
  method: 'put',
  path: '/workflows/{id}',
  summary: 'Add a workflow, or replace it',
  access: ['providers:admin'],
  body: WorkflowDefinition,
  answers: {
    200: {
      description: 'Replaced.',
      schema: z.object({ success: z.boolean(), workflow: WorkflowDefinition }),
    },
    201: { description: 'Added.', schema: z.object({ success: z.boolean(), workflow: WorkflowDefinition }) },
    422: {
      description:
        'It does not fit, refers to what cannot be there, or takes the name of one that comes with Invoke.',
    },
  },
  async handle({ engine, principal, body, params, requestId }) {
    const { id } = params;
    const parsed = parseWith(WorkflowDefinition, { id, ...body });
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    if (parsed.value.id !== id) {
      const errors = [{ pointer: '/id', message: 'expected the id of the path, or none' }];
      const message = 'The id in the body is not the one in the path.';
      return problem({ code: 'validation_failed', message, errors }, { requestId });
    }
    const saved = await engine.saveWorkflow(principal, parsed.value);
    if (saved.kind === 'refused') return problem(saved.refusal, { requestId });
    return json(saved.created ? 201 : 200, { success: true, workflow: saved.definition });
  },
};

/** POST /workflows/{id}/run. What a step needs of the key is asked for when it comes. */
export const runWorkflow: KeyedRoute = {
  method: 'post',
  path: '/workflows/{id}/run',
  summary: 'Run a workflow and tell its story',
  access: ['tools:call', 'traces:read'],
  headers: CallHeaders,
  body: WorkflowRunRequest,
  answers: {
    200: {
      description: 'It ran, to its end or to the first step without success.',
      schema: WorkflowRunAnswer,
    },
    202: { description: 'A call of it is not settled yet, or waits for a human.', schema: WorkflowRunAnswer },
    404: { description: 'There is no such workflow, or no such tool.' },
    422: { description: 'What the workflow needs is missing or does not fit.' },
    501: { description: 'It searches, and no search provider is configured.' },
  },
  async handle({ engine, principal, body, params, requestId, incoming }) {
    const parsed = parseWith(WorkflowRunRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const { agent_id: agentId, env, idempotency_key: inBody, ...input } = parsed.value;
    const key = readKey(incoming, inBody);
    if (key.kind === 'refused') return problem(key.refusal, { requestId });
    const run = await engine.runWorkflow(principal, {
      id: params['id'] ?? '',
      agentId,
      env,
      input,
      idempotencyKey: key.value,
      meta: { requestId, traceparent: incoming.header('traceparent') ?? null },
      attachMs: waitMsOf(incoming.header('prefer')),
    });
    return toRunReply(run, requestId);
  },
};
