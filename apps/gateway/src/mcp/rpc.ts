import { z } from 'zod';
import { jsonText, type TextReply } from '../http/reply.js';

/** JSON-RPC 2.0, 5.1. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;

/** MCP 2026-07-28: what headers and `_meta` of a request say does not fit. */
export const HEADER_MISMATCH = -32020;
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;

type RpcId = string | number;
export type RpcParams = Readonly<Record<string, unknown>>;

/** One message, for /openapi.json. Batches are not taken. */
export const RpcBody = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.int()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

export interface RpcRequest {
  readonly kind: 'request';
  readonly id: RpcId;
  readonly method: string;
  readonly params: RpcParams;
}

export type RpcMessage =
  | RpcRequest
  /** Nothing is answered to a notification, nor to a response: this server never asks anything. */
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'invalid'; readonly id: RpcId | null; readonly message: string };

/** What is wrong with a request, as the protocol says it. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** HTTP status; 200 where it is left out. */
  readonly status?: number;
}

/** What a message of JSON-RPC 2.0 is, told from an object that was read strictly. */
export function classifyMessage(body: Readonly<Record<string, unknown>>): RpcMessage {
  const { jsonrpc, id, method, params = {} } = body;
  const known = isId(id) ? id : null;
  const invalid = (message: string): RpcMessage => ({ kind: 'invalid', id: known, message });
  if (jsonrpc !== '2.0') return invalid('/jsonrpc: expected "2.0"');
  if (method === undefined && (Object.hasOwn(body, 'result') || Object.hasOwn(body, 'error'))) {
    return { kind: 'unanswered' };
  }
  if (typeof method !== 'string' || method === '') return invalid('/method: expected the name of a method');
  if (!isObject(params)) return invalid('/params: expected an object');
  if (id === undefined) {
    // Taken as a notification, a call would be acknowledged that is never made.
    return method.startsWith('notifications/')
      ? { kind: 'unanswered' }
      : invalid(`/id: ${JSON.stringify(method)} needs one, a string or an integer; nothing was done`);
  }
  if (known === null) return invalid('/id: expected a string or an integer');
  return { kind: 'request', id: known, method, params };
}

function isId(id: unknown): id is RpcId {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answer to a request that went well. @param result JSON text */
export function rpcResult(id: RpcId, result: string): TextReply {
  return jsonText(200, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
}

export function rpcError(id: RpcId | null, { code, message, data, status = 200 }: RpcError): TextReply {
  return jsonText(status, JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } }));
}
