import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.js';
import { startGateway, type WrapPorts } from '../../src/start-gateway.js';

export const FULL = 'inv_test_full_0123456789';
export const SCOPED = 'inv_test_scoped_0123456789';
export const CALL_ONLY = 'inv_test_callonly_0123456789';
export const APPROVER = 'inv_test_approver_0123456789';
export const TENANT_B = 'inv_test_tenantb_0123456789';

const SCOPES = {
  [SCOPED]: {
    scopes: ['tools:read', 'tools:call', 'traces:read'],
    allowed_tools: ['read_state'],
    read_only: true,
    agent_id: 'research_agent_v1',
    envs: ['dev', 'prod'],
    workflows: ['market_research'],
  },
  [CALL_ONLY]: { scopes: ['tools:call'] },
  [APPROVER]: { scopes: ['approvals:read', 'approvals:write'] },
  [TENANT_B]: {
    tenant: 'b',
    scopes: ['tools:read', 'tools:call', 'traces:read', 'providers:admin'],
  },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  /** Without `key: null` the full key is sent. */
  request(
    method: string,
    path: string,
    options?: { body?: unknown; key?: string | null; headers?: Record<string, string> },
  ): Promise<Answer>;
}

/** A real gateway on a port of its own, over SQLite in a folder of its own. */
export async function openGateway(env: Record<string, string> = {}, wrap?: WrapPorts): Promise<TestGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invoke-gateway-'));
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_DATA_DIR: dataDir,
    INVOKE_API_KEYS: FULL,
    INVOKE_API_KEY_SCOPES: JSON.stringify(SCOPES),
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    INVOKE_LOG_FILE: join(dataDir, 'log.jsonl'),
    ...env,
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  const gateway = await startGateway(parsed.config, wrap);
  return {
    url: gateway.url,
    async request(method, path, { body, key = FULL, headers = {} } = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(gateway.url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(key === null ? {} : { 'X-API-Key': key }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
      };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
