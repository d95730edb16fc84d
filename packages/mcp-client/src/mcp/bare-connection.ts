import type { Connection, Upstream } from './connection.js';
import { postRpc } from './post-rpc.js';

/**
 * JSON-RPC by POST and nothing around it, for servers that know no handshake of MCP or one that the SDK does not accept.
 * A session id that came with such a handshake is sent along, but nothing is concluded from it.
 */
export function createBareConnection({ pools, url }: Upstream, sessionId: string | null): Connection {
  let lastId = 0;
  const session: Record<string, string> = sessionId === null ? {} : { 'mcp-session-id': sessionId };
  return {
    era: 'bare',
    hasSession: false,
    call(call) {
      const id = ++lastId;
      const params = { name: call.name, arguments: call.arguments, _meta: call.meta };
      return postRpc(pools, {
        url,
        headers: {
          ...call.headers,
          ...session,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }),
        id,
        mayStillSend: call.mayStillSend,
        deadlineMs: call.deadlineMs,
      });
    },
    async close() {},
  };
}
