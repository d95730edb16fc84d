import { usageError } from '../errors.js';

/** Where a gateway runs that was started here. */
export const DEFAULT_BASE_URL = 'http://127.0.0.1:8000';

/**
 * The address of a gateway as it is used: without a slash at the end, without /v1.
 * @throws CliError (usage) where it cannot be used, or where it would send the key over the network in the clear
 */
export function parseBaseUrl(text: string, insecure: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(`"${text}" is not an http or https address.`, [
      'invoke login --base-url https://<host> --api-key -',
    ]);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('The address of the gateway must not contain a user name or a password.');
  }
  if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname)) {
    throw usageError(
      `${url.origin} is plain http: the API key could be read on the way. Use https, or --insecure if you must.`,
      [`--base-url https://${url.host}`],
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}`;
}

/** Whether a host name always means this machine (RFC 6761 for localhost). */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
