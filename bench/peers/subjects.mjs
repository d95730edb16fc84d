import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tailOf } from '../../demo/stage/children.mjs';
import { KEY_PLACEHOLDER } from '../load/request-bytes.mjs';
import { NotMeasurable } from '../not-measurable.mjs';
import { familyOf, READY } from '../processes.mjs';
import { callRequest, TOOL_NAMES } from '../subjects/gateway.mjs';
import { startPostgres } from '../subjects/postgres.mjs';
import { installPeers } from './install-peers.mjs';
/** @import { Site, Subject } from '../types.ts' */

const PEERS = dirname(fileURLToPath(import.meta.url));

/** @type {Subject} */
export const dbos = {
  id: 'dbos',
  title: 'DBOS Transact 5.3 on Postgres',
  async start(site) {
    installPeers();
    const postgres = await startPostgres(site.dir);
    try {
      const server = await startPeer(site, 'dbos-server', { DATABASE_URL: postgres.url });
      return {
        urls: [server.url],
        pids: [server.pid],
        request: { ...callRequest(TOOL_NAMES.C, site.apiKey), expect: { status: 200, text: '"ok":true' } },
        upstreamCalls: 1,
        stop: () => server.stop().then(postgres.stop),
      };
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  },
};

/** @type {Subject} */
export const restate = {
  id: 'restate',
  title: 'Restate 1.7',
  async start(site) {
    installPeers();
    const server = await startPeer(site, 'restate-server', {
      RESTATE_BASE_DIR: mkdtempSync(join(site.dir, 'restate-')),
    });
    const { headers, body } = callRequest(TOOL_NAMES.C, site.apiKey);
    return {
      urls: [server.url],
      /* The handler and the server itself. */
      pids: familyOf(server.pid),
      request: {
        path: '/bench/call',
        headers: { ...headers, 'idempotency-key': KEY_PLACEHOLDER },
        body,
        expect: { status: 200, text: '"ok":true' },
      },
      upstreamCalls: 1,
      stop: () => server.stop(),
    };
  },
};

/**
 * @param {Site} site
 * @param {string} name Of its file.
 * @param {Readonly<Record<string, string>>} env
 */
async function startPeer({ start, upstreamUrl, dir }, name, env) {
  try {
    return await start({
      name,
      args: [join(PEERS, `${name}.mjs`)],
      env: { ...env, UPSTREAM_URL: upstreamUrl },
      ready: READY,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [last = ''] = tailOf(join(dir, `${name}.log`), 1);
    throw new NotMeasurable(`${message}: ${last}`, cause);
  }
}
