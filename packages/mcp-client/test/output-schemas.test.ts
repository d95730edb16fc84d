import { FieldDrift } from '@invoke/contract';
import { createMcpHandler, McpServer as ModernServer } from '@modelcontextprotocol/server';
import { McpServer as LegacyServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { expect, test } from 'vitest';
import { openInvoker } from './support/invoker.js';
import { serveHttp, type Running } from './support/serve.js';
import { aCall, mcp } from './support/tool-call.js';

/* Which schema does not matter: none of the results fits. */
const TOOL = { outputSchema: FieldDrift };
const text = [{ type: 'text', text: 'paid' }] as const;

const RESULTS = [
  { cell: 'without what its schema asks for', result: { content: [...text] } },
  { cell: 'with what does not fit', result: { content: [...text], structuredContent: { paid: 1 } } },
];

const SERVERS = [
  { sdk: 'SDK 1.x', serve: serveLegacyTool },
  { sdk: 'SDK 2.x', serve: serveModernTool },
];

const cells = SERVERS.flatMap((server) => RESULTS.map((result) => ({ ...server, ...result })));

test.for(cells)('$sdk, a tool that has run and answers $cell: nobody knows', async ({ serve, result }) => {
  let runs = 0;
  await using server = await serve(() => {
    runs += 1;
    return result;
  });
  await using invoker = openInvoker();
  const reply = await invoker.invoke(aCall(mcp(`${server.origin}/mcp`, 'pay')));
  expect(reply).toMatchObject({ kind: 'failure', sent: true, reason: 'invalid_response' });
  expect(runs).toBe(1);
});

type Result = (typeof RESULTS)[number]['result'];

function serveLegacyTool(run: () => Result): Promise<Running> {
  return serveHttp(async (req, res) => {
    const server = new LegacyServer({ name: 'legacy', version: '1' });
    server.registerTool('pay', TOOL as never, run as never);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined } as never);
    await server.connect(transport as never);
    await transport.handleRequest(req, res);
  });
}

async function serveModernTool(run: () => Result): Promise<Running> {
  const handler = createMcpHandler(() => {
    const server = new ModernServer({ name: 'modern', version: '1' });
    server.registerTool('pay', TOOL, run as never);
    return server;
  });
  return serveHttp(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(chunks).toString() || null;
    const request = new Request(`http://127.0.0.1${req.url}`, { method: req.method ?? 'GET', headers, body });
    const response = await handler.fetch(request);
    res.writeHead(response.status, Object.fromEntries(response.headers));
    res.end(Buffer.from(await response.arrayBuffer()));
  });
}
