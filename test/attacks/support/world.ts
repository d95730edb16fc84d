import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, startGateway } from '@invoke/gateway';
import { ROW_TOOLS, type RowTool } from './cards.js';
import { openCountingTools, type CountingTools } from './counting-tools.js';
import { isKeyName, keyEnvironment, keyOf, type KeyName } from './keys.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  /** FULL where it is left out; null sends none. */
  readonly key?: KeyName | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A gateway of its own over SQLite in a folder of its own, with the tools of the rows behind it. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly tools: CountingTools;
  readonly dataDir: string;
  request(request: Request): Promise<Answer>;
  /** Everything that the gateway has logged so far. */
  log(): Promise<string>;
}

export async function openWorld(): Promise<World> {
  const tools = await openCountingTools();
  const dataDir = await mkdtemp(join(tmpdir(), 'invoke-attacks-'));
  const logFile = join(dataDir, 'log.jsonl');
  const gateway = await startGateway(configOf(dataDir, logFile));
  const { url } = gateway;
  await registerTools(url, tools);
  await must(url, { method: 'PUT', path: '/v1/policy', body: POLICY });
  return {
    url,
    tools,
    dataDir,
    request: (request) => send(url, request),
    log: () => readFile(logFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await tools[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The rules of the tenant that the rows are played in. */
const POLICY = {
  rules: [
    {
      id: 'other-branches',
      when: 'action == git_push and branch != main',
      effect: 'require_approval',
      allowed_action: 'git_push',
    },
    {
      id: 'chains-that-pay',
      when: 'tool == "batch.run" && params.steps.exists(step, step.tool == "payments.charge")',
      effect: 'require_approval',
    },
    { id: 'no-secrets', when: 'tool == "mock.state" && has(params.secret)', effect: 'deny' },
  ],
};

function configOf(dataDir: string, logFile: string) {
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_DATA_DIR: dataDir,
    INVOKE_LOG_FILE: logFile,
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    ...keyEnvironment(),
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

/** Registers the tools of the rows, for the tenant of the full key and for the other one. */
export async function registerTools(url: string, tools: CountingTools): Promise<void> {
  for (const key of ['FULL', 'TENANT_B'] as const) {
    await must(url, { method: 'POST', path: '/v1/providers', key, body: { name: 'Acme', slug: 'acme' } });
    for (const tool of ROW_TOOLS) {
      const body = toRegistration(tool, tools);
      await must(url, { method: 'POST', path: '/v1/providers/acme/tools', key, body });
    }
  }
}

function toRegistration({ card, over }: RowTool, tools: CountingTools) {
  const { name } = card;
  return {
    name,
    capability_card: card,
    ...(over === 'mcp'
      ? { mcp_url: tools.mcpUrl, mcp_tool: name }
      : { http: { method: 'POST', url: `${tools.httpUrl}${name}` } }),
  };
}

/** A request of the set-up: anything but a success is a broken fixture. */
export async function must(url: string, request: Request): Promise<Answer> {
  const answer = await send(url, request);
  if (answer.status >= 300)
    throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.text}`);
  return answer;
}

export async function send(
  url: string,
  { method, path, key = 'FULL', headers = {}, body }: Request,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === null ? {} : { 'X-API-Key': keyOf(key) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed as Record<string, unknown>,
  };
}

/** `{{NAME}}` of a row that is a key. */
export function keyNamed(placeholder: string): KeyName | null {
  const name = /^\{\{(\w+)\}\}$/.exec(placeholder)?.[1];
  return name !== undefined && isKeyName(name) ? name : null;
}
