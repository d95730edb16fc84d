import type { Engine, Principal } from '@invoke/core';
import { GET_EXECUTION } from '@invoke/core/domain';
import type { RouteContext } from '../route.js';
import { getExecution } from './get-execution.js';
import { awaitDecision } from './holding.js';
import { HOLD_MS, parseToolCall, toCallInput, type ToolCall } from './read-tool-call.js';
import type { Answer } from './result.js';
import { INVALID_PARAMS, type RpcParams } from './rpc.js';
import { toToolResult } from './to-tool-result.js';

export interface McpContext extends Pick<RouteContext, 'incoming' | 'requestId'> {
  readonly engine: Engine;
  readonly principal: Principal;
}

/** To these, a name stands for no tool that this key has: the protocol has an error of its own for that. */
const NO_SUCH_TOOL: readonly string[] = ['not_found', 'tool_not_allowed', 'tool_conflict'];

/** `tools/call`: one governed call, or a look at what became of one. */
export async function callTool(params: RpcParams, context: McpContext): Promise<Answer> {
  const call = parseToolCall(params);
  if (typeof call === 'string') {
    return { kind: 'error', error: { code: INVALID_PARAMS, message: call, status: 400 } };
  }
  return call.name === GET_EXECUTION ? getExecution(call, context) : governedCall(call, context);
}

/** It is never broken off, whatever becomes of the connection. */
async function governedCall(call: ToolCall, context: McpContext): Promise<Answer> {
  const { engine, principal, requestId } = context;
  const beganAt = performance.now();
  const tool = engine.namedTool(principal, call.name);
  const input = toCallInput(call, tool, context);
  if (input.kind === 'refused') {
    const { refusal } = input;
    const body = { tool: tool?.id ?? call.name, params: call.arguments };
    const credential = { kind: 'principal', principal } as const;
    return toToolResult(await engine.refuse({ credential, requestId, body, refusal }), tool, requestId);
  }
  const { timeout_ms: patience = HOLD_MS } = input.value.request;
  const first = await engine.call(input.value);
  if (first.kind === 'refused' && tool === null && NO_SUCH_TOOL.includes(first.refusal.code)) {
    const { code, message } = first.refusal;
    const data = { code, request_id: requestId, trace_id: first.traceId };
    return { kind: 'error', error: { code: INVALID_PARAMS, message, data } };
  }
  const ms = Math.min(HOLD_MS, patience) - (performance.now() - beganAt);
  return toToolResult(await awaitDecision(first, { engine, principal, ms }), tool, requestId);
}
