// A small MCP server over HTTP without dependencies: JSON-RPC in, plain JSON out. Run it with `invoke dev`, or with
// `node server.ts` (Node 22.18 or newer). The tools are in server.ts; there is no need to change this file.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Params = Record<string, unknown>;

export interface ToolContext {
  /**
   * The same for every attempt of one call: a tool that keeps it and answers a second time from its notes does nothing
   * twice, whatever happens on the way. Missing where the caller is not Invoke.
   */
  readonly idempotencyKey: string | undefined;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Params;
  /** @throws ToolError for what the caller should hear of */
  call(params: Params, context: ToolContext): Promise<unknown>;
}

/** The tool did not do it, and says why. */
export class ToolError extends Error {}

interface Rpc {
  readonly id: string | number | null;
  readonly method: string;
  readonly params: Params;
}

const PROTOCOLS = ['2025-11-25', '2025-06-18', '2025-03-26'];
const MAX_BODY_BYTES = 1_048_576;

/** Serves the tools at /mcp of HOST (127.0.0.1) and PORT (8787). */
export function serve(name: string, tools: readonly Tool[]): void {
  const host = process.env['HOST'] || '127.0.0.1';
  const port = Number(process.env['PORT'] || 8787);
  const server = createServer((request, response) => {
    answer({ name, tools }, request, response).catch((error: unknown) => {
      console.error(error);
      if (!response.headersSent) send(response, 500, { error: 'internal error' });
    });
  });
  server.listen(port, host, () => console.log(`${name}: MCP at http://${host}:${port}/mcp`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(server));
  // `invoke dev` holds the other end of this channel: when it is gone, nobody looks after this process any more.
  process.on('disconnect', () => stop(server));
}

function stop(server: ReturnType<typeof createServer>): void {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 1_000).unref();
}

interface Served {
  readonly name: string;
  readonly tools: readonly Tool[];
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLocal(request)) return send(response, 403, { error: 'only for programs on this machine' });
  if (request.url !== '/mcp') return send(response, 404, { error: 'not found' });
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return send(response, 405, { error: 'method not allowed' });
  }
  const body = await readJson(request);
  if (body === undefined) return send(response, 400, rpcError(null, -32700, 'Parse error'));
  const rpc = toRpc(body);
  if (rpc === undefined) return send(response, 400, rpcError(null, -32600, 'Invalid request'));
  // A notification (no id): nothing to answer.
  if (rpc.id === null) return send(response, 202, undefined);
  send(response, 200, await handle(served, rpc, request));
}

async function handle({ name, tools }: Served, rpc: Rpc, request: IncomingMessage): Promise<object> {
  switch (rpc.method) {
    case 'initialize': {
      const asked = String(rpc.params['protocolVersion']);
      const protocolVersion = PROTOCOLS.includes(asked) ? asked : PROTOCOLS[0];
      const serverInfo = { name, version: '0.1.0' };
      return rpcResult(rpc.id, { protocolVersion, capabilities: { tools: {} }, serverInfo });
    }
    case 'ping':
      return rpcResult(rpc.id, {});
    case 'tools/list': {
      const list = tools.map((tool) => ({
        name: tool.name,
        description: tool.description,
        inputSchema: tool.inputSchema,
      }));
      return rpcResult(rpc.id, { tools: list });
    }
    case 'tools/call': {
      const tool = tools.find((candidate) => candidate.name === rpc.params['name']);
      if (tool === undefined) return rpcError(rpc.id, -32602, `Unknown tool: ${String(rpc.params['name'])}`);
      return rpcResult(rpc.id, await callTool(tool, rpc.params, request));
    }
    default:
      return rpcError(rpc.id, -32601, `Method not found: ${rpc.method}`);
  }
}

async function callTool(tool: Tool, params: Params, request: IncomingMessage): Promise<object> {
  const header = request.headers['idempotency-key'];
  const idempotencyKey = typeof header === 'string' ? header : undefined;
  try {
    const result = await tool.call(isObject(params['arguments']) ? params['arguments'] : {}, {
      idempotencyKey,
    });
    const text = JSON.stringify(result);
    return { content: [{ type: 'text', text }], ...(isObject(result) ? { structuredContent: result } : {}) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { content: [{ type: 'text', text: error.message }], isError: true };
  }
}

/** A web page that somebody opens must not be able to call tools here, not even by a host name that leads to 127.0.0.1. */
function isLocal({ headers }: IncomingMessage): boolean {
  const names = ['127.0.0.1', 'localhost', '[::1]', process.env['HOST']];
  const host = headers.host?.replace(/:\d+$/, '');
  if (host === undefined || !names.includes(host)) return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function toRpc(body: unknown): Rpc | undefined {
  if (!isObject(body) || body['jsonrpc'] !== '2.0' || typeof body['method'] !== 'string') return undefined;
  const { id, params } = body;
  const isId = typeof id === 'string' || typeof id === 'number';
  return { id: isId ? id : null, method: body['method'], params: isObject(params) ? params : {} };
}

function rpcResult(id: Rpc['id'], result: object): object {
  return { jsonrpc: '2.0', id, result };
}

function rpcError(id: Rpc['id'], code: number, message: string): object {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function send(response: ServerResponse, status: number, body: object | undefined): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
