import { KeyGrant } from '@invoke/contract';
import { isIP } from 'node:net';
import { parseTrustedProxies } from './floods/client-address.js';
import type { FloodLimits } from './floods/floods.js';
import { isOrigin, isOriginPattern } from './http/origins.js';
import { parseNotify, type NotifyConfig } from './notify/parse-notify.js';
import { DEFAULT_CONFIG, parseWith, type EngineConfig } from '@invoke/core';
import { parseSecretTenants, type SecretTenants } from './secrets.js';

/** Everything an operator sets, read once. The only reader of environment variables. */
export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly store:
    | { readonly kind: 'sqlite'; readonly dataDir: string }
    | { readonly kind: 'postgres'; readonly url: string };
  readonly apiKeys: readonly string[];
  readonly scopedKeys: ReadonlyMap<string, KeyGrant>;
  readonly allowLoopbackTools: boolean;
  readonly allowedOrigins: readonly string[];
  readonly allowedOriginPattern: string | null;
  readonly logFile: string | null;
  /** Where the operator's rules are; null: there are none. */
  readonly policyFile: string | null;
  readonly tablePrefix: string;
  readonly notify: NotifyConfig;
  /** The database was restored, and is to be used as it is. */
  readonly confirmRestored: boolean;
  readonly engine: Partial<EngineConfig>;
  readonly floods: FloodLimits;
  /** Values of INVOKE_SECRET_... for tools that name them. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly secretTenants: SecretTenants;
}

export type ConfigResult =
  | { readonly kind: 'ok'; readonly config: GatewayConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;

/** Variables of clients and of other parts of Invoke that may stand in the same environment. */
const FOREIGN = [
  'INVOKE_API_KEY',
  'INVOKE_BASE_URL',
  'INVOKE_HOME',
  'INVOKE_DEBUG',
  'INVOKE_NO_UPDATE_NOTIFIER',
  'TRACE_API_KEY',
  'TRACE_BASE_URL',
];

const OWN = [
  'INVOKE_DATA_DIR',
  'INVOKE_API_KEYS',
  'INVOKE_API_KEY_SCOPES',
  'INVOKE_ALLOW_LOOPBACK_TOOLS',
  'INVOKE_PUBLIC_URL',
  'INVOKE_ALLOWED_ORIGINS',
  'INVOKE_ALLOWED_ORIGIN_REGEX',
  'INVOKE_LOG_FILE',
  'INVOKE_POLICY_FILE',
  'INVOKE_CALL_DEADLINE_MS',
  'INVOKE_LEASE_MS',
  'INVOKE_CONFIRM_RESTORED',
  'INVOKE_TENANT_SECRETS',
  'INVOKE_TRUSTED_PROXIES',
  'INVOKE_LIMIT_WRONG_KEYS',
  'INVOKE_LIMIT_REQUESTS',
  'INVOKE_LIMIT_CALLS_UNDER_WAY',
  'INVOKE_LIMIT_STREAMS',
  'INVOKE_EVENTS_WEBHOOK_URL',
  'INVOKE_EVENTS_WEBHOOK_SECRET',
];

