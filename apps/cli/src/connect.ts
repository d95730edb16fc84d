import { Invoke } from '@invoke/sdk';
import type { Context } from './context.js';
import { CliError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { readCredentials } from './settings/credentials.js';
import { resolveSettings, type ConnectionFlags, type Settings } from './settings/settings.js';
import { CLI_VERSION } from './version.js';

export interface Connection {
  readonly client: Invoke;
  readonly settings: Settings;
}

/** @throws CliError (not authenticated) where there is no API key */
export async function connect(context: Context, flags: ConnectionFlags): Promise<Connection> {
  const settings = await resolveSettings(context.io, flags);
  const { baseUrl, apiKey } = settings;
  if (apiKey === undefined) {
    throw new CliError({
      message: `There is no API key for ${baseUrl.value}.`,
      code: 'missing_api_key',
      exitCode: EXIT.unauthenticated,
      next: [`invoke login --base-url ${baseUrl.value} --api-key -`, 'export INVOKE_API_KEY=...'],
    });
  }
  const isMoved = apiKey.origin === 'credentials' && baseUrl.origin !== 'credentials';
  if (isMoved) await noteForeignKey(context, baseUrl.value);
  return { client: createClient(baseUrl.value, apiKey.value), settings };
}

export function createClient(baseUrl: string, apiKey: string): Invoke {
  return new Invoke({ baseUrl, apiKey, defaultHeaders: { 'user-agent': `invoke-cli/${CLI_VERSION}` } });
}

/** The environment may move the address and leave the key: allowed, but never unseen. */
async function noteForeignKey({ io, terminal }: Context, baseUrl: string): Promise<void> {
  const saved = await readCredentials(io);
  const home =
    saved !== undefined && URL.canParse(saved.baseUrl) ? new URL(saved.baseUrl).origin : 'another address';
  if (home !== new URL(baseUrl).origin) terminal.note(`note: the key of ${home} is used at ${baseUrl}.`);
}
