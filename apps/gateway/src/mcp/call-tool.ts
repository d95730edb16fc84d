import type { Refusal } from '@invoke/contract';
import type { Engine, Principal } from '@invoke/core';
import { GET_EXECUTION } from '@invoke/core/domain';
import type { RouteContext } from '../route.js';
import { getExecution } from './get-execution.js';
import { awaitDecision } from './holding.js';
import { CALL_META, HOLD_MS, parseToolCall, toCallInput, type ToolCall } from './read-tool-call.js';
import type { Answer } from './result.js';
import { INVALID_PARAMS, isObject, type RpcParams } from './rpc.js';
import { toToolResult } from './to-tool-result.js';

export interface McpContext extends Pick<RouteContext, 'incoming' | 'requestId' | 'apiKey'> {
  readonly engine: Engine;
  readonly principal: Principal;
}

/** To these, a name stands for no tool that this key has: the protocol has an error of its own for that. */
const NO_SUCH_TOOL: readonly string[] = ['not_found', 'tool_not_allowed', 'tool_conflict'];

/** `tools/call`: one governed call, or a look at what became of one. */
export async function callTool(params: RpcParams, context: McpContext): Promise<Answer> {
  const call = parseToolCall(params);
  if (typeof call === 'string') return refuseUnread(call, params, context);
  return call.name === GET_EXECUTION ? getExecution(call, context) : governedCall(call, context);
}

/** What is no call at all is an error of the protocol, but one who may call is in the traces with it, as everywhere. */
async function refuseUnread(message: string, params: RpcParams, context: McpContext): Promise<Answer> {
  const { refusal, traceId } = await refuse({ code: 'validation_failed', message }, params, context);
  const data = { code: refusal.code, request_id: context.requestId, trace_id: traceId };
  return { kind: 'error', error: { code: INVALID_PARAMS, message: refusal.message, data, status: 400 } };
}

/** By the key and not by whose it was when the head of the request came: its body may have taken a while. */
function refuse(refusal: Refusal, { name, arguments: args, _meta }: RpcParams, context: McpContext) {
  const { engine, requestId, apiKey } = context;
  const credential = { kind: 'key', raw: apiKey } as const;
  const extras = isObject(_meta) ? _meta[CALL_META] : undefined;
  const { agent_id } = isObject(extras) ? extras : {};
  return engine.refuse({ credential, requestId, body: { tool: name, params: args, agent_id }, refusal });
}

/** It is never broken off, whatever becomes of the connection. */
async function governedCall(call: ToolCall, context: McpContext): Promise<Answer> {
  const { engine, principal, requestId } = context;
  const beganAt = performance.now();
  const tool = engine.namedTool(principal, call.name);
  const input = toCallInput(call, tool, context);
  if (input.kind === 'refused') {
    const { refusal } = input;
    const named = { name: tool?.id ?? call.name, arguments: call.arguments, _meta: call.meta };
    return toToolResult(await refuse(refusal, named, context), tool, requestId);
  }
  const { timeout_ms: patience = HOLD_MS } = input.value.request;
  const first = await engine.call(input.value);
  if (first.kind === 'refused' && tool === null && NO_SUCH_TOOL.includes(first.refusal.code)) {
    const { code, message } = first.refusal;
    const data = { code, request_id: requestId, trace_id: first.traceId };
    return { kind: 'error', error: { code: INVALID_PARAMS, message, data } };
  }
  const ms = Math.min(HOLD_MS, patience) - (performance.now() - beganAt);
  return toToolResult(await awaitDecision(first, { engine, principal, requestId, ms }), tool, requestId);
}
