import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createGatewayClient } from './gateway-client.mjs';
/** @import { KeyHolder } from '../types.ts' */
/** @import { Child, Children } from './children.mjs' */

/**
 * @typedef {object} GatewayPlan
 * @property {Children} children
 * @property {string} dir Its database and its working directory are in here.
 * @property {string} main The built gateway.
 * @property {string} eventSecret What the provider of the demo's tools signs its events with.
 */

const SECRET_VARIABLE = 'INVOKE_SECRET_DEMO_EVENTS';

/**
 * The gateway on SQLite, as a process of its own. It can be killed and started again on the same data.
 * @param {GatewayPlan} plan
 */
export function createGateway({ children, dir, main, eventSecret }) {
  /** @type {Readonly<Record<KeyHolder, string>>} */
  const keys = { agent: newKey(), human: newKey() };
  const cwd = join(dir, 'gateway');
  mkdirSync(cwd, { recursive: true });
  /** @type {Child | null} */
  let child = null;
  let url = '';

  return {
    ...createGatewayClient({ url: () => url, keys, secretVariable: SECRET_VARIABLE }),

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
          INVOKE_API_KEYS: keys.agent,
          INVOKE_API_KEY_SCOPES: JSON.stringify({
            [keys.human]: { scopes: ['approvals:read', 'approvals:write'] },
          }),
          [SECRET_VARIABLE]: eventSecret,
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
  };
}

/** @typedef {ReturnType<typeof createGateway>} Gateway */

function newKey() {
  return `inv_demo_${randomBytes(16).toString('hex')}`;
}
