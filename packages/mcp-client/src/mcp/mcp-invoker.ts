import type { JsonObject } from '@invoke/contract';
import type { ToolBinding, ToolFailure, ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import { isPlaceholderUrl, parseWebUrl } from '../address/check-tool-url.js';
import { putKeyIntoParams, toKeyHeaders } from '../call-key.js';
import type { ConnectResult, RpcCall } from './connection.js';
import { toMcpReply } from './to-mcp-reply.js';
import type { Upstreams } from './upstreams.js';

/** Where MCP servers find our key. The protocol has no place of its own for one. */
const KEY_META = 'dev.invoke/idempotencyKey';

/** One attempt on a tool of an MCP server. */
export async function invokeMcp(
  upstreams: Upstreams,
  binding: Extract<ToolBinding, { kind: 'mcp' }>,
  call: ToolCall,
): Promise<ToolReply> {
  if (isPlaceholderUrl(binding.url)) {
    return notSent('not_configured', 'the address of this tool is still a placeholder');
  }
  const url = parseWebUrl(binding.url);
  if (typeof url === 'string') return notSent('not_configured', url);

  const startedAt = performance.now();
  const connected = await within(upstreams.connect(url), call.giveUpAfterMs);
  if (connected.kind === 'failure') return connected;
  if (connected.kind === 'refused') {
    return toMcpReply({ ...connected.answer, kind: 'http' }, NO_SESSION).reply;
  }

  const { connection } = connected;
  const deadlineMs = call.giveUpAfterMs - (performance.now() - startedAt);
  const outcome = await connection.call(toRpcCall(binding.tool, call, deadlineMs));
  const { reply, reconnect } = toMcpReply(outcome, connection);
  if (reconnect) upstreams.drop(url, connection);
  return reply;
}

const NO_SESSION = { era: 'legacy', hasSession: false } as const;

function toRpcCall(name: string, call: ToolCall, deadlineMs: number): RpcCall {
  const meta: JsonObject = {};
  if (call.downstreamKey !== null) meta[KEY_META] = call.downstreamKey;
  if (call.traceparent !== null) meta['traceparent'] = call.traceparent;
  return {
    name,
    arguments: putKeyIntoParams(call),
    meta,
    headers: toKeyHeaders(call),
    inputSchema: call.tool.card.input_schema,
    mayStillSend: call.mayStillSend,
    deadlineMs: Math.max(1, Math.round(deadlineMs)),
  };
}

async function within(connecting: Promise<ConnectResult>, ms: number): Promise<ConnectResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ToolFailure>((resolve) => {
    timer = setTimeout(() => resolve(notSent('connect_failed', `no handshake within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notSent(reason: 'not_configured' | 'connect_failed', message: string): ToolFailure {
  return { kind: 'failure', sent: false, reason, message };
}
