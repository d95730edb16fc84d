import { isRecord, type JsonRecord } from '../records.js';
import { CLI_VERSION } from '../version.js';

/** What a look at a local MCP server has shown. */
export type McpProbe =
  | { readonly kind: 'ok'; readonly tools: readonly string[] }
  | { readonly kind: 'unreachable'; readonly reason: string };

const PROBE_TIMEOUT_MS = 3_000;

/** Asks an MCP server for its tools. Only for servers that answer in plain JSON, as local ones and wrappers do. */
export async function probeMcp(mcpUrl: string): Promise<McpProbe> {
  try {
    await rpc(mcpUrl, 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'invoke-cli', version: CLI_VERSION },
    });
    const { tools } = await rpc(mcpUrl, 'tools/list', {});
    const names = Array.isArray(tools)
      ? tools.map((tool) => (isRecord(tool) ? tool['name'] : undefined))
      : [];
    return { kind: 'ok', tools: names.filter((name) => typeof name === 'string') };
  } catch (error) {
    return { kind: 'unreachable', reason: reasonOf(error) };
  }
}

async function rpc(mcpUrl: string, method: string, params: JsonRecord): Promise<JsonRecord> {
  const response = await fetch(mcpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    redirect: 'manual',
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  const answer: unknown = response.ok ? await response.json() : undefined;
  const result = isRecord(answer) ? answer['result'] : undefined;
  if (!isRecord(result)) throw new Error(`HTTP ${response.status}, but no MCP answer to ${method}`);
  return result;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code ?? error.message;
}
