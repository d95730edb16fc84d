import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, startGateway } from '@invoke/gateway';

export const OWNER = 'inv_replicas_owner_0123456789';
export const AGENT = 'inv_replicas_agent_0123456789';
export const APPROVER = 'inv_replicas_approver_0123456789';

const GRANTS = {
  [AGENT]: { scopes: ['tools:read', 'tools:call', 'traces:read'] },
  [APPROVER]: { scopes: ['approvals:read', 'approvals:write'] },
};

/** The environment of every replica, beside where it stores. */
export const REPLICA_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOST: '127.0.0.1',
  PORT: '0',
  INVOKE_API_KEYS: OWNER,
  INVOKE_API_KEY_SCOPES: JSON.stringify(GRANTS),
  INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
  INVOKE_LEASE_MS: '2000',
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Ask {
  readonly key?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function ask(url: string, line: string, options: Ask = {}): Promise<Answer> {
  const { key = OWNER, body, headers = {} } = options;
  const [method = 'GET', path = '/'] = line.split(' ');
  const response = await fetch(url + path, {
    method,
    headers: {
      'X-API-Key': key,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export interface Replica extends AsyncDisposable {
  readonly url: string;
  ask(line: string, options?: Ask): Promise<Answer>;
  /** What it has logged so far. */
  log(): Promise<string>;
}

/** A gateway in this process, on a database that it shares with others; null: on SQLite. */
export async function openReplica(
  databaseUrl: string | null,
  environment: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), 'invoke-replica-'));
  const logFile = join(folder, 'log.jsonl');
  const parsed = parseConfig({
    ...REPLICA_ENVIRONMENT,
    INVOKE_DATA_DIR: folder,
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    INVOKE_LOG_FILE: logFile,
    ...environment,
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  const gateway = await startGateway(parsed.config);
  let closed = false;
  return {
    url: gateway.url,
    ask: (line, options) => ask(gateway.url, line, options),
    async log() {
      return readFile(logFile, 'utf8').catch(() => '');
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks again until `holds`, or gives up. Returns how long it took, in milliseconds. */
export async function until(holds: () => Promise<boolean>, withinMs: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - began;
    if (performance.now() - began > withinMs)
      throw new Error(`it did not come to hold within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
