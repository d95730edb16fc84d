import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { findDeniedHost, findDeniedRange, type EgressPolicy } from './egress-policy.js';

/** Raised instead of a connection. */
export class AddressDenied extends Error {
  readonly code = 'INVOKE_ADDRESS_DENIED';

  constructor(host: string, range: string) {
    super(`the host ${host} is out of bounds (${range})`);
  }
}

/**
 * Connects for undici, to addresses within the policy only. Three looks, because each alone has a hole: at the host as
 * written (no name is looked up for a literal address), at everything that the name resolves to (the connection then goes
 * to one of exactly those addresses, so a second, different DNS answer has no effect), and at the peer of the socket.
 * HTTP/2 is off: undici may send a request again over it after a GOAWAY.
 */
export function createCheckedConnector(policy: EgressPolicy, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ allowH2: false, timeout: timeoutMs, lookup: createCheckedLookup(policy) });
  return (options, callback) => {
    const denied = findDeniedHost(options.hostname, policy);
    if (denied !== null) {
      queueMicrotask(() => callback(new AddressDenied(options.hostname, denied), null));
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const range = findDeniedRange(socket.remoteAddress ?? '', policy);
      if (range === null) return callback(null, socket);
      socket.destroy();
      callback(new AddressDenied(options.hostname, range), null);
    });
  };
}

/** A name with several addresses must have none that is out of bounds. */
function createCheckedLookup(policy: EgressPolicy): LookupFunction {
  const resolve = policy.lookup ?? systemLookup;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error !== null) return callback(error, '');
      const range = addresses
        .map((a: LookupAddress) => findDeniedRange(a.address, policy))
        .find((r) => r !== null);
      if (range !== undefined) return callback(new AddressDenied(hostname, range), '');
      const first = addresses[0];
      if (first === undefined) {
        return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
      }
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
