import { readCredentials } from './credentials.js';
import { DEFAULT_BASE_URL, parseBaseUrl } from './base-url.js';
import type { Io } from '../io.js';

/** A value and where it came from: `--base-url`, `INVOKE_BASE_URL`, `credentials`, `default`. */
export interface Setting {
  readonly value: string;
  readonly origin: string;
}

export interface Settings {
  readonly baseUrl: Setting;
  readonly apiKey: Setting | undefined;
}

export interface ConnectionFlags {
  readonly baseUrl: string | undefined;
  readonly insecure: boolean;
}

/**
 * Options win over the environment, the environment over `invoke login`. A project's own files have no say: a folder
 * that was downloaded must not be able to send the key somewhere.
 */
export async function resolveSettings(io: Io, flags: ConnectionFlags): Promise<Settings> {
  const { env } = io;
  const givenUrl =
    setting(flags.baseUrl, '--base-url') ??
    setting(env['INVOKE_BASE_URL'], 'INVOKE_BASE_URL') ??
    setting(env['TRACE_BASE_URL'], 'TRACE_BASE_URL');
  const givenKey =
    setting(env['INVOKE_API_KEY'], 'INVOKE_API_KEY') ?? setting(env['TRACE_API_KEY'], 'TRACE_API_KEY');
  // With all of it in the environment, the state of the file must not matter.
  const saved = givenUrl && givenKey ? undefined : await readCredentials(io);
  const baseUrl = givenUrl ??
    setting(saved?.baseUrl, 'credentials') ?? { value: DEFAULT_BASE_URL, origin: 'default' };
  const apiKey = givenKey ?? setting(saved?.apiKey, 'credentials');
  const insecure = flags.insecure || (saved?.insecure === true && saved.baseUrl === baseUrl.value);
  return { baseUrl: { ...baseUrl, value: parseBaseUrl(baseUrl.value, insecure) }, apiKey };
}

/** A key as it may be shown: enough to tell two apart, too little to use. */
export function maskKey(key: string): string {
  return key.length < 16 ? '****' : `${key.slice(0, key.startsWith('inv_') ? 9 : 4)}****${key.slice(-4)}`;
}

function setting(value: string | undefined, origin: string): Setting | undefined {
  const trimmed = value?.trim();
  return trimmed ? { value: trimmed, origin } : undefined;
}
