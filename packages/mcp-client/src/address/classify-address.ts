import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Where an IP address leads. Only `public` may be called; `loopback` by the operator's leave. */
export type AddressVerdict =
  | { readonly kind: 'public' }
  | { readonly kind: 'loopback' }
  | { readonly kind: 'denied'; readonly range: string };

/** Reachable on the public internet by their bits, but answered by the host's own cloud (Azure's wire server). */
const METADATA_V4 = ipaddr.IPv4.parseCIDR('168.63.129.16/32');
/** RFC 4291, 2.5.5.2. `::/96` (2.5.5.1) is not among these: it is deprecated and refused. */
const MAPPED_V4 = ipaddr.IPv6.parseCIDR('::ffff:0:0/96');
/** RFC 4291, 2.4: the only block from which global unicast addresses are handed out. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Sorts an address, as written in a URL or as found by DNS, into public, loopback and everything else (private, link-local
 * and metadata, carrier NAT, multicast, reserved, documentation, and the tunnels NAT64, 6to4 and Teredo, which reach any of
 * them). What is not an address is denied.
 */
export function classifyAddress(address: string): AddressVerdict {
  const bare = address.replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return classifyV4(ipaddr.IPv4.parse(bare));
    case 6:
      return classifyV6(ipaddr.IPv6.parse(toHexGroups(bare)));
    default:
      return { kind: 'denied', range: 'not an address' };
  }
}

function classifyV4(address: ipaddr.IPv4): AddressVerdict {
  if (address.match(METADATA_V4)) return { kind: 'denied', range: 'metadata' };
  return toVerdict(address.range());
}

function classifyV6(address: ipaddr.IPv6): AddressVerdict {
  if (address.match(MAPPED_V4)) return classifyV4(address.toIPv4Address());
  const range = address.range();
  if (range === 'unicast' && !address.match(GLOBAL_UNICAST_V6)) return { kind: 'denied', range: 'reserved' };
  return toVerdict(range);
}

/** The URL standard writes no dotted parts. ipaddr.js would take `::127.0.0.1` for the mapped `::ffff:127.0.0.1`. */
function toHexGroups(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function toVerdict(range: string): AddressVerdict {
  if (range === 'unicast') return { kind: 'public' };
  if (range === 'loopback') return { kind: 'loopback' };
  return { kind: 'denied', range };
}
