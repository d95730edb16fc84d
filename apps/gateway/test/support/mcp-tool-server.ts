import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface McpToolServer extends AsyncDisposable {
  readonly url: string;
  /** The `params` of every tools/call, in order. */
  readonly runs: {
    readonly name: string;
    readonly arguments: Record<string, unknown>;
    readonly _meta?: Record<string, unknown>;
  }[];
}

/** A bare MCP server: each tool returns the result that stands here under its name. */
export async function openMcpToolServer(results: Readonly<Record<string, object>>): Promise<McpToolServer> {
  const runs: McpToolServer['runs'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { id, method, params } = JSON.parse(text === '' ? '{}' : text);
      if (method === 'tools/call') runs.push(params);
      const answer =
        method === 'tools/call'
          ? { result: results[params.name] }
          : { error: { code: -32601, message: 'Method not found' } };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: id ?? null, ...answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    runs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
