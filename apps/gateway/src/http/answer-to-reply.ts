import type { CallAnswer, ExecutionRecord } from '@invoke/core';
import { jsonText, problem, type Reply } from './reply.js';

/** The answer to POST /call. The recorded result goes out as the bytes that were recorded. */
export function toCallReply(answer: CallAnswer, requestId: string): Reply {
  if (answer.kind === 'refused') {
    return problem(answer.refusal, { requestId, traceId: answer.traceId });
  }
  const { record, outcome, replayed } = answer;
  const headers = replayed ? REPLAYED : NOT_REPLAYED;
  if (outcome.problem !== null) {
    const { code, message } = outcome.problem;
    const context = { requestId, traceId: record.traceId, executionId: record.id, word: outcome.status };
    const reply = problem({ code, message, details: { decision: outcome.decision } }, context);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }
  const open = outcome.http === 202 ? { Location: `/v1/executions/${record.id}` } : {};
  return jsonText(outcome.http, callBody(record, answer), { ...headers, ...open });
}

const REPLAYED = { 'Idempotency-Replayed': 'true' } as const;
const NOT_REPLAYED = {} as const;

function callBody(
  record: ExecutionRecord,
  { outcome, replayed }: CallAnswer & { kind: 'execution' },
): string {
  const parts = [
    `"success":${outcome.success}`,
    `"status":"${outcome.status}"`,
    `"execution_id":"${record.id}"`,
    ...(record.outcome?.approvalId === undefined ? [] : [`"approval_id":"${record.outcome.approvalId}"`]),
    ...(outcome.decision === null ? [] : [`"decision":${JSON.stringify(outcome.decision)}`]),
    ...(record.resultText === null ? [] : [`"result":${record.resultText}`]),
    ...(record.outcome?.code == null ? [] : [`"code":"${record.outcome.code}"`]),
    ...(record.outcome?.message == null ? [] : [`"detail":${JSON.stringify(record.outcome.message)}`]),
    ...(replayed ? ['"replayed":true'] : []),
    `"trace_id":"${record.traceId}"`,
  ];
  return `{${parts.join(',')}}`;
}
