import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TOOLS } from '../tools.mjs';
import { createChildren } from './children.mjs';
import { createGateway } from './gateway.mjs';
import { createToolServer } from './tool-server.mjs';
/** @import { Child, Children } from './children.mjs' */

/** The end of a process is noticed this soon after its connections were cut. */
const NOTICED_WITHIN_MS = 200;

const DEMO = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Everything that the scenes play on: the two servers with tools, the gateway on a fresh SQLite file, and a folder for
 * their data and logs that goes away with them.
 * @param {{ readonly gatewayMain: string }} options
 */
export function createStage({ gatewayMain }) {
  const dir = mkdtempSync(join(tmpdir(), 'invoke-demo-'));
  const children = createChildren(dir);
  const eventSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const gateway = createGateway({ children, dir, main: gatewayMain, eventSecret });
  /** @type {Child[]} */
  const servers = [];

  return {
    gateway,

    async start() {
      const [flaky, business] = await Promise.all([
        startServer('flaky', { children, servers, dir, env: {} }),
        startServer('business', { children, servers, dir, env: { EVENT_SECRET: eventSecret } }),
        gateway.start(),
      ]);
      await gateway.register(TOOLS, { flaky: flaky.mcpUrl, business: business.mcpUrl });
      await meetServers(gateway);
      return { flaky, business };
    },

    /**
     * A process of the demo's own, in the place of an agent.
     * @param {string} script @param {readonly string[]} args
     */
    startAgent(script, args) {
      const child = children.start({ name: 'agent', args: [join(DEMO, script), ...args], cwd: dir });
      return { ended: child.ended, kill: () => child.stop('SIGKILL') };
    },

    /** Rejects when a process that everything depends on dies unasked. @returns {Promise<never>} */
    failed: () =>
      Promise.race([gateway.ended, ...servers.map((s) => s.ended)]).then(() => new Promise(() => {})),

    /**
     * The process that died, where that is what is behind an error: a cut connection is often noticed first.
     * @param {unknown} error
     */
    async causeOf(error) {
      await sleep(NOTICED_WITHIN_MS);
      return children.failures[0] ?? error;
    },

    async close() {
      await children.stopAll();
      rmSync(dir, { recursive: true, force: true });
    },

    /** For the last moment of this process. */
    closeNow() {
      children.killAll();
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** @typedef {ReturnType<typeof createStage>} Stage */

/**
 * @param {string} name
 * @param {{ readonly children: Children, readonly servers: Child[], readonly dir: string, readonly env: Readonly<Record<string, string>> }} stage
 */
async function startServer(name, { children, servers, dir, env }) {
  const child = children.start({ name, args: [join(DEMO, 'servers', `${name}-mcp.mjs`)], cwd: dir, env });
  servers.push(child);
  return createToolServer(await child.line(/^ready (.*)$/));
}

/**
 * Calls one tool of each server, so that no scene's short timeouts have to cover a first MCP handshake.
 * @param {import('./gateway.mjs').Gateway} gateway
 */
async function meetServers(gateway) {
  const meetings = [
    { tool: 'payments_lookup', params: { payment_id: 'none' } },
    { tool: 'exchange_rate', params: { from: 'usd', to: 'eur' }, failure_policy: { retry: 5 } },
  ];
  for (const meeting of meetings) {
    const answer = await gateway.call({ ...meeting, agent_id: 'stagehand' });
    if (answer.http !== 200) throw new Error(`${meeting.tool} cannot be called: ${answer.text}`);
  }
}
