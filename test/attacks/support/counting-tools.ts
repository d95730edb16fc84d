import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolRequest {
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The key that the gateway sent on. */
  readonly key: string | undefined;
}

export interface ToolAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Answering = (request: ToolRequest) => ToolAnswer | 'break' | Promise<ToolAnswer | 'break'>;

/** The tools of the tests: one server, every call counted by the server itself, whatever the gateway says of it. */
export interface CountingTools extends AsyncDisposable {
  /** Where plain HTTP tools are: followed by the name of the tool. */
  readonly httpUrl: string;
  /** Where MCP tools are. */
  readonly mcpUrl: string;
  /** Every call that has reached a tool, in order. */
  readonly calls: readonly ToolRequest[];
  /** How often each tool was called; a tool that was not is not there. */
  counts(): Readonly<Record<string, number>>;
  /** How a tool answers from now on, in place of `{ok: true}`. */
  answer(tool: string, answering: Answering): void;
  /** Calls this at the next connection, before anything is read from it. */
  onNextConnection(react: () => void): void;
}

export async function openCountingTools(): Promise<CountingTools> {
  const calls: ToolRequest[] = [];
  const answers = new Map<string, Answering>();
  const run = async (request: ToolRequest): Promise<ToolAnswer | 'break'> => {
    calls.push(request);
    return answers.get(request.tool)?.(request) ?? { status: 200, body: { ok: true, n: calls.length } };
  };
  const server = createServer((request, response) => {
    serve(request, response, run).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    httpUrl: `${base}/http/`,
    mcpUrl: `${base}/mcp`,
    calls,
    counts: () => Object.fromEntries(countsOf(calls)),
    answer: (tool, answering) => void answers.set(tool, answering),
    onNextConnection: (react) => void server.once('connection', react),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function countsOf(calls: readonly ToolRequest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { tool } of calls) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return counts;
}

type Run = (request: ToolRequest) => Promise<ToolAnswer | 'break'>;

async function serve(request: IncomingMessage, response: ServerResponse, run: Run): Promise<void> {
  const text = await bodyOf(request);
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const key = request.headers['idempotency-key'] as string | undefined;
  const path = request.url ?? '';
  if (path === '/mcp') return serveMcp(response, { body, key }, run);
  const answer = await run({ tool: decodeURIComponent(path.slice('/http/'.length)), params: body, key });
  if (answer === 'break') request.socket.destroy();
  else send(response, answer);
}

/** As much of MCP as a small wrapper speaks: no session, bare results. */
async function serveMcp(
  response: ServerResponse,
  { body, key }: { readonly body: Record<string, unknown>; readonly key: string | undefined },
  run: Run,
): Promise<void> {
  const { id, method } = body;
  if (id === undefined) return send(response, { status: 202, body: null });
  const reply = (result: unknown) => send(response, { status: 200, body: { jsonrpc: '2.0', id, result } });
  if (method === 'initialize') {
    const serverInfo = { name: 'counting-tools', version: '1' };
    return reply({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  }
  if (method !== 'tools/call') {
    const error = { code: -32601, message: 'no such method' };
    return send(response, { status: 200, body: { jsonrpc: '2.0', id, error } });
  }
  const call = body['params'] as { name: string; arguments?: Record<string, unknown> };
  const answer = await run({ tool: call.name, params: call.arguments ?? {}, key });
  if (answer === 'break') response.socket?.destroy();
  else reply({ content: [{ type: 'text', text: JSON.stringify(answer.body) }], structuredContent: answer.body });
}

function send(response: ServerResponse, { status, body }: ToolAnswer): void {
  const text = body === null ? '' : JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
