import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';
import { callTool, registerHttpTool, registerProvider, startGateway } from '../subjects/gateway.mjs';
/** @import { DatabaseStore } from '@invoke/storage/sqlite' */
/** @import { Site } from '../types.ts' */

/** @typedef {Awaited<ReturnType<DatabaseStore['executions']['list']>>[number]} ExecutionRecord */

const TOOLS = 20;
/** Its executions are few, and the same number in any store. */
export const RARE_TOOL = 'growth_rare';
/** One of the tools that most executions are of. */
export const COMMON_TOOL = toolName(0);
const PAGE = 100;

/**
 * What the stores are filled with: for each tool one call that completed and one that failed, made by a real gateway.
 * @param {Site} site
 * @returns {Promise<{ readonly tenant: string, readonly templates: readonly ExecutionRecord[] }>} As a gateway has written them; their traces are told from them.
 */
export async function makeTemplates(site) {
  const { createSqliteStore } = await import('@invoke/storage/sqlite');
  const dataDir = mkdtempSync(join(site.dir, 'templates-'));
  const gateway = await startGateway(site, { dataDir, env: { FAILURE_POLICY_MAX_RETRIES: '0' } });
  const names = [...Array.from({ length: TOOLS }, (_, i) => toolName(i)), RARE_TOOL];
  const provider = await registerProvider(site, gateway.url);
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  for (const [i, name] of names.entries()) {
    const agent = `agent_${i % 7}`;
    /* The same tool again, with an address where nobody listens. */
    for (const [url, status] of [
      [`${site.upstreamUrl}/`, 200],
      [nobody, 502],
    ]) {
      await registerHttpTool(site, gateway.url, { provider, name, url: String(url), idempotency: {} });
      const answered = await callTool(site, gateway.url, { tool: name, agent });
      if ((answered === 200) !== (status === 200)) throw new Error(`${name} at ${url} answered ${answered}`);
    }
  }
  await gateway.stop();
  const store = await createSqliteStore({ dataDir });
  try {
    return await readTemplates(store, 2 * names.length);
  } finally {
    await store.close();
  }
}

/** @param {DatabaseStore} store @param {number} count */
async function readTemplates(store, count) {
  const tenant = 'default';
  const query = { tenant, limit: PAGE, before: null, state: null, tool: null, agentId: null };
  const templates = await store.executions.list(query);
  if (templates.length !== count) throw new Error(`${count} calls left ${templates.length} executions`);
  return { tenant, templates };
}

/** @param {number} n */
function toolName(n) {
  return `growth_${String(n).padStart(2, '0')}`;
}
