import { InvokeError } from '@invoke/sdk';
import { ask } from '../ask.js';
import { defineCommand } from '../command.js';
import { createClient } from '../connect.js';
import type { Context } from '../context.js';
import { CliError, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { readStdin } from '../read-stdin.js';
import { DEFAULT_BASE_URL, parseBaseUrl } from '../settings/base-url.js';
import { credentialsPath, readCredentials, writeCredentials } from '../settings/credentials.js';
import { maskKey } from '../settings/settings.js';

export const login = defineCommand({
  describe:
    'Saves the address and key of a gateway, after the gateway has taken the key. Without --api-key you are asked for it.',
  options: {
    'base-url': { type: 'string', describe: `The gateway (default: the last one, else ${DEFAULT_BASE_URL})` },
    'api-key': {
      type: 'string',
      describe: 'The key; - reads it from standard input, which keeps it out of the history',
    },
    insecure: { type: 'boolean', describe: 'Allow plain http to a host that is not this machine' },
  },
  examples: [
    { command: 'invoke login --api-key - < key.txt', describe: 'with a key from a file' },
    { command: 'invoke login --base-url https://gateway.example', describe: 'asks for the key' },
  ],
  async run(args, context) {
    const { io, terminal } = context;
    const baseUrl = await chooseBaseUrl(context, args);
    const apiKey = await chooseKey(context, args.apiKey);
    const toolCount = await verify(context, baseUrl, apiKey);
    await writeCredentials(io, { baseUrl, apiKey, insecure: args.insecure });

    const saved = {
      base_url: baseUrl,
      api_key: maskKey(apiKey),
      tools: toolCount,
      path: credentialsPath(io),
    };
    if (context.json) terminal.printJson(saved);
    else {
      const seen = toolCount === null ? 'a key that may not list tools' : `${toolCount} tools`;
      terminal.note(`${terminal.style('green', 'Logged in')} to ${baseUrl} with ${saved.api_key} (${seen}).`);
      terminal.note(`Saved in ${saved.path}.`);
    }
    return EXIT.ok;
  },
});

async function chooseBaseUrl(
  { io }: Context,
  { baseUrl, insecure }: { baseUrl: string | undefined; insecure: boolean },
): Promise<string> {
  const fromEnvironment = io.env['INVOKE_BASE_URL'] || io.env['TRACE_BASE_URL'];
  const given = baseUrl ?? (fromEnvironment || undefined);
  // A file that cannot be read must not keep anybody from writing a new one.
  const last = given === undefined ? await readCredentials(io).catch(() => undefined) : undefined;
  return parseBaseUrl(given ?? last?.baseUrl ?? DEFAULT_BASE_URL, insecure);
}

async function chooseKey(context: Context, given: string | undefined): Promise<string> {
  if (given !== undefined && given !== '-') {
    context.terminal.note(
      'note: a key on the command line stays in the history of your shell; --api-key - reads it from standard input.',
    );
  }
  const key = await readKey(context, given);
  const trimmed = key.trim();
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw usageError('The API key is empty, or has characters that no key has.');
  return trimmed;
}

/** At a terminal, `-` asks as well: what is typed there must not be shown. */
function readKey(context: Context, given: string | undefined): string | Promise<string> {
  if (given === undefined || (given === '-' && context.interactive)) {
    return ask(context, { message: 'API key', secret: true, option: '--api-key' });
  }
  return given === '-' ? readStdin(context.io, 'The API key') : given;
}

/** @returns how many tools the key sees; null where it is a good key that may not look */
async function verify({ io }: Context, baseUrl: string, apiKey: string): Promise<number | null> {
  try {
    const tools = await createClient(baseUrl, apiKey).tools.list(
      {},
      { signal: io.signal, timeoutMs: 20_000 },
    );
    return tools.length;
  } catch (error) {
    if (!InvokeError.isInstance(error)) throw error;
    if (error.code === 'insufficient_scope') return null;
    if (error.code !== 'unauthenticated') throw error;
    throw new CliError({
      message: `${baseUrl} does not take this key (${maskKey(apiKey)}). Nothing was saved.`,
      code: error.code,
      exitCode: EXIT.unauthenticated,
      requestId: error.requestId,
      next: [`invoke login --base-url ${baseUrl} --api-key -`],
      cause: error,
    });
  }
}
