import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, startGateway, type RunningGateway } from '@invoke/gateway';
import { setUp } from '../../support/set-up.js';
import type { Business } from './business.js';
import { TOOLS } from './cards.js';
import { keyEnvironment, OWNER_KEY } from './keys.js';

/** A gateway of its own, over a store that is chosen by its environment. */
export interface Place extends AsyncDisposable {
  readonly url: string;
}

/** @param databaseUrl for Postgres; null for SQLite in a folder of its own */
export async function openPlace(databaseUrl: string | null, { hooks }: Business): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'invoke-e2e-'));
  const gateway = await start(folder, {
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    APPROVAL_SLACK_WEBHOOK_URL: hooks.slack,
    APPROVAL_EMAIL_WEBHOOK_URL: hooks.email,
  });
  return {
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function start(folder: string, environment: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_DATA_DIR: folder,
    INVOKE_LOG_FILE: join(folder, 'log.jsonl'),
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    ...keyEnvironment(),
    ...environment,
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  return startGateway(parsed.config);
}

/** Registers the tools of the business, as a provider does. */
export async function registerTools(url: string, { httpUrl, mcpUrl }: Business): Promise<void> {
  await setUp(`${url}/v1/providers`, OWNER_KEY, { name: 'Acme', slug: 'acme' });
  for (const { card, over, riskLevel } of TOOLS) {
    const { name } = card;
    await setUp(`${url}/v1/providers/acme/tools`, OWNER_KEY, {
      name,
      risk_level: riskLevel,
      capability_card: card,
      ...(over === 'mcp'
        ? { mcp_url: mcpUrl, mcp_tool: name }
        : { http: { method: 'POST', url: `${httpUrl}${name}` } }),
    });
  }
}
