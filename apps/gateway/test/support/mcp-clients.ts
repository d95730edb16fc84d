import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { FULL, type TestGateway } from './gateway.js';

export interface CallResult {
  readonly content: { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Record<string, unknown>;
}

/** A host's client, whatever SDK it is made with. */
export interface HostClient extends AsyncDisposable {
  version(): string | undefined;
  listTools(): Promise<
    { readonly name: string; readonly inputSchema: unknown; readonly outputSchema?: unknown }[]
  >;
  callTool(name: string, args?: object, meta?: object): Promise<CallResult>;
}

export type OpenClient = (gateway: TestGateway, key?: string) => Promise<HostClient>;

const INFO = { name: 'host', version: '1' };

function open(mode: 'auto' | 'legacy'): OpenClient {
  return async (gateway, key = FULL) => {
    const client = new Client(INFO, mode === 'auto' ? { versionNegotiation: { mode } } : {});
    const requestInit = { headers: { Authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit }));
    return {
      version: () => client.getNegotiatedProtocolVersion(),
      listTools: async () => (await client.listTools()).tools,
      callTool: async (name, args = {}, _meta = {}) =>
        (await client.callTool({ name, arguments: { ...args }, _meta: { ..._meta } })) as CallResult,
      [Symbol.asyncDispose]: () => client.close(),
    };
  };
}

const openOld: OpenClient = async (gateway, key = FULL) => {
  const client = new OldClient(INFO);
  const transport = new OldTransport(new URL(`${gateway.url}/v1/mcp`), {
    requestInit: { headers: { 'X-API-Key': key } },
  });
  await client.connect(transport as never);
  return {
    version: () => transport.protocolVersion,
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, args = {}, _meta = {}) =>
      (await client.callTool({ name, arguments: { ...args }, _meta: { ..._meta } })) as CallResult,
    [Symbol.asyncDispose]: () => client.close(),
  };
};

/** Clients of both eras, and the one that most hosts still have. */
export const CLIENTS: readonly (readonly [name: string, open: OpenClient, version: string])[] = [
  ['the SDK 2.x', open('auto'), '2026-07-28'],
  ['the SDK 2.x with a handshake', open('legacy'), '2025-11-25'],
  ['the SDK 1.x', openOld, '2025-11-25'],
];
