import { KEY_PLACEHOLDER } from '../load/request-bytes.mjs';
import { READY, subjectFile } from '../processes.mjs';
import { slowFsync } from '../slow-disk/slow-fsync.mjs';
import { callRequest, registerTools, startGateway, TOOL_NAMES, toSubject } from './gateway.mjs';
import { startPostgres } from './postgres.mjs';
/** @import { RunningProcess, Subject } from '../types.ts' */

/** @type {Subject} */
export const forwardingProxy = {
  id: 'proxy',
  title: 'bare proxy',
  async start({ start, upstreamUrl, apiKey }) {
    const proxy = await start({
      name: 'forwarding-proxy',
      args: [subjectFile('forwarding-proxy.mjs')],
      env: { UPSTREAM_URL: upstreamUrl },
      ready: READY,
    });
    const request = { ...callRequest(TOOL_NAMES.C, apiKey), expect: { status: 200, text: '"ok":true' } };
    return { ...asSubject(proxy), request, upstreamCalls: 1 };
  },
};

/** @type {Subject} */
export const honoEcho = {
  id: 'hono',
  title: 'bare Hono echo',
  async start({ start, apiKey }) {
    const echo = await start({ name: 'hono-echo', args: [subjectFile('hono-echo.mjs')], ready: READY });
    return { ...asSubject(echo), request: callRequest(TOOL_NAMES.C, apiKey), upstreamCalls: 0 };
  },
};

/**
 * The gateway on SQLite, calling a tool of the given class.
 * @param {keyof typeof TOOL_NAMES} toolClass
 * @returns {Subject}
 */
export function sqliteGateway(toolClass) {
  return {
    id: `sqlite-${toolClass}`,
    title: `SQLite, class ${toolClass}`,
    async start(site) {
      const gateway = await startGateway(site);
      await registerTools(site, gateway.url);
      return toSubject([gateway], { apiKey: site.apiKey, toolClass, stop: gateway.stop });
    },
  };
}

/**
 * The gateway on SQLite with rules in force: most of them are about other tools, and twenty have to be looked at for every
 * call, as they are where an operator limits what all tools may be given.
 * @param {number} count
 * @returns {Subject}
 */
export function ruledGateway(count) {
  const rules = Array.from({ length: count }, (_, i) =>
    i % 5 === 0
      ? { when: `params.priority > ${i + 10} and env == prod`, effect: 'deny' }
      : { when: `tool == other_tool_${i} and params.amount > ${i}`, effect: 'require_approval' },
  );
  return {
    id: `sqlite-${count}-rules`,
    title: `SQLite, class C, ${count} rules`,
    async start(site) {
      const gateway = await startGateway(site, { rules });
      await registerTools(site, gateway.url);
      return toSubject([gateway], { apiKey: site.apiKey, stop: gateway.stop });
    },
  };
}

/** @type {Subject} */
export const postgresGateway = {
  id: 'postgres-C',
  title: 'Postgres, class C',
  async start(site) {
    const postgres = await startPostgres(site.dir);
    try {
      const gateway = await startGateway(site, { databaseUrl: postgres.url });
      await registerTools(site, gateway.url);
      const stop = () => gateway.stop().then(postgres.stop);
      return toSubject([gateway], { apiKey: site.apiKey, stop });
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  },
};

/**
 * The gateway on SQLite, on a disk that takes longer to flush.
 * @param {number} delayMs
 * @returns {Subject}
 */
export function slowDiskGateway(delayMs) {
  return {
    id: `sqlite-disk-${delayMs}`,
    title: `SQLite, ${delayMs} ms more per flush`,
    async start(site) {
      const gateway = await startGateway(site, { env: slowFsync(site.dir, delayMs) });
      await registerTools(site, gateway.url);
      return toSubject([gateway], { apiKey: site.apiKey, stop: gateway.stop });
    },
  };
}

/** The gateway on SQLite, asked again and again for a call that is settled. @type {Subject} */
export const replayingGateway = {
  id: 'replay',
  title: 'replay, SQLite',
  async start(site) {
    const gateway = await startGateway(site);
    await registerTools(site, gateway.url);
    const fresh = callRequest(TOOL_NAMES.C, site.apiKey);
    const body = fresh.body.replace(KEY_PLACEHOLDER, 'settled-key');
    const first = await fetch(gateway.url + fresh.path, { method: 'POST', headers: fresh.headers, body });
    const text = await first.text();
    if (first.status !== 200)
      throw new Error(`the call to be replayed was answered with ${first.status}: ${text}`);
    return {
      ...asSubject(gateway),
      request: { ...fresh, body, expect: { status: 200, text: '"replayed":true' } },
      upstreamCalls: 0,
    };
  },
};

/** @param {RunningProcess} process */
function asSubject({ url, pid, stop }) {
  return { urls: [url], pids: [pid], stop };
}
