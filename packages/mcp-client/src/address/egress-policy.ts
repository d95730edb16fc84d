import { isIP, type LookupFunction } from 'node:net';
import { classifyAddress } from './classify-address.js';

/** Which addresses may be called. */
export interface EgressPolicy {
  /** Opens 127.0.0.0/8 and ::1, nothing else. For tools that an operator registered, never for URLs from agents. */
  readonly allowLoopback: boolean;
  /**
   * Host names that are never called, in lower case and without a dot at the end: the gateway's own, so that it cannot be
   * made to call itself.
   */
  readonly deniedHosts?: readonly string[];
  /** How names are resolved; the system's resolver by default. Must honour `all: true`. */
  readonly lookup?: LookupFunction;
}

/**
 * Why a host may not be called, judged without asking DNS: null for a public literal and for every name that is not ruled
 * out by itself. What the name resolves to is judged when the connection is made.
 */
export function findDeniedHost(hostname: string, policy: EgressPolicy): string | null {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (policy.deniedHosts?.includes(host)) return 'this gateway itself';
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIP(address) !== 0) return findDeniedRange(address, policy);
  return isLocalName(host) && !policy.allowLoopback ? 'loopback' : null;
}

/** Null if the address may be called, otherwise the name of the range that it is in. */
export function findDeniedRange(address: string, policy: EgressPolicy): string | null {
  const verdict = classifyAddress(address);
  switch (verdict.kind) {
    case 'public':
      return null;
    case 'loopback':
      return policy.allowLoopback ? null : 'loopback';
    case 'denied':
      return verdict.range;
  }
}

/** RFC 6761, 6.3: these names are loopback wherever they are resolved. */
export function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}
