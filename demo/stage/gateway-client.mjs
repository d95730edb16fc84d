/** @import { ExecutionView } from '@invoke/contract' */
/** @import { DemoTool, InvokeAnswer, InvokeCaller, KeyHolder, StateQuestion } from '../types.ts' */

/** Under which the demo's tools are registered. */
const PROVIDER = 'demo';

/**
 * @typedef {object} Target
 * @property {() => string} url Another one after each start.
 * @property {Readonly<Record<KeyHolder, string>>} keys
 * @property {string} secretVariable Where the gateway has the secret that the provider signs its events with.
 */

/**
 * The gateway's HTTP API, as far as the demo uses it.
 * @param {Target} target
 */
export function createGatewayClient(target) {
  const { request, requireOk } = createRequests(target);

  return {
    /** @param {readonly DemoTool[]} tools @param {Readonly<Record<DemoTool['server'], string>>} mcpUrls */
    async register(tools, mcpUrls) {
      const { provider } = await requireOk('/v1/providers', {
        name: 'Demo',
        slug: PROVIDER,
        webhook_secret: target.secretVariable,
      });
      for (const { server, registration } of tools) {
        await requireOk(`/v1/providers/${provider.id}/tools`, { ...registration, mcp_url: mcpUrls[server] });
      }
    },

    /** @type {InvokeCaller['call']} */
    call: (call, { waitSeconds } = {}) =>
      request('/v1/call', {
        body: call,
        headers: waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` },
      }),

    /** @param {StateQuestion} question */
    verifyState: (question) => request('/v1/state/verify', { body: question }),

    /** @param {string} id @param {KeyHolder} as */
    approval: (id, as) => request(`/v1/approvals/${id}`, { as }),

    /**
     * @param {string} id
     * @param {{ readonly verb: 'approve' | 'reject', readonly body: Readonly<Record<string, unknown>>, readonly as: KeyHolder }} decision
     */
    decide: (id, { verb, body, as }) => request(`/v1/approvals/${id}/${verb}`, { body, as }),

    /** Where the provider of the demo's tools sends its events. */
    eventsUrl: () => `${target.url()}/v1/webhooks/${PROVIDER}`,

    /** @param {string} id @returns {Promise<ExecutionView>} */
    execution: async (id) => (await requireOk(`/v1/executions/${id}`)).execution,
  };
}

/** @param {Target} target */
function createRequests({ url, keys }) {
  /**
   * A GET, or a POST where there is a body.
   * @param {string} path
   * @param {{ readonly body?: unknown, readonly headers?: Readonly<Record<string, string>>, readonly as?: KeyHolder }} [options]
   * @returns {Promise<InvokeAnswer>}
   */
  async function request(path, { body, headers = {}, as = 'agent' } = {}) {
    const answer = await fetch(url() + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-api-key': keys[as], 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { http: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
  }

  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async function requireOk(path, body) {
    const answer = await request(path, body === undefined ? {} : { body });
    if (answer.http >= 300) throw new Error(`${path} was answered with ${answer.http}: ${answer.text}`);
    return answer.body;
  }

  return { request, requireOk };
}
