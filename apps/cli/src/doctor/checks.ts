import { InvokeError } from '@invoke/sdk';
import { checkHealth } from '../check-health.js';
import { createClient } from '../connect.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { readDevState } from '../project/dev-state.js';
import { readManifest } from '../project/manifest.js';
import { probeMcp } from '../project/mcp-probe.js';
import { credentialsPath } from '../settings/credentials.js';
import { invokeHome } from '../settings/home.js';
import { isOpenToOthers } from '../settings/private-file.js';
import { resolveSettings, type ConnectionFlags } from '../settings/settings.js';

export const CHECK_NAMES = [
  'node',
  'credentials',
  'healthcheck',
  'ready',
  'key',
  'clock',
  'project',
  'dev-server',
  'sqlite',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

export interface CheckResult {
  readonly name: CheckName;
  /** `skipped`: there is nothing to check. */
  readonly kind: 'ok' | 'problem' | 'skipped';
  readonly detail: string;
  /** The command that leads on. */
  readonly next?: string | undefined;
}

export interface Checkup {
  readonly io: Io;
  readonly flags: ConnectionFlags;
}

type Finding = Omit<CheckResult, 'name'>;

/** Runs the checks side by side. What a check throws is its problem, not the doctor's. */
export function runChecks(names: readonly CheckName[], checkup: Checkup): Promise<readonly CheckResult[]> {
  return Promise.all(
    names.map(async (name) => {
      const finding = await CHECKS[name](checkup).catch((error: unknown): Finding => ({
        kind: 'problem',
        detail: error instanceof Error ? error.message : String(error),
        next: error instanceof CliError ? error.next[0] : undefined,
      }));
      return { name, ...finding };
    }),
  );
}

const CHECKS: Readonly<Record<CheckName, (checkup: Checkup) => Promise<Finding>>> = {
  node: async () => ok(`Node ${process.versions.node}`),
  credentials: checkCredentials,
  healthcheck: checkGateway,
  ready: checkReady,
  key: checkKey,
  clock: checkClock,
  project: checkProject,
  'dev-server': checkDevServer,
  sqlite: checkSqlite,
};

async function checkCredentials({ io, flags }: Checkup): Promise<Finding> {
  for (const path of [invokeHome(io), credentialsPath(io)]) {
    if (await isOpenToOthers(path)) return problem(`${path} can be read by others`, `chmod go= ${path}`);
  }
  const { apiKey } = await resolveSettings(io, flags);
  if (apiKey === undefined) return problem('there is no API key', 'invoke login --api-key -');
  return ok(`API key from ${apiKey.origin}`);
}

async function checkGateway({ io, flags }: Checkup): Promise<Finding> {
  const { baseUrl } = await resolveSettings(io, flags);
  const health = await checkHealth(baseUrl.value, '/health');
  if (health.kind === 'ok') return ok(baseUrl.value);
  return problem(`${baseUrl.value} does not answer (${health.reason})`, 'invoke gateway');
}

async function checkReady({ io, flags }: Checkup): Promise<Finding> {
  const { baseUrl } = await resolveSettings(io, flags);
  const health = await checkHealth(baseUrl.value, '/ready');
  if (health.kind === 'ok') return ok('the gateway can record what it does');
  return problem(`${baseUrl.value} is not ready (${health.reason})`, 'invoke status');
}

async function checkKey({ io, flags }: Checkup): Promise<Finding> {
  const { baseUrl, apiKey } = await resolveSettings(io, flags);
  if (apiKey === undefined) return skipped('there is no API key');
  try {
    const tools = await createClient(baseUrl.value, apiKey.value).tools.list({}, { timeoutMs: 10_000 });
    return ok(`the gateway takes it, and shows ${tools.length} tools`);
  } catch (error) {
    if (!InvokeError.isInstance(error)) throw error;
    if (error.code === 'insufficient_scope') return ok('the gateway takes it, but it may not list tools');
    return problem(error.message, error.code === 'unauthenticated' ? 'invoke login --api-key -' : undefined);
  }
}

const MAX_SKEW_MS = 30_000;

/** Expiries and approvals are judged by the gateway's clock. */
async function checkClock({ io, flags }: Checkup): Promise<Finding> {
  const { baseUrl } = await resolveSettings(io, flags);
  const health = await checkHealth(baseUrl.value, '/health');
  if (health.kind === 'bad' || health.clockSkewMs === null)
    return skipped('the gateway has not said what time it is');
  const seconds = Math.round(health.clockSkewMs / 1000);
  if (Math.abs(health.clockSkewMs) <= MAX_SKEW_MS) return ok(`${Math.abs(seconds)} s beside the gateway's`);
  return problem(`this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'behind' : 'ahead of'} the gateway`);
}

async function checkProject({ io }: Checkup): Promise<Finding> {
  try {
    const manifest = await readManifest(io.cwd);
    const { planDeployment } = await import('../project/plan-deployment.js');
    const planned = planDeployment(manifest, manifest.mcpUrl ?? 'https://replace-with-your-mcp-host/mcp');
    if (planned.kind === 'bad') return problem(planned.problems.join('; '), 'invoke deploy --dry-run');
    return ok(`${planned.plan.tools.length} tools in ${manifest.path}`);
  } catch (error) {
    if (error instanceof CliError && error.code === 'no_project') return skipped('this folder is no project');
    throw error;
  }
}

async function checkDevServer({ io }: Checkup): Promise<Finding> {
  const state = await readDevState(io.cwd);
  if (state === undefined) return skipped('no dev server was started here');
  const probe = await probeMcp(state.mcpUrl);
  if (probe.kind === 'ok') return ok(`${state.mcpUrl} has ${probe.tools.join(', ')}`);
  return problem(`${state.mcpUrl} does not answer (${probe.reason})`, 'invoke dev install');
}

/** The driver is a native module: on a platform that it has no build for, only Postgres is left. */
async function checkSqlite(): Promise<Finding> {
  const { default: Database } = await import('better-sqlite3');
  new Database(':memory:').close();
  return ok('the driver works');
}

function ok(detail: string): Finding {
  return { kind: 'ok', detail };
}

function skipped(detail: string): Finding {
  return { kind: 'skipped', detail };
}

function problem(detail: string, next?: string): Finding {
  return { kind: 'problem', detail, next };
}
