/** @import { ToolOutcome } from '../types.ts' */

/**
 * Calls a tool over MCP as an agent does without Invoke: one POST, and an answer within the time or none.
 * @param {string} mcpUrl
 * @param {{ readonly tool: string, readonly params: Readonly<Record<string, unknown>>, readonly timeoutMs: number }} call
 * @returns {Promise<ToolOutcome>}
 */
export async function callDirectly(mcpUrl, { tool, params, timeoutMs }) {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: params } };
  try {
    const answer = await fetch(mcpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) return { kind: 'failed', why: `HTTP ${answer.status}` };
    const { result, error } = /** @type {any} */ (await answer.json());
    if (error !== undefined) return { kind: 'failed', why: error.message };
    if (result.isError === true) return { kind: 'failed', why: result.content[0].text };
    return { kind: 'answered', value: result.structuredContent };
  } catch (error) {
    return { kind: 'failed', why: reasonOf(error, timeoutMs) };
  }
}

/** @param {unknown} error @param {number} timeoutMs */
function reasonOf(error, timeoutMs) {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return 'connection lost';
}
