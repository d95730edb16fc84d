import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler, Server as ModernServer } from '@modelcontextprotocol/server';
import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { serveHttp, type Running } from './serve.js';

export interface ToolRun {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
  readonly headers: Record<string, string>;
}
type ToolResult = Record<string, unknown>;
export type RunTool = (run: ToolRun) => ToolResult | Promise<ToolResult>;

export interface McpServer extends Running {
  readonly url: string;
  /** Every `tools/call` that reached the handler: the effects. */
  readonly runs: ToolRun[];
  /** HTTP requests so far, `METHOD rpc-method`. */
  readonly requests: string[];
}

/** MCP 2026-07-28 by the SDK 2.x, without sessions. */
export async function serveModern(runTool: RunTool): Promise<McpServer> {
  const runs: ToolRun[] = [];
  const requests: string[] = [];
  const handler = createMcpHandler(
    () => {
      const server = new ModernServer({ name: 'modern', version: '1' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/call', async (request, ctx) => {
        const { name, arguments: args = {}, _meta = {} } = request.params;
        const run = {
          name,
          arguments: args,
          meta: _meta,
          headers: Object.fromEntries(ctx.http?.req?.headers ?? []),
        };
        runs.push(run);
        return (await runTool(run)) as never;
      });
      return server;
    },
    { legacy: 'reject' },
  );
  const running = await serveHttp(async (req, res) => {
    const body = await readBody(req);
    requests.push(`${req.method} ${methodOf(body)}`);
    const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const request = new Request(`http://127.0.0.1${req.url}`, {
      method: req.method ?? 'GET',
      headers,
      body: body || null,
    });
    const response = await handler.fetch(request);
    res.writeHead(response.status, Object.fromEntries(response.headers));
    res.end(Buffer.from(await response.arrayBuffer()));
  });
  return { ...running, url: `${running.origin}/mcp`, runs, requests };
}

export interface LegacyOptions {
  /** JSON bodies in place of event streams. */
  readonly json?: boolean;
  /** 404 (as the protocol has it) or 400 (as examples in the wild have it) for a session that is not known. */
  readonly unknownSession?: 404 | 400;
}

/** MCP 2025-11-25 by the SDK 1.x, with sessions. */
export async function serveLegacy(
  runTool: RunTool,
  options: LegacyOptions = {},
): Promise<McpServer & { forgetSessions(): void; sessions(): number }> {
  const runs: ToolRun[] = [];
  const requests: string[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const running = await serveHttp(async (req, res) => {
    const body = await readBody(req);
    requests.push(`${req.method} ${methodOf(body)}`);
    const transport = sessions.get(String(req.headers['mcp-session-id']));
    if (transport !== undefined) {
      return transport.handleRequest(req, res, body ? JSON.parse(body) : undefined);
    }
    if (req.method !== 'POST' || !isInitializeRequest(JSON.parse(body || 'null'))) {
      return answerJson(res, options.unknownSession ?? 404, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: 'Bad Request: No valid session ID provided' },
      });
    }
    await openSession().handleRequest(req, res, JSON.parse(body));
  });

  function openSession(): StreamableHTTPServerTransport {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: options.json ?? false,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const server = new LegacyServer({ name: 'legacy', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
      const { name, arguments: args = {}, _meta = {} } = request.params;
      const run = { name, arguments: args, meta: _meta, headers: toRecord(extra.requestInfo?.headers ?? {}) };
      runs.push(run);
      return (await runTool(run)) as never;
    });
    void server.connect(transport as never);
    return transport;
  }

  return {
    ...running,
    url: `${running.origin}/mcp`,
    runs,
    requests,
    forgetSessions: () => sessions.clear(),
    sessions: () => sessions.size,
  };
}

export interface WrapperOptions {
  /** What methods other than tools/call get. */
  readonly unknown?: (res: ServerResponse, id: unknown) => void;
}

/** A hand-written wrapper: HTTP/1.0, bare results, Content-Length, no handshake, 404 to GET. */
export async function serveWrapper(runTool: RunTool, options: WrapperOptions = {}): Promise<McpServer> {
  const runs: ToolRun[] = [];
  const requests: string[] = [];
  const running = await serveHttp(async (req, res) => {
    res.shouldKeepAlive = false;
    const body = await readBody(req);
    requests.push(`${req.method} ${methodOf(body)}`);
    if (req.method !== 'POST') return answerJson(res, 404, { error: 'not found' });
    const { id, method, params } = JSON.parse(body);
    if (method !== 'tools/call') {
      const refuse =
        options.unknown ??
        ((to) => answerJson(to, 200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }));
      return refuse(res, id);
    }
    const run = {
      name: params.name,
      arguments: params.arguments,
      meta: params._meta ?? {},
      headers: toRecord(req.headers),
    };
    runs.push(run);
    answerJson(res, 200, { jsonrpc: '2.0', id, result: await runTool(run) });
  });
  return { ...running, url: `${running.origin}/mcp`, runs, requests };
}

export async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function answerJson(res: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
}

function methodOf(body: string): string {
  try {
    return String(JSON.parse(body).method ?? 'response');
  } catch {
    return '-';
  }
}

function toRecord(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