/** Reads the environment; every problem is one line that names the variable and what was expected. */
export function parseConfig(env: Env): ConfigResult {
  const problems: string[] = [];
  const read = reader(env, problems);
  for (const name of Object.keys(env)) {
    const known = OWN.includes(name) || FOREIGN.includes(name) || name.startsWith('INVOKE_SECRET_');
    if (name.startsWith('INVOKE_') && !known)
      problems.push(`${name}: this variable is not known; is it misspelt?`);
  }
  const apiKeys = read.list('INVOKE_API_KEYS', 'TRACE_API_KEYS');
  const scopedKeys = read.grants('INVOKE_API_KEY_SCOPES', 'TRACE_API_KEY_SCOPES');
  for (const key of apiKeys) {
    if (scopedKeys.has(key))
      problems.push(
        `INVOKE_API_KEYS: the key ${shown(key)} is also in INVOKE_API_KEY_SCOPES; it can only be one of both`,
      );
  }
  if (apiKeys.length + scopedKeys.size === 0 && problems.length === 0) {
    problems.push(
      'INVOKE_API_KEYS: expected at least one API key (comma-separated); without one nobody could call',
    );
  }
  const pattern = read.text('INVOKE_ALLOWED_ORIGIN_REGEX', 'TRACE_ALLOWED_ORIGIN_REGEX');
  if (pattern !== null && !isOriginPattern(pattern)) {
    problems.push('INVOKE_ALLOWED_ORIGIN_REGEX: expected a regular expression (RE2 syntax)');
  }
  const config: GatewayConfig = {
    host: hostOf(read, problems) ?? '0.0.0.0',
    port: read.int('PORT', 0, 65_535) ?? 8000,
    publicUrl: read.url('INVOKE_PUBLIC_URL') ?? read.url('RENDER_EXTERNAL_URL'),
    store: storeOf(read, problems),
    apiKeys,
    scopedKeys,
    allowLoopbackTools: read.flag('INVOKE_ALLOW_LOOPBACK_TOOLS') ?? false,
    allowedOrigins: read.origins('INVOKE_ALLOWED_ORIGINS', 'TRACE_ALLOWED_ORIGINS'),
    allowedOriginPattern: pattern,
    logFile: read.text('INVOKE_LOG_FILE', 'TRACE_LOG_FILE'),
    policyFile: read.text('INVOKE_POLICY_FILE'),
    tablePrefix:
      read.match(
        'SUPABASE_TABLE_PREFIX',
        /^[a-z_][a-z0-9_]{0,30}$/,
        'lower case letters, digits and underscores',
      ) ?? 'invoke_',
    confirmRestored: read.flag('INVOKE_CONFIRM_RESTORED') ?? false,
    notify: parseNotify(read.text, problems),
    engine: engineOf(read),
    floods: floodsOf(read, problems),
    secretTenants: parseSecretTenants('INVOKE_TENANT_SECRETS', read.text('INVOKE_TENANT_SECRETS'), problems),
    secrets: new Map(
      Object.entries(env).flatMap(([n, v]) =>
        n.startsWith('INVOKE_SECRET_') && v !== undefined ? [[n, v] as const] : [],
      ),
    ),
  };
  return problems.length === 0 ? { kind: 'ok', config } : { kind: 'invalid', problems };
}

function engineOf(read: Reader): Partial<EngineConfig> {
  return {
    maxRetries: read.int('FAILURE_POLICY_MAX_RETRIES', 0, 20) ?? DEFAULT_CONFIG.maxRetries,
    callDeadlineMs: read.int('INVOKE_CALL_DEADLINE_MS', 1, 600_000) ?? DEFAULT_CONFIG.callDeadlineMs,
    leaseMs: read.int('INVOKE_LEASE_MS', 500, 300_000) ?? DEFAULT_CONFIG.leaseMs,
    callsUnderWay: read.int('INVOKE_LIMIT_CALLS_UNDER_WAY', 1, 1_000_000) ?? DEFAULT_CONFIG.callsUnderWay,
  };
}

/** Generous: who keeps within them is not slowed down, and who does not is told so. */
function floodsOf(read: Reader, problems: string[]): FloodLimits {
  const proxies = 'INVOKE_TRUSTED_PROXIES';
  return {
    wrongKeysPerMinute: read.int('INVOKE_LIMIT_WRONG_KEYS', 0, 1_000_000) ?? 20,
    requestsPerMinute: read.int('INVOKE_LIMIT_REQUESTS', 0, 100_000_000) ?? 0,
    streamsPerKey: read.int('INVOKE_LIMIT_STREAMS', 0, 10_000) ?? 100,
    trustedProxies: parseTrustedProxies(proxies, read.list(proxies), problems),
  };
}

