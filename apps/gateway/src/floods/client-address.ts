import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Incoming } from '../http/incoming.js';

/** Proxies whose X-Forwarded-For is believed; null: none. */
export type TrustedProxies = BlockList | null;

/** Proxies beyond this many are not asked about; a header of 16 KiB would hold thousands. */
const MOST_HOPS = 16;

/**
 * Where a request comes from: the other end of its connection. Only where that is a proxy that the operator names is the
 * header X-Forwarded-For looked at, from its end: what the last trusted proxy has seen counts, and what a caller wrote before
 * it does not.
 *
 * @returns an IPv4 address, or the /64 of an IPv6 address (one site has at least so many); empty where there is no connection
 */
export function clientAddress(incoming: Pick<Incoming, 'peer' | 'header'>, trusted: TrustedProxies): string {
  let address = plain(incoming.peer());
  if (trusted === null || !isTrusted(address, trusted)) return blockOf(address);
  const hops = (incoming.header('x-forwarded-for') ?? '').split(',').slice(-MOST_HOPS).toReversed();
  for (const hop of hops) {
    const before = plain(hop.trim());
    if (isIP(before) === 0) break;
    address = before;
    if (!isTrusted(address, trusted)) break;
  }
  return blockOf(address);
}

/** `10.0.0.1, 10.1.0.0/16, fd00::/8`. A problem is told in one line. */
export function parseTrustedProxies(
  name: string,
  entries: readonly string[],
  problems: string[],
): TrustedProxies {
  if (entries.length === 0) return null;
  const trusted = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, more] = entry.split('/');
    const version = isIP(address);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    const most = version === 6 ? 128 : 32;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (version === 0 || more !== undefined || !(prefix <= most)) {
      problems.push(
        `${name}: expected addresses such as 10.0.0.1 or 10.0.0.0/8, got ${JSON.stringify(entry)}`,
      );
    } else trusted.addSubnet(address, prefix, family);
  }
  return trusted;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Without brackets, port and zone; an IPv4 address that a dual-stack socket has seen is one. */
function plain(text: string): string {
  const inside =
    /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  const [address = ''] = inside.split('%', 1);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function blockOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  const groups = [...first, ...zeros, ...last].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}
