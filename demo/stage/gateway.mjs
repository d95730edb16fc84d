import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
/** @import { ExecutionView } from '@invoke/contract' */
/** @import { DemoTool, InvokeAnswer, InvokeCaller } from '../types.ts' */
/** @import { Child, Children } from './children.mjs' */

/**
 * @typedef {object} GatewayPlan
 * @property {Children} children
 * @property {string} dir Its database and its working directory are in here.
 * @property {string} main The built gateway.
 */

/**
 * The gateway on SQLite, as a process of its own. It can be killed and started again on the same data.
 * @param {GatewayPlan} plan
 */
export function createGateway({ children, dir, main }) {
  const key = `inv_demo_${randomBytes(16).toString('hex')}`;
  const cwd = join(dir, 'gateway');
  mkdirSync(cwd, { recursive: true });
  /** @type {Child | null} */
  let child = null;
  let url = '';

  const { request, requireOk } = createRequests(() => ({ url, key }));

  return {
    /** Rejects as soon as the process dies unasked. */
    get ended() {
      return child?.ended ?? Promise.resolve([]);
    },

    async start() {
      child = children.start({
        name: 'gateway',
        args: [main],
        cwd,
        env: {
          HOST: '127.0.0.1',
          PORT: '0',
          INVOKE_DATA_DIR: join(cwd, 'data'),
          INVOKE_API_KEYS: key,
          INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
          // The demo leaves nothing behind, not even compiled code.
          NODE_DISABLE_COMPILE_CACHE: '1',
        },
      });
      url = await child.line(/(http:\/\/127\.0\.0\.1:\d+)/);
    },

    /** SIGKILL: no goodbye, nothing flushed. */
    async kill() {
      await child?.stop('SIGKILL');
    },

    /** @param {readonly DemoTool[]} tools @param {Readonly<Record<DemoTool['server'], string>>} mcpUrls */
    async register(tools, mcpUrls) {
      const { provider } = await requireOk('/v1/providers', { name: 'Demo', slug: 'demo' });
      for (const { server, registration } of tools) {
        await requireOk(`/v1/providers/${provider.id}/tools`, { ...registration, mcp_url: mcpUrls[server] });
      }
    },

    /** @type {InvokeCaller['call']} */
    call: (call, { waitSeconds } = {}) =>
      request('/v1/call', call, waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),

    /** @param {string} id @returns {Promise<ExecutionView>} */
    execution: async (id) => (await requireOk(`/v1/executions/${id}`)).execution,
  };
}

/** @typedef {ReturnType<typeof createGateway>} Gateway */

/** @param {() => { readonly url: string, readonly key: string }} target */
function createRequests(target) {
  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {Readonly<Record<string, string>>} [headers]
   * @returns {Promise<InvokeAnswer>}
   */
  async function request(path, body, headers = {}) {
    const { url, key } = target();
    const answer = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { http: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
  }

  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async function requireOk(path, body) {
    const answer = await request(path, body);
    if (answer.http >= 300) throw new Error(`${path} was answered with ${answer.http}: ${answer.text}`);
    return answer.body;
  }

  return { request, requireOk };
}
