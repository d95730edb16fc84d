import type { ToolFailure, ToolReply } from '@invoke/core/domain';
import {
  HEADER_MISMATCH,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '../rpc-codes.js';
import { readHeader, type ResponseHead } from '../wire/exchange.js';
import { readContent } from '../wire/read-content.js';
import { toPlainMessage } from '../wire/to-plain-message.js';
import type { Era } from './connection.js';
import type { RpcOutcome } from './post-rpc.js';
import { isObject, parseRpcMessage, type RpcMessage } from './rpc-message.js';

export interface ReplyFacts {
  readonly era: Era;
  readonly hasSession: boolean;
}

export interface McpReply {
  readonly reply: ToolReply;
  /** The agreement with the server no longer holds, or may not: make a new one before the next call. */
  readonly reconnect: boolean;
}

/** They speak of the call, and count as what they say, whatever the HTTP status with which they come. */
const ABOUT_THE_CALL: readonly number[] = [METHOD_NOT_FOUND, INVALID_PARAMS];
/**
 * Servers that check what a tool returned say so as if the tool had failed: "Output validation error: ..." (the SDKs of today),
 * or the other phrases alone (SDKs of 2025). By then the tool has run. Looked for anywhere in the text, because wrappers put
 * words before it, and to doubt too much costs no more than a look.
 */
const RAN_AND_DID_NOT_FIT =
  /Output validation error|Invalid structured content for tool|has an output schema but no structured content/i;
/**
 * With HTTP 400 in MCP 2026-07-28: about the envelope, which is looked at before the call. Older servers were free to use
 * these codes for anything.
 */
const WRONG_ENVELOPE: readonly number[] = [
  HEADER_MISMATCH,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
];
/** A server that has been replaced by an older or newer one answers like this. */
const OUT_OF_STEP_STATUSES: readonly number[] = [400, 404, 405, 406];
/**
 * What legacy servers in the wild say with HTTP 400 and -32000 about a session that they have forgotten, where the protocol
 * asks for 404. Whole phrases only: to take a tool's own words about some session for this would be a false proof.
 */
const SESSION_ERROR = -32000;
const SESSION_PHRASES =
  /^Bad Request: (?:No valid session ID|Missing session ID|Mcp-Session-Id header|Server not initialized)/i;

/** What one `tools/call` said, for `classifyCertainty` to judge. */
export function toMcpReply(outcome: RpcOutcome, facts: ReplyFacts): McpReply {
  switch (outcome.kind) {
    case 'failure':
      return { reply: outcome, reconnect: false };
    case 'http':
      return fromHttp(outcome.head, outcome.bytes, facts);
    case 'message':
      return fromMessage(outcome.message, facts);
  }
}

function fromMessage(message: RpcMessage, facts: ReplyFacts): McpReply {
  switch (message.kind) {
    case 'error':
      return {
        reply: toRpcError(message),
        reconnect: message.code === METHOD_NOT_FOUND,
      };
    case 'result':
      return { reply: fromResult(message.text, message.value, facts), reconnect: false };
    case 'other':
    case 'invalid':
      return {
        reply: sentFailure('invalid_response', message.kind === 'invalid' ? message.message : 'no answer'),
        reconnect: false,
      };
  }
}

function fromResult(text: string, value: unknown, { era }: ReplyFacts): ToolReply {
  const resultType = era === 'modern' && isObject(value) ? (value['resultType'] ?? 'complete') : 'complete';
  if (resultType !== 'complete' && resultType !== 'input_required') {
    return sentFailure('invalid_response', 'the tool answered with an unknown kind of result');
  }
  const misfit = findMisfit(value);
  if (misfit !== null) {
    const said = toPlainMessage(misfit);
    return sentFailure('invalid_response', `the tool ran, and its server refused what it returned: ${said}`);
  }
  /* A tool that asks for more input has not done what it was asked. */
  const isError = resultType === 'input_required' || isErrorResult(value);
  return { kind: 'answer', status: readStatusCode(value), isError, text, value };
}

function isErrorResult(value: unknown): value is Record<string, unknown> {
  return isObject(value) && value['isError'] === true;
}

/** The text of an error that a server made of a tool's own result; null where there is none. */
function findMisfit(value: unknown): string | null {
  if (!isErrorResult(value) || !Array.isArray(value['content'])) return null;
  const texts: unknown[] = value['content'].map((item: unknown) => (isObject(item) ? item['text'] : null));
  const isMisfit = (text: unknown): text is string =>
    typeof text === 'string' && RAN_AND_DID_NOT_FIT.test(text);
  return texts.find(isMisfit) ?? null;
}

/** Wrappers of HTTP APIs put the status of the API into their result. */
function readStatusCode(value: unknown): number | null {
  if (!isObject(value)) return null;
  const structured = value['structuredContent'];
  const found = Object.hasOwn(value, 'status_code')
    ? value['status_code']
    : isObject(structured) && Object.hasOwn(structured, 'status_code')
      ? structured['status_code']
      : null;
  return typeof found === 'number' && Number.isInteger(found) && found >= 100 && found <= 599 ? found : null;
}

function fromHttp(head: ResponseHead, bytes: Uint8Array, facts: ReplyFacts): McpReply {
  const { status } = head;
  if (status < 300) {
    return {
      reply: sentFailure('invalid_response', 'the answer is not a JSON-RPC response to the call'),
      reconnect: false,
    };
  }
  if (status < 400) {
    return {
      reply: sentFailure('redirect', `the tool answered with a redirect (${status}), which is not followed`),
      reconnect: false,
    };
  }
  const error = OUT_OF_STEP_STATUSES.includes(status) ? readRpcError(bytes) : null;
  if (isSessionGone(status, error, facts)) {
    return { reply: notTaken('the tool had forgotten our session'), reconnect: true };
  }
  const reconnect = OUT_OF_STEP_STATUSES.includes(status);
  if (error !== null && status === 400 && facts.era === 'modern' && WRONG_ENVELOPE.includes(error.code)) {
    return { reply: notTaken(error.message), reconnect };
  }
  if (error !== null && ABOUT_THE_CALL.includes(error.code)) {
    return { reply: toRpcError(error), reconnect };
  }
  const content = readContent(readHeader(head, 'content-type'), bytes);
  const readable = content.kind === 'content' ? content : readContent('text/plain', bytes);
  if (readable.kind === 'invalid') {
    return { reply: sentFailure('invalid_response', readable.message), reconnect };
  }
  return {
    reply: { kind: 'answer', status, isError: false, text: readable.text, value: readable.value },
    reconnect,
  };
}

function readRpcError(bytes: Uint8Array): Extract<RpcMessage, { kind: 'error' }> | null {
  let id: unknown;
  const text = new TextDecoder().decode(bytes);
  try {
    const parsed: unknown = JSON.parse(text);
    id = isObject(parsed) ? parsed['id'] : undefined;
  } catch {
    return null;
  }
  const message = parseRpcMessage(text, typeof id === 'number' || typeof id === 'string' ? id : -1);
  return message.kind === 'error' ? message : null;
}

/** MCP 2025-11-25, session management: 404 says that the session has ended, and is said before the message is looked at. */
function isSessionGone(
  status: number,
  error: { code: number; message: string } | null,
  facts: ReplyFacts,
): boolean {
  if (!facts.hasSession) return false;
  if (status === 404) return error === null || !ABOUT_THE_CALL.includes(error.code);
  return status === 400 && error?.code === SESSION_ERROR && SESSION_PHRASES.test(error.message);
}

/** The bytes were read and refused as a whole: certainly nothing was done, and a new agreement may mend it. */
function notTaken(message: string): ToolFailure {
  return { kind: 'failure', sent: false, reason: 'connect_failed', message: toPlainMessage(message) };
}

function toRpcError({ code, message, data }: Extract<RpcMessage, { kind: 'error' }>): ToolReply {
  const retryable = isObject(data) && Object.hasOwn(data, 'retryable') && data['retryable'] === true;
  return { kind: 'rpc_error', code, message: toPlainMessage(message), ...(retryable ? { retryable } : {}) };
}

function sentFailure(reason: 'invalid_response' | 'redirect', message: string): ToolFailure {
  return { kind: 'failure', sent: true, reason, message };
}
