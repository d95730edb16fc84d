import type { CallAnswer } from '@invoke/core';
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
    const approvalId = record.outcome?.approvalId;
    const review = approvalId === undefined ? {} : { approval_id: approvalId };
    const reply = problem({ code, message, details: { decision: outcome.decision, ...review } }, context);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }
  const open = outcome.http === 202 ? { Location: `/v1/executions/${record.id}` } : {};
  return jsonText(outcome.http, callBody(answer), { ...headers, ...open });
}

const REPLAYED = { 'Idempotency-Replayed': 'true' } as const;
const NOT_REPLAYED = {} as const;

/** What is said of an execution. The recorded result goes in as it was recorded. */
export function callBody({ record, outcome, replayed }: CallAnswer & { kind: 'execution' }): string {
  const { approvalId } = record.outcome ?? NO_OUTCOME;
  const { code, message } = outcome.problem ?? record.outcome ?? NO_OUTCOME;
  let body = `{"success":${outcome.success},"status":"${outcome.status}","execution_id":"${record.id}"`;
  if (approvalId !== undefined) body += `,"approval_id":"${approvalId}"`;
  if (outcome.decision !== null) body += `,"decision":${JSON.stringify(outcome.decision)}`;
  if (record.resultText !== null) body += `,"result":${record.resultText}`;
  if (code != null) body += `,"code":"${code}"`;
  if (message != null) body += `,"detail":${JSON.stringify(message)}`;
  if (replayed) body += ',"replayed":true';
  return `${body},"trace_id":"${record.traceId}"}`;
}

const NO_OUTCOME = { approvalId: undefined, code: null, message: null } as const;
