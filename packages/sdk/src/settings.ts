import { InvokeError } from './errors.js';
import { SDK_VERSION } from './version.js';

export interface InvokeOptions {
  /** Sent as X-API-Key. Where it is missing, the first request fails, not the construction. */
  readonly apiKey?: string | undefined;
  /** Where the gateway is; default http://127.0.0.1:8000. */
  readonly baseUrl?: string | undefined;
  /** The `fetch` to use; default is the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Retries after the first attempt; default 2. */
  readonly maxRetries?: number | undefined;
  /** How long to wait for an answer over all retries, in milliseconds; default 60,000. */
  readonly timeoutMs?: number | undefined;
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
  /** An API key in a browser can be read by everybody who opens the page. */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

export interface Settings {
  readonly apiKey: string | undefined;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: typeof fetch | undefined;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly defaultHeaders: Headers;
}

export const DEFAULT_BASE_URL = 'http://127.0.0.1:8000';
export const DEFAULT_TIMEOUT_MS = 60_000;

/** @throws InvokeError where an option cannot be used, or in a browser. Messages never show the key. */
export function createSettings(options: InvokeOptions): Settings {
  if (isBrowser() && options.dangerouslyAllowBrowser !== true) {
    throw refusal(
      'browser_refused',
      'This looks like a browser, where everybody could read your API key. Call Invoke from a server, or set dangerouslyAllowBrowser if the key is meant to be public.',
    );
  }
  return {
    apiKey: parseApiKey(options.apiKey),
    baseUrl: parseBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL),
    fetch: options.fetch,
    maxRetries: parseCount('maxRetries', options.maxRetries ?? 2, 0),
    timeoutMs: parseTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    defaultHeaders: parseHeaders(options.defaultHeaders ?? {}),
  };
}

/** What timers can wait at most, 24.8 days; with more they would end at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

export function parseTimeout(value: number): number {
  if (value <= MAX_TIMEOUT_MS) return parseCount('timeoutMs', value, 1);
  throw refusal('invalid_argument', `timeoutMs must be at most ${MAX_TIMEOUT_MS} (24.8 days).`);
}

export function parseCount(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw refusal('invalid_argument', `${name} must be a whole number of at least ${min}.`);
}

/** `fetch` would put an unusable key into its own error message, so it is looked at before. */
function parseApiKey(apiKey: string | undefined): string | undefined {
  const key = apiKey?.trim();
  if (key === undefined || key === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw refusal('invalid_api_key', 'The API key has characters that cannot be sent in a header.');
}

function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw refusal('invalid_base_url', 'The base URL must be an http or https URL.');
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal('invalid_base_url', 'The base URL must not contain a user name or a password.');
  }
  // Every path exists with and without /v1; requests of this client name it themselves.
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}`;
}

function parseHeaders(given: Readonly<Record<string, string>>): Headers {
  try {
    const headers = new Headers({ 'user-agent': `invoke-sdk/${SDK_VERSION}` });
    for (const [name, value] of Object.entries(given)) headers.set(name, value);
    return headers;
  } catch {
    throw refusal('invalid_argument', 'One of defaultHeaders cannot be sent as a header.');
  }
}

function isBrowser(): boolean {
  const scope = globalThis as { window?: { document?: unknown } };
  return scope.window?.document !== undefined;
}

function refusal(code: string, message: string): InvokeError {
  return new InvokeError({ code, message, retry: 'never' });
}
