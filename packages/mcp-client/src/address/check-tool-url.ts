import { isIP } from 'node:net';
import { classifyAddress } from './classify-address.js';
import { findDeniedHost, isLocalName, type EgressPolicy } from './egress-policy.js';

export interface ToolUrlPolicy extends EgressPolicy {
  /** Plain http to the internet. Off unless the operator opens it: on the way, calls and answers could be changed. */
  readonly allowPlainHttp?: boolean;
}

/** What a tool's address is worth at registration. `code` is the public error code of a refusal. */
export type ToolUrlVerdict =
  | { readonly kind: 'ok'; readonly url: URL }
  | { readonly kind: 'placeholder' }
  | {
      readonly kind: 'refused';
      readonly code: 'validation_failed' | 'egress_denied';
      readonly message: string;
    };

/**
 * Judges the address of a tool when it is registered, without asking DNS (the connection judges again, on what the name
 * then resolves to). https is required, except on loopback where loopback is open at all. A template's `{name}` may stand
 * in the path and the query, not in the host.
 */
export function checkToolUrl(raw: string, policy: ToolUrlPolicy): ToolUrlVerdict {
  if (isPlaceholderUrl(raw)) return { kind: 'placeholder' };
  const url = parseWebUrl(raw);
  if (typeof url === 'string') return { kind: 'refused', code: 'validation_failed', message: url };
  const denied = findDeniedHost(url.hostname, policy);
  if (denied !== null) {
    return {
      kind: 'refused',
      code: 'egress_denied',
      message: `the host ${url.hostname} is out of bounds (${denied})`,
    };
  }
  if (url.protocol === 'http:' && !policy.allowPlainHttp && !isLoopbackHost(url.hostname)) {
    return { kind: 'refused', code: 'validation_failed', message: 'expected https' };
  }
  return { kind: 'ok', url };
}

/** Addresses that templates ship with, to be filled in by hand: not callable, but no error to register. */
export function isPlaceholderUrl(raw: string): boolean {
  return /replace-with-your/i.test(raw);
}

/**
 * Parses an absolute http or https URL, or says what is wrong with it. Stricter than the WHATWG parser, which silently
 * drops tabs and line ends and takes a backslash for a slash: two readers must not see two hosts.
 */
export function parseWebUrl(raw: string): URL | string {
  if (/[\u0000-\u0020\u007f\\]/.test(raw)) {
    return 'the URL contains a space, a control character or a backslash';
  }
  if (!/^https?:\/\//i.test(raw)) return 'expected an absolute http or https URL';
  const url = URL.parse(raw);
  if (url === null) return 'this is not a valid URL';
  if (/[{}]/.test(url.host)) return 'a template cannot stand for the host';
  if (url.username !== '' || url.password !== '') return 'a URL must not contain credentials';
  return url;
}

function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '');
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(address) === 0 ? isLocalName(host) : classifyAddress(address).kind === 'loopback';
}
