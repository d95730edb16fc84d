import { InvokeError } from '@invoke/sdk';
import { checkHealth } from '../check-health.js';
import { defineCommand } from '../command.js';
import { createClient } from '../connect.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { findDeployment } from '../project/deployments.js';
import { readDevState } from '../project/dev-state.js';
import { readManifest } from '../project/manifest.js';
import { probeMcp } from '../project/mcp-probe.js';
import { maskKey, resolveSettings, type Settings } from '../settings/settings.js';

export const status = defineCommand({
  describe: 'Shows gateway, key and project at a glance. Exit code 1 where the gateway cannot be used.',
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const settings = await resolveSettings(context.io, args);
    const [gateway, key, project] = await Promise.all([
      gatewayStatus(settings),
      keyStatus(settings, context),
      projectStatus(context),
    ]);
    if (context.json) context.terminal.printJson({ gateway, key, project });
    else {
      const rows = [
        { what: 'gateway', state: gateway.state, detail: gateway.base_url },
        { what: 'key', state: key.state, detail: key.api_key ?? '' },
        { what: 'project', state: project.state, detail: project.path },
        { what: 'dev server', state: project.dev_server, detail: project.mcp_url ?? '' },
        {
          what: 'deployment',
          state: project.deployed_to === null ? 'none' : 'recorded',
          detail: project.deployed_to ?? '',
        },
      ];
      context.terminal.printTable(rows, [
        { header: 'what', value: (row) => row.what },
        { header: 'state', value: (row) => row.state },
        { header: 'detail', value: (row) => row.detail },
      ]);
    }
    return gateway.state === 'ready' && key.state === 'accepted' ? EXIT.ok : EXIT.failure;
  },
});

async function gatewayStatus({ baseUrl }: Settings) {
  const health = await checkHealth(baseUrl.value, '/ready');
  return { base_url: baseUrl.value, state: health.kind === 'ok' ? 'ready' : `not ready (${health.reason})` };
}

async function keyStatus({ baseUrl, apiKey }: Settings, { io }: Context) {
  if (apiKey === undefined) return { api_key: null, state: 'none' };
  const api_key = `${maskKey(apiKey.value)} (${apiKey.origin})`;
  try {
    await createClient(baseUrl.value, apiKey.value).tools.list({}, { signal: io.signal, timeoutMs: 10_000 });
    return { api_key, state: 'accepted' };
  } catch (error) {
    if (!InvokeError.isInstance(error)) throw error;
    return { api_key, state: error.code === 'insufficient_scope' ? 'accepted' : error.code };
  }
}

async function projectStatus({ io }: Context) {
  const folder = io.cwd;
  const state = await readManifest(folder).then(
    ({ tools }) => `${tools.length} tools`,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'),
  );
  const dev = await readDevState(folder).catch(() => undefined);
  const alive = dev !== undefined && (await probeMcp(dev.mcpUrl)).kind === 'ok';
  const deployment = await findDeployment(io, folder).catch(() => undefined);
  return {
    path: folder,
    state,
    dev_server: dev === undefined ? 'none' : alive ? 'running' : 'not answering',
    mcp_url: dev?.mcpUrl ?? null,
    deployed_to: typeof deployment?.['base_url'] === 'string' ? deployment['base_url'] : null,
  };
}
