import { Certificate, ExecutionView, PreflightView } from '@invoke/contract';
import type { CallAnswer } from '@invoke/core';
import { holdsInexactNumber, presentExecution, toExecutionView } from '@invoke/core/domain';
import { z } from 'zod';
import { json, problem, type Reply } from './reply.js';

export const ExecutionAnswer = z.object({
  success: z.boolean(),
  execution: ExecutionView,
  certificate: Certificate,
  /** What was seen before the call was made, where that was asked for. */
  preflight: PreflightView.optional(),
});

/** The answer to a durable execution. It says only what is recorded, so that a replay is the same bytes. */
export function toExecutionReply(answer: CallAnswer, requestId: string, preflight?: PreflightView): Reply {
  if (answer.kind === 'refused') return problem(answer.refusal, { requestId, traceId: answer.traceId });
  const { record, outcome, replayed } = answer;
  const execution = toExecutionView(record, parseResult);
  const { success } = presentExecution(record, false);
  return executionReply({ success, execution, replayed, waits: outcome.http === 202, preflight });
}

interface Executed {
  readonly success: boolean;
  readonly execution: ExecutionView;
  readonly replayed: boolean;
  /** It is not settled yet. */
  readonly waits: boolean;
  readonly preflight?: PreflightView | undefined;
}

export function executionReply({ success, execution, replayed, waits, preflight }: Executed): Reply {
  const { execution_id, decision, final_outcome } = execution;
  const headers: Record<string, string> = replayed ? { 'Idempotency-Replayed': 'true' } : {};
  if (waits) headers['Location'] = `/v1/executions/${execution_id}`;
  const certificate = { execution_id, decision, final_outcome };
  const seen = preflight === undefined ? {} : { preflight };
  return json(waits ? 202 : 200, { success, execution, certificate, ...seen }, headers);
}

/** A recorded result is JSON text. What is made of it says the same when it becomes text again, to the last digit. */
export function parseResult(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return holdsInexactNumber(value) ? parse(text, keepDigits) : value;
}

/** JSON.parse with source text (ECMAScript 2026), which the types do not know yet. */
type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

const keepDigits: Reviver = (_name, value, { source }) =>
  typeof value === 'number' && source !== undefined && holdsInexactNumber(value) ? rawJSON(source) : value;
