/** Names of the settings in the environment, the first that is set counts. TRACE_* are the older names. */
const API_KEY_NAMES = ['INVOKE_API_KEY', 'TRACE_API_KEY'];
const BASE_URL_NAMES = ['INVOKE_BASE_URL', 'TRACE_BASE_URL'];

/** What the environment says; nothing in runtimes that have none. */
export function readEnvironment(): { apiKey: string | undefined; baseUrl: string | undefined } {
  const env = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
  const first = (names: string[]) => names.map((name) => env[name]?.trim()).find((value) => value);
  return { apiKey: first(API_KEY_NAMES), baseUrl: first(BASE_URL_NAMES) };
}
