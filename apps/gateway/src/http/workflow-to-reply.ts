import type { WorkflowRun } from '@invoke/core';
import { presentExecution, summaryOf, visualFlow } from '@invoke/core/domain';
import { json, problem, type Reply } from './reply.js';

/** A refusal of a workflow: a problem document that also tells how far it got. */
export function toRefusedRun(
  { refusal, story }: WorkflowRun & { kind: 'refused' },
  requestId: string,
): Reply {
  if (story === null) return problem(refusal, { requestId });
  const told = { visual_flow: visualFlow(story), trace: story.lines };
  return problem({ ...refusal, details: { ...refusal.details, ...told } }, { requestId });
}

/** The answer to POST /workflows/{id}/run. */
export function toRunReply(run: WorkflowRun, requestId: string): Reply {
  if (run.kind === 'refused') return toRefusedRun(run, requestId);
  const { definition, story, stopped, records, replayed, result } = run;
  const last = records.at(-1);
  const waits = last !== undefined && stopped !== null && presentExecution(last, false).http === 202;
  const headers: Record<string, string> = replayed ? { 'Idempotency-Replayed': 'true' } : {};
  if (waits) headers['Location'] = `/v1/executions/${last.id}`;
  const answer = {
    success: stopped === null,
    workflow_id: definition.id,
    status: stopped ?? 'completed',
    summary: summaryOf(definition, story, stopped),
    visual_flow: visualFlow(story),
    trace: story.lines,
    execution_id: last?.id ?? null,
    result,
  };
  return json(waits ? 202 : 200, answer, headers);
}