function storeOf(read: Reader, problems: string[]): GatewayConfig['store'] {
  const url = read.text('DATABASE_URL');
  if (url !== null) {
    if (!/^postgres(?:ql)?:\/\//.test(url))
      problems.push('DATABASE_URL: expected a URL that begins with postgres:// or postgresql://');
    return { kind: 'postgres', url };
  }
  if (read.text('SUPABASE_URL') !== null) {
    problems.push(
      'SUPABASE_URL: set DATABASE_URL to the connection string of that Supabase project; Invoke speaks to its Postgres directly',
    );
  }
  return { kind: 'sqlite', dataDir: read.text('INVOKE_DATA_DIR') ?? './.invoke/data' };
}

function hostOf(read: Reader, problems: string[]): string | null {
  const value = read.text('HOST');
  if (value === null || isHost(value)) return value;
  problems.push(`HOST: expected an IP address or a host name, got ${JSON.stringify(value)}`);
  return null;
}

type Reader = ReturnType<typeof reader>;

/** Reads variables by name and alias; the first that is set counts, and an empty one counts as not set. */
function reader(env: Env, problems: string[]) {
  const text = (...names: string[]): string | null => {
    for (const name of names) {
      const value = env[name];
      if (value !== undefined && value.trim() !== '') return value.trim();
    }
    return null;
  };
  const match = (name: string, pattern: RegExp, expected: string): string | null => {
    const value = text(name);
    if (value === null || pattern.test(value)) return value;
    problems.push(`${name}: expected ${expected}`);
    return null;
  };
  const list = (...names: string[]): string[] => toList(text(...names) ?? '');
  return {
    text,
    match,
    list,
    origins(...names: string[]): string[] {
      const origins = list(...names);
      for (const origin of origins.filter((o) => !isOrigin(o))) {
        problems.push(
          `${names[0]}: expected origins such as https://app.example.com (no path), got ${JSON.stringify(origin)}`,
        );
      }
      return origins;
    },
    int(name: string, min: number, max: number): number | null {
      const value = text(name);
      if (value === null) return null;
      if (/^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
      problems.push(`${name}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`);
      return null;
    },
    flag(name: string): boolean | null {
      const value = text(name);
      if (value === null) return null;
      if (['1', 'true'].includes(value)) return true;
      if (['0', 'false'].includes(value)) return false;
      problems.push(`${name}: expected 1 or 0, got ${JSON.stringify(value)}`);
      return null;
    },
    url(name: string): string | null {
      const value = text(name);
      if (value === null) return null;
      if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value.replace(/\/+$/, '');
      problems.push(`${name}: expected an http or https URL`);
      return null;
    },
    grants: (...names: string[]) => parseGrants(names[0] ?? '', text(...names), problems),
  };
}

function toList(text: string): string[] {
  const values = text.split(',').map((v) => v.trim());
  return [...new Set(values.filter((v) => v !== ''))];
}

/** Digits and dots alone are an address or a slip of the pen, never a name. */
function isHost(value: string): boolean {
  return isIP(value) !== 0 || (/^[A-Za-z0-9_.-]{1,253}$/.test(value) && !/^[0-9.]+$/.test(value));
}

function parseGrants(name: string, raw: string | null, problems: string[]): ReadonlyMap<string, KeyGrant> {
  const grants = new Map<string, KeyGrant>();
  if (raw === null) return grants;
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    problems.push(`${name}: expected JSON, an object from key to grant; it does not parse`);
    return grants;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problems.push(`${name}: expected a JSON object from key to grant`);
    return grants;
  }
  for (const [key, value] of Object.entries(parsed)) {
    const grant = parseWith<KeyGrant>(KeyGrant, value);
    if (grant.kind === 'ok' && key.trim() !== '') grants.set(key, grant.value);
    else
      problems.push(
        `${name}: the grant of ${shown(key)} cannot be used: ${grant.kind === 'refused' ? grant.refusal.message : 'the key is empty'}`,
      );
  }
  return grants;
}

/** A key as it may be shown: its beginning and its end. */
function shown(key: string): string {
  return key.length <= 12 ? `${key.slice(0, 2)}...` : `${key.slice(0, 8)}...${key.slice(-4)}`;
}
