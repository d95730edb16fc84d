import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { callBody, registerHttpTool, registerProvider, startGateway } from '../subjects/gateway.mjs';
import { COMMON_TOOL, RARE_TOOL } from './templates.mjs';
/** @import { GatewayOptions } from '../subjects/gateway.mjs' */
/** @import { Site } from '../types.ts' */
/** @import { Operation } from './costs.mjs' */
/** @import { Named } from './fill.mjs' */
/** @import { ExecutionRecord } from './templates.mjs' */

/**
 * A gateway on a filled store, and what may be asked of it.
 * @typedef {object} Api
 * @property {(path: string) => Promise<number>} list Milliseconds until the whole answer is there.
 * @property {(call: { readonly tool: string, readonly agent: string, readonly key: string }, expect: string) => Promise<number>} call
 * @property {readonly Named[]} executions Oldest first.
 * @property {() => Promise<void>} close
 */

/** @type {readonly Operation<Api>[]} */
export const API_OPERATIONS = [
  {
    title: 'a new call',
    times: 60,
    run: ({ call }) =>
      call({ tool: COMMON_TOOL, agent: 'agent_0', key: randomUUID() }, '"status":"completed"'),
  },
  { title: 'replay of any call', times: 200, run: (api) => replay(api, Infinity) },
  { title: 'replay of a call of the last 1,000', times: 200, run: (api) => replay(api, 1_000) },
  list('list of the last 50', ''),
  list('by tool, a common one', `&tool=${COMMON_TOOL}`),
  list('by tool, a rare one', `&tool=${RARE_TOOL}`),
  list('by outcome, completed', '&status=completed'),
  list('by outcome, failed', '&status=failed'),
  list('by tool and outcome, common and completed', `&tool=${COMMON_TOOL}&status=completed`),
  list('by tool and outcome, common and failed', `&tool=${COMMON_TOOL}&status=failed`),
  list('by tool and outcome, rare and failed (none)', `&tool=${RARE_TOOL}&status=failed`),
  list('by agent', '&agent_id=agent_1'),
];

/** @param {string} title @param {string} filter @returns {Operation<Api>} */
function list(title, filter) {
  return { title, times: 60, run: (api) => api.list(`/v1/executions?limit=50${filter}`) };
}

/** @param {Api} api @param {number} last How many of the newest it may be one of. */
function replay({ call, executions }, last) {
  const range = Math.min(last, executions.length);
  for (;;) {
    const one = executions[executions.length - 1 - Math.floor(Math.random() * range)];
    if (one?.state !== 'completed' || one.idempotencyKey === null) continue;
    return call({ tool: one.tool, agent: one.agentId ?? '', key: one.idempotencyKey }, '"replayed":true');
  }
}

/**
 * Starts a gateway on a filled store and registers the tools that its executions are of.
 * @param {Site} site
 * @param {GatewayOptions} options Where the store is.
 * @param {{ readonly templates: readonly ExecutionRecord[], readonly executions: readonly Named[] }} contents
 * @returns {Promise<Api>}
 */
export async function openApi(site, options, { templates, executions }) {
  const gateway = await startGateway(site, options);
  try {
    const provider = await registerProvider(site, gateway.url);
    const url = `${site.upstreamUrl}/`;
    for (const name of new Set(templates.map((t) => t.tool))) {
      await registerHttpTool(site, gateway.url, { provider, name, url, idempotency: {} });
    }
  } catch (error) {
    await gateway.stop();
    throw error;
  }
  const pool = new Pool(gateway.url, { connections: 1 });
  const headers = { 'content-type': 'application/json', 'x-api-key': site.apiKey };
  /** @param {Parameters<Pool['request']>[0]} request @param {string} expect */
  const ask = async (request, expect) => {
    const from = performance.now();
    const answer = await pool.request({ ...request, headers });
    const text = await answer.body.text();
    const ms = performance.now() - from;
    if (answer.statusCode !== 200 || !text.includes(expect)) {
      throw new Error(`${request.path} was answered with ${answer.statusCode}: ${text}`);
    }
    return ms;
  };
  return {
    executions,
    list: (path) => ask({ method: 'GET', path }, '"executions":['),
    call: (call, expect) => ask({ method: 'POST', path: '/v1/call', body: callBody(call) }, expect),
    close: () => pool.close().then(gateway.stop),
  };
}
