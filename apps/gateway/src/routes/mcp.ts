import { z } from 'zod';
import { RpcBody } from '../mcp/rpc.js';
import { serveMcp, toUnreadableReply } from '../mcp/serve-mcp.js';
import type { KeyedRoute } from '../route.js';
import { CallHeaders } from './call.js';

const McpHeaders = CallHeaders.omit({ Prefer: true }).extend({
  'MCP-Protocol-Version': z.string().optional().describe('2026-07-28, or a revision with `initialize`.'),
  'Mcp-Method': z.string().optional().describe('As in the body; required from 2026-07-28 on.'),
  'Mcp-Name': z.string().optional().describe('`params.name` of tools/call; required from 2026-07-28 on.'),
});

/** POST /mcp: the Model Context Protocol over Streamable HTTP, without sessions. */
export const mcp: KeyedRoute = {
  method: 'post',
  path: '/mcp',
  summary: 'Speak MCP: list the tools of this key and call them through the pipeline',
  access: ['tools:call', 'tools:read', 'traces:read'],
  headers: McpHeaders,
  body: RpcBody,
  answers: {
    200: { description: 'A JSON-RPC response. A call that was not done is a result with `isError`.' },
    202: { description: 'A notification or a response was taken; nothing is said to it.' },
    400: { description: 'A JSON-RPC error: no message, or headers and body do not fit.' },
    404: { description: 'A JSON-RPC error: there is no such method.' },
  },
  unreadable: toUnreadableReply,
  handle: serveMcp,
};
