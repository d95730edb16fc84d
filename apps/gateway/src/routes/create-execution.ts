import { ExecutionRequest, PreflightView, WorkflowExecutionRequest, type Refusal } from '@invoke/contract';
import { parseWith, type CallInput } from '@invoke/core';
import { z } from 'zod';
import { ExecutionAnswer, toExecutionReply } from '../http/execution-to-reply.js';
import { toCallInput } from '../http/read-call.js';
import { json, problem, type Reply } from '../http/reply.js';
import type { OpenRoute, RouteContext } from '../route.js';
import { CallHeaders } from './call.js';
import { executeWorkflow } from './execute-workflow.js';

/** POST /executions: a workflow (`workflow`), or an action of one tool (`action`), as a durable execution. */
export const createExecution: OpenRoute = {
  method: 'post',
  path: '/executions',
  summary: 'Run a workflow or an action as a durable execution',
  access: 'pipeline',
  headers: CallHeaders,
  body: z.union([WorkflowExecutionRequest, ExecutionRequest]),
  answers: {
    200: {
      description:
        'Executed, reconciled or replayed (byte for byte); with preflight_only, only the preflight.',
      schema: z.union([ExecutionAnswer, z.object({ success: z.boolean(), preflight: PreflightView })]),
    },
    202: { description: 'Accepted and not settled yet.', schema: ExecutionAnswer },
    422: {
      description:
        'The request does not fit, or the key names an execution with other parameters or conditions.',
    },
  },
  handle(context) {
    const form = formOf(context.body);
    switch (form.kind) {
      case 'workflow':
        return executeWorkflow(context);
      case 'action':
        return executeAction(context);
      case 'refused':
        return refuse(form.refusal, context);
    }
  },
};

type Form =
  { readonly kind: 'workflow' | 'action' } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Which of both forms a body is. One that is neither, or both, is told of both. */
function formOf(body: Readonly<Record<string, unknown>>): Form {
  const isWorkflow = Object.hasOwn(body, 'workflow');
  if (isWorkflow !== Object.hasOwn(body, 'action')) return { kind: isWorkflow ? 'workflow' : 'action' };
  const message = isWorkflow
    ? 'expected either workflow or action, not both'
    : 'missing; expected either action (the name of a tool) or workflow (the id of one)';
  const errors = [{ pointer: '/action', message }];
  return { kind: 'refused', refusal: { code: 'validation_failed', message: `/action: ${message}`, errors } };
}

async function executeAction(context: RouteContext): Promise<Reply> {
  const parsed = parseWith(ExecutionRequest, context.body);
  if (parsed.kind === 'refused') return refuse(parsed.refusal, context);
  const { preflight_only: only, apply_safe_fixes: applySafeFixes, action: tool, ...request } = parsed.value;
  const input = toCallInput({ kind: 'ok', value: { ...request, tool } }, context);
  if (input.kind === 'refused') return refuse(input.refusal, context);
  return execute(input.value, { only: only ?? false, applySafeFixes: applySafeFixes ?? false }, context);
}

interface LookAhead {
  readonly only: boolean;
  readonly applySafeFixes: boolean;
}

/** To a caller who is known, and with a trace. */
async function refuse(refusal: Refusal, { engine, requestId, apiKey, body }: RouteContext): Promise<Reply> {
  const credential = { kind: 'key', raw: apiKey } as const;
  const unread = { credential, requestId, refusal, body: { ...body, tool: body['action'] } };
  return toExecutionReply(await engine.refuse(unread), requestId);
}

/** With a look ahead where that was asked for: alone, or to mend what can be mended before the call is made. */
async function execute(
  input: CallInput,
  { only, applySafeFixes }: LookAhead,
  { engine, requestId }: RouteContext,
): Promise<Reply> {
  if (!only && !applySafeFixes) return toExecutionReply(await engine.call(input), requestId);
  const seen = await engine.preflight({ ...input, applySafeFixes });
  if (seen.kind === 'refused') return problem(seen.refusal, { requestId, traceId: seen.traceId });
  if (only) return json(200, { success: true, preflight: seen.view });
  const answer = await engine.call({ ...input, request: seen.request });
  return toExecutionReply(answer, requestId, seen.view);
}
