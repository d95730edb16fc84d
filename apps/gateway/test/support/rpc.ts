import type { Answer, TestGateway } from './gateway.js';

export const MODERN = '2026-07-28';

export interface RpcOptions {
  readonly id?: unknown;
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  readonly meta?: object;
  readonly path?: string;
}

export interface RpcAnswer extends Answer {
  readonly result: Record<string, unknown>;
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly data?: Record<string, unknown>;
  };
}

/** A request of the stateless revision as a careful client sends it. */
export function modern(gateway: TestGateway, method: string, params: object = {}, options: RpcOptions = {}) {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
    ...options.meta,
  };
  const { name } = params as { name?: unknown };
  return post(
    gateway,
    { method, params: { ...params, _meta: envelope } },
    {
      ...options,
      headers: {
        'MCP-Protocol-Version': MODERN,
        'Mcp-Method': method,
        ...(typeof name === 'string' ? { 'Mcp-Name': name } : {}),
        ...options.headers,
      },
    },
  );
}

/** A request of the revisions before it. */
export function legacy(gateway: TestGateway, method: string, params: object = {}, options: RpcOptions = {}) {
  const { meta } = options;
  return post(
    gateway,
    { method, params: meta === undefined ? params : { ...params, _meta: meta } },
    {
      ...options,
      headers: { 'MCP-Protocol-Version': '2025-11-25', ...options.headers },
    },
  );
}

async function post(gateway: TestGateway, message: object, options: RpcOptions): Promise<RpcAnswer> {
  const { id = 1, key, headers = {}, path = '/mcp' } = options;
  const answer = await gateway.request('POST', path, {
    body: { jsonrpc: '2.0', id, ...message },
    ...(key === undefined ? {} : { key }),
    headers: { Accept: 'application/json, text/event-stream', ...headers },
  });
  return { ...answer, ...(answer.body as Pick<RpcAnswer, 'result' | 'error'>) };
}

/** What the text of a result says, where it is JSON. */
export function told({ result }: Pick<RpcAnswer, 'result'>): Record<string, unknown> {
  const [first] = result['content'] as { type: string; text: string }[];
  return JSON.parse(first?.text ?? 'null') as Record<string, unknown>;
}
