import { holdsInexactNumber, readMemberText } from '@invoke/core/domain';
import { parseAnswerText } from '../wire/parse-answer.js';

/** A JSON-RPC message as far as it matters here. */
export type RpcMessage =
  | { readonly kind: 'result'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data: unknown }
  /** A request or a notification of the server. */
  | { readonly kind: 'other'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Reads one JSON-RPC message that came back on the request `id`. A response to another id is invalid: it must not be taken
 * for the answer of this call. An error without an id (JSON-RPC 2.0, 5) is the answer of a server that could not read it.
 */
export function parseRpcMessage(text: string, id: number | string): RpcMessage {
  const parsed = parseAnswerText(text);
  if (parsed.kind === 'invalid') return parsed;
  const candidates = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const messages = candidates.filter(isObject);
  const answer = messages.find((message) => isAnswerTo(message, id));
  if (answer !== undefined) return readAnswer(answer, parsed.value === answer ? parsed.text : null);
  const [first] = messages;
  if (first !== undefined && typeof first['method'] === 'string') return { kind: 'other', message: first };
  return { kind: 'invalid', message: 'the answer is not a JSON-RPC response to the call' };
}

function isAnswerTo(message: Readonly<Record<string, unknown>>, id: number | string): boolean {
  if (message['id'] === id) return 'result' in message || 'error' in message;
  return message['id'] === null && isObject(message['error']);
}

function readAnswer(answer: Readonly<Record<string, unknown>>, source: string | null): RpcMessage {
  const { error } = answer;
  if (isObject(error) && typeof error['code'] === 'number') {
    const message = typeof error['message'] === 'string' ? error['message'] : '';
    return { kind: 'error', code: error['code'], message, data: error['data'] };
  }
  if (!Object.hasOwn(answer, 'result')) return { kind: 'invalid', message: 'the JSON-RPC error has no code' };
  const value = answer['result'];
  const text = source === null ? null : readMemberText(source, 'result');
  if (text === null && holdsInexactNumber(value))
    return { kind: 'invalid', message: 'the answer has a number beyond 2^53 where it cannot be kept' };
  return { kind: 'result', text: text ?? JSON.stringify(value), value };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
