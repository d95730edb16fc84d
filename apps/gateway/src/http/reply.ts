import { ERROR_CATALOGUE, problemType, type ErrorCode, type Problem, type Refusal } from '@invoke/contract';

/** An answer before it becomes a Response. The body is text, because recorded results are replayed byte for byte; or a stream. */
export interface Reply {
  readonly status: number;
  readonly body: string | ReadableStream<Uint8Array>;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose body is all there. */
export interface TextReply extends Reply {
  readonly body: string;
}

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' } as const;
const PROBLEM_HEADERS = { 'Content-Type': 'application/problem+json; charset=utf-8' } as const;

export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): TextReply {
  return jsonText(status, JSON.stringify(value), headers);
}

export function jsonText(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): TextReply {
  return { status, body, headers: { ...JSON_HEADERS, ...headers } };
}

/** What a problem document says beside the refusal. */
export interface ProblemContext {
  readonly requestId: string;
  readonly traceId?: string;
  readonly executionId?: string;
  /** The word for where an execution stands; it takes the place of the numeric status, which clients of old read. */
  readonly word?: string;
}

/** The one mapper from a refusal to problem+json (RFC 9457). */
export function problem(refusal: Refusal, context: ProblemContext): TextReply {
  const entry = ERROR_CATALOGUE[refusal.code];
  const settled = context.executionId !== undefined;
  const retryable = !settled && entry.retry === 'safe';
  const { location, retry_after: retryAfter, allow, ...details } = refusal.details ?? {};
  const document: Problem = {
    type: problemType(refusal.code),
    title: entry.title,
    status: context.word ?? entry.status,
    detail: refusal.message,
    code: refusal.code,
    success: false,
    request_id: context.requestId,
    retryable,
    ...(context.executionId === undefined ? {} : { execution_id: context.executionId }),
    ...(context.traceId === undefined ? {} : { trace_id: context.traceId }),
    ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
    ...details,
  };
  const headers: Record<string, string> = { ...PROBLEM_HEADERS, 'x-should-retry': String(retryable) };
  if (typeof location === 'string') headers['Location'] = location;
  if (typeof allow === 'string') headers['Allow'] = allow;
  if (typeof retryAfter === 'number') headers['Retry-After'] = String(retryAfter);
  else if (retryable) headers['Retry-After'] = '1';
  if (entry.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="invoke"';
  return { status: entry.status, body: JSON.stringify(document), headers };
}

export function problemOf(code: ErrorCode, message: string, requestId: string): TextReply {
  return problem({ code, message }, { requestId });
}
