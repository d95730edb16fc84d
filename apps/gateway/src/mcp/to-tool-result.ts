import type { CallAnswer, ToolDefinition } from '@invoke/core';
import { ERROR_CATALOGUE, type Refusal } from '@invoke/contract';
import { readMemberText } from '@invoke/core/domain';
import { callBody } from '../http/answer-to-reply.js';
import { adviseAfter, adviseAfterRefusal } from './next-advice.js';
import { parseMcpContent } from './mcp-content.js';
import { fitsOutput, outputSchemaOf } from './output-schemas.js';
import type { Answer } from './result.js';
import { isObject } from './rpc.js';

/** Where an execution stands, for programs: beside every result of a call. */
const EXECUTION_META = 'dev.invoke/execution';

type Executed = CallAnswer & { kind: 'execution' };

/**
 * A call's answer as the result of a tool. What was not done is `isError` with JSON in a text and nothing structured: the one
 * shape that clients of all versions take for a tool with an output schema.
 */
export function toToolResult(answer: CallAnswer, tool: ToolDefinition | null, requestId: string): Answer {
  if (answer.kind === 'refused') {
    return toRefusedResult(answer.refusal, { requestId, traceId: answer.traceId });
  }
  return (answer.outcome.success ? toDone(answer, tool) : null) ?? toTold(answer);
}

/** Null where a client would not take it, though it is done. */
function toDone(answer: Executed, tool: ToolDefinition | null): Answer | null {
  const { resultText } = answer.record;
  if (resultText === null) return null;
  const meta = metaOf(answer);
  const needsStructure = tool !== null && outputSchemaOf(tool) !== null;
  if (tool?.binding.kind !== 'mcp' && !needsStructure) {
    return { kind: 'result', members: contentOf(resultText), meta };
  }
  const value: unknown = JSON.parse(resultText);
  const own = tool?.binding.kind === 'mcp' ? parseMcpContent(value) : null;
  const structured = own === null ? value : own.structuredContent;
  if (needsStructure && !fitsOutput(tool, structured)) return null;
  const told = own === null ? resultText : textOf(resultText, 'structuredContent', structured);
  const members = [
    own === null || own.content === null
      ? contentOf(told)
      : `"content":${textOf(resultText, 'content', own.content)}`,
  ];
  // Before 2026-07-28, what is structured is an object.
  if (isObject(structured) && (needsStructure || own !== null)) members.push(`"structuredContent":${told}`);
  return { kind: 'result', members: members.join(','), meta };
}

/** A member as it was recorded: a number beyond 2^53 would be another one if it were written anew. */
function textOf(recorded: string, name: string, value: unknown): string {
  return readMemberText(recorded, name) ?? JSON.stringify(value);
}

/** Where the call stands, in the words of POST /call, and what to do next. */
function toTold(answer: Executed): Answer {
  const next = JSON.stringify(adviseAfter(answer.outcome));
  const told = `${callBody(answer).slice(0, -1)},"next":${next}}`;
  return { kind: 'result', members: `${contentOf(told)},"isError":true`, meta: metaOf(answer) };
}

export interface RefusalContext {
  readonly requestId: string;
  /** Null where nothing was traced. */
  readonly traceId: string | null;
}

/** A call that was refused before there was an execution, or for one that is under way. */
export function toRefusedResult(refusal: Refusal, { requestId, traceId }: RefusalContext): Answer {
  const { location: _, allow: _allow, ...details } = refusal.details ?? {};
  const told = {
    success: false,
    status: 'refused',
    code: refusal.code,
    detail: refusal.message,
    retryable: ERROR_CATALOGUE[refusal.code].retry === 'safe',
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    ...details,
    request_id: requestId,
    ...(traceId === null ? {} : { trace_id: traceId }),
    next: adviseAfterRefusal(refusal),
  };
  const meta = { [EXECUTION_META]: { status: 'refused', code: refusal.code } };
  return { kind: 'result', members: `${contentOf(JSON.stringify(told))},"isError":true`, meta };
}

function contentOf(text: string): string {
  return `"content":[{"type":"text","text":${JSON.stringify(text)}}]`;
}

function metaOf({ record, outcome, replayed }: Executed) {
  const approvalId = record.outcome?.approvalId;
  return {
    [EXECUTION_META]: {
      status: outcome.status,
      execution_id: record.id,
      ...(approvalId === undefined ? {} : { approval_id: approvalId }),
      ...(replayed ? { replayed } : {}),
      trace_id: record.traceId,
    },
  };
}
