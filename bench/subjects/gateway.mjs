import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_PLACEHOLDER } from '../load/request-bytes.mjs';
/** @import { LoadRequest, RunningProcess, RunningSubject, Site } from '../types.ts' */

/**
 * @typedef {object} GatewayOptions
 * @property {string} [databaseUrl]
 * @property {string} [dataDir] Of a SQLite file that is there already.
 * @property {readonly object[]} [rules]
 * @property {Readonly<Record<string, string>>} [env] More variables for its process.
 * @property {readonly string[]} [nodeArgs]
 */

/**
 * A gateway with everything on, on a fresh SQLite file or on the database that is given.
 * @param {Site} site
 * @param {GatewayOptions} [options]
 * @returns {Promise<RunningProcess>}
 */
export function startGateway({ dir, apiKey, gatewayMain, start }, options = {}) {
  const { databaseUrl, rules, env = {}, nodeArgs = [] } = options;
  const cwd = mkdtempSync(join(dir, 'gateway-'));
  const dataDir = options.dataDir ?? join(cwd, 'data');
  const policyFile = join(cwd, 'policy.json');
  if (rules !== undefined) writeFileSync(policyFile, JSON.stringify({ rules }));
  return start({
    name: 'gateway',
    args: [...nodeArgs, gatewayMain],
    cwd,
    ready: /(http:\/\/127\.0\.0\.1:\d+)/,
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      INVOKE_API_KEYS: apiKey,
      INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
      ...(rules === undefined ? {} : { INVOKE_POLICY_FILE: policyFile }),
      ...(databaseUrl === undefined ? { INVOKE_DATA_DIR: dataDir } : { DATABASE_URL: databaseUrl }),
      ...env,
    },
  });
}

/** `C`: a write tool that declares nothing. `A`: one that honours our key in a header. */
export const TOOL_NAMES = { C: 'bench_write', A: 'bench_write_keyed' };

/**
 * Registers the plain HTTP tools that point at the upstream.
 * @param {Site} site
 * @param {string} gatewayUrl
 */
export async function registerTools(site, gatewayUrl) {
  const provider = await registerProvider(site, gatewayUrl);
  const url = `${site.upstreamUrl}/`;
  await registerHttpTool(site, gatewayUrl, { provider, name: TOOL_NAMES.C, url, idempotency: {} });
  const idempotency = { header: 'Idempotency-Key' };
  await registerHttpTool(site, gatewayUrl, { provider, name: TOOL_NAMES.A, url, idempotency });
}

/**
 * Gateways under load: fresh calls of one tool, spread over them.
 * @param {readonly RunningProcess[]} gateways
 * @param {{ readonly apiKey: string, readonly toolClass?: keyof typeof TOOL_NAMES, readonly stop?: () => Promise<void> }} how
 * @returns {RunningSubject}
 */
export function toSubject(gateways, { apiKey, toolClass = 'C', stop = async () => {} }) {
  return {
    urls: gateways.map((g) => g.url),
    pids: gateways.map((g) => g.pid),
    request: callRequest(TOOL_NAMES[toolClass], apiKey),
    upstreamCalls: 1,
    stop,
  };
}

/** @param {Site} site @param {string} gatewayUrl @returns {Promise<string>} Its id. */
export async function registerProvider(site, gatewayUrl) {
  const { provider } = await post(site, `${gatewayUrl}/v1/providers`, { name: 'Bench', slug: 'bench' });
  return provider.id;
}

/**
 * @param {Site} site
 * @param {string} gatewayUrl
 * @param {{ readonly provider: string, readonly name: string, readonly url: string, readonly idempotency: object }} tool
 */
export async function registerHttpTool(site, gatewayUrl, { provider, name, url, idempotency }) {
  await post(site, `${gatewayUrl}/v1/providers/${provider}/tools`, {
    name,
    risk_level: 'medium',
    http: { method: 'POST', url },
    capability_card: { name, effect: 'write', input_schema: INPUT_SCHEMA, idempotency, timeout_ms: 30_000 },
  });
}

/**
 * @param {Site} site @param {string} url @param {unknown} body
 * @returns {Promise<any>}
 */
async function post({ apiKey }, url, body) {
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the gateway answered ${url} with ${answer.status}: ${text}`);
  return JSON.parse(text);
}

const PARAMS = {
  title: 'Investigate webhook drift',
  status: 'review',
  priority: 3,
  tags: ['priority', 'renewal'],
  note: 'two deliveries of the same event arrived out of order',
};

const INPUT_SCHEMA = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 200 },
    status: { enum: ['open', 'review', 'closed'] },
    priority: { type: 'integer', minimum: 0, maximum: 9 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 10 },
    note: { type: 'string', maxLength: 2000 },
  },
  required: ['title', 'status'],
  additionalProperties: false,
};

/**
 * One call of a tool, each with a key of its own.
 * @param {string} tool
 * @param {string} apiKey
 * @returns {LoadRequest}
 */
export function callRequest(tool, apiKey) {
  return {
    path: '/v1/call',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: callBody({ tool, agent: 'bench_agent', key: KEY_PLACEHOLDER }),
    expect: { status: 200, text: '"status":"completed"' },
  };
}

/**
 * One call from here, each with a key of its own.
 * @param {Site} site
 * @param {string} gatewayUrl
 * @param {{ readonly tool: string, readonly agent: string }} call
 * @returns {Promise<number>} The status of the answer.
 */
export async function callTool({ apiKey }, gatewayUrl, { tool, agent }) {
  const answer = await fetch(`${gatewayUrl}/v1/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: callBody({ tool, agent, key: randomUUID() }),
  });
  await answer.text();
  return answer.status;
}

/** @param {{ readonly tool: string, readonly agent: string, readonly key: string }} call */
export function callBody({ tool, agent, key }) {
  return JSON.stringify({ tool, params: PARAMS, agent_id: agent, idempotency_key: key });
}
