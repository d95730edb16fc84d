import { resolve } from 'node:path';
import { isIP } from 'node:net';
import { defineCommand } from '../command.js';
import type { Context } from '../context.js';
import { interruption, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { startLocalGateway } from '../gateway-server.js';
import type { Io } from '../io.js';
import { ensureDevKey, type DevKey } from '../settings/dev-key.js';
import { maskKey } from '../settings/settings.js';

export const gateway = defineCommand({
  describe:
    'Runs a gateway on this machine until Ctrl-C, on SQLite and with no other set-up. It takes the settings of the gateway from the environment; where no API key is among them, it makes one.',
  options: {
    port: { type: 'number', describe: 'The port (default: PORT, else 8000)' },
    host: {
      type: 'string',
      describe: 'The address to listen on (default: HOST where that is an address, else 127.0.0.1)',
    },
    'data-dir': {
      type: 'string',
      describe: 'Where the data is (default: INVOKE_DATA_DIR, else ./.invoke/data)',
    },
    'database-url': {
      type: 'string',
      describe: 'A Postgres to use instead of SQLite; DATABASE_URL alone is not used',
    },
    'confirm-restored': {
      type: 'boolean',
      describe: 'The database was restored from a backup and is to be used as it is',
    },
  },
  examples: [{ command: 'invoke gateway --port 8080', describe: 'on another port' }],
  async run(args, context) {
    const { io } = context;
    const { port } = args;
    if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535))
      throw usageError('--port takes a whole number from 0 to 65535 (0: any that is free).', [
        'invoke gateway --help',
      ]);
    const devKey = hasKeys(io.env) ? undefined : await ensureDevKey(io);
    const local = await startLocalGateway(toEnvironment(args, io, devKey));
    announce(local.url, devKey, context);
    await whenAborted(io.signal);
    await local.close();
    if (io.signal.reason === 'SIGTERM') return EXIT.ok;
    throw interruption();
  },
});

interface GatewayArgs {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly dataDir: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly confirmRestored: boolean | undefined;
}

const KEY_VARIABLES = ['INVOKE_API_KEYS', 'TRACE_API_KEYS', 'INVOKE_API_KEY_SCOPES', 'TRACE_API_KEY_SCOPES'];

function hasKeys(env: Io['env']): boolean {
  return KEY_VARIABLES.some((name) => env[name]?.trim());
}

/** Options win over the environment. A DATABASE_URL in a shell is usually that of another program. */
function toEnvironment(
  args: GatewayArgs,
  { env, cwd }: Io,
  devKey: DevKey | undefined,
): Record<string, string | undefined> {
  const { DATABASE_URL: _database, SUPABASE_URL: _supabase, HOST: host, ...rest } = env;
  const ownHost = host !== undefined && (isIP(host) !== 0 || host === 'localhost') ? host : '127.0.0.1';
  return {
    ...rest,
    HOST: args.host ?? ownHost,
    PORT: args.port === undefined ? env['PORT'] : String(args.port),
    INVOKE_DATA_DIR: resolve(cwd, args.dataDir ?? (env['INVOKE_DATA_DIR'] || '.invoke/data')),
    INVOKE_ALLOW_LOOPBACK_TOOLS: env['INVOKE_ALLOW_LOOPBACK_TOOLS'] || '1',
    DATABASE_URL: args.databaseUrl,
    ...(args.confirmRestored === true ? { INVOKE_CONFIRM_RESTORED: '1' } : {}),
    ...(devKey === undefined ? {} : { INVOKE_API_KEYS: devKey.key }),
  };
}

function announce(url: string, devKey: DevKey | undefined, { io, terminal, json }: Context): void {
  if (json) {
    terminal.printJson({ url, api_key_file: devKey?.path ?? null });
  } else {
    terminal.print(url);
    terminal.note(`Invoke gateway at ${url}. Ctrl-C ends it.`);
  }
  if (devKey === undefined) {
    terminal.note(`Log in with one of its keys: invoke login --base-url ${url} --api-key -`);
    return;
  }
  if (devKey.isNew) terminal.note(`API key, shown this once: ${devKey.key}`);
  else terminal.note(`API key: ${maskKey(devKey.key)}, as before`);
  terminal.note(`Log in: invoke login --base-url ${url} --api-key - < ${devKey.path}`);
  if (io.env['DATABASE_URL']) terminal.note('note: DATABASE_URL is not used; --database-url would.');
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
