import { describe, expect, test } from 'vitest';
import { classifyAddress } from './classify-address.js';

interface Cell {
  readonly cell: string;
  readonly expected: 'public' | 'loopback' | 'denied';
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  { cell: '8.8.8.8', expected: 'public', why: 'global unicast' },
  { cell: '93.184.216.34', expected: 'public', why: 'global unicast' },
  { cell: '172.15.255.255', expected: 'public', why: 'one below 172.16/12' },
  { cell: '172.32.0.0', expected: 'public', why: 'one above 172.16/12' },
  { cell: '2606:4700::1111', expected: 'public', why: 'global unicast v6' },
  { cell: '::ffff:8.8.8.8', expected: 'public', why: 'mapped v4 is judged as v4' },

  { cell: '127.0.0.1', expected: 'loopback', why: 'RFC 1122' },
  { cell: '127.255.255.254', expected: 'loopback', why: 'all of 127/8' },
  { cell: '::1', expected: 'loopback', why: 'RFC 4291' },
  { cell: '::ffff:127.0.0.1', expected: 'loopback', why: 'mapped loopback' },
  { cell: '::ffff:7f00:1', expected: 'loopback', why: 'mapped loopback in hex' },

  { cell: '0.0.0.0', expected: 'denied', why: 'unspecified reaches the own host' },
  { cell: '0.1.2.3', expected: 'denied', why: 'this network' },
  { cell: '10.1.2.3', expected: 'denied', why: 'private' },
  { cell: '172.16.0.1', expected: 'denied', why: 'private' },
  { cell: '172.31.255.255', expected: 'denied', why: 'private' },
  { cell: '192.168.1.1', expected: 'denied', why: 'private' },
  { cell: '169.254.169.254', expected: 'denied', why: 'metadata of AWS, GCP, Azure' },
  { cell: '169.254.170.2', expected: 'denied', why: 'metadata of ECS' },
  { cell: '168.63.129.16', expected: 'denied', why: "Azure's wire server: public by its bits" },
  { cell: '100.100.100.200', expected: 'denied', why: 'metadata of Alibaba, carrier NAT' },
  { cell: '100.64.0.1', expected: 'denied', why: 'carrier NAT' },
  { cell: '192.0.0.192', expected: 'denied', why: 'metadata of Oracle' },
  { cell: '192.0.2.1', expected: 'denied', why: 'documentation' },
  { cell: '198.18.0.1', expected: 'denied', why: 'benchmarking' },
  { cell: '192.88.99.1', expected: 'denied', why: '6to4 relay' },
  { cell: '224.0.0.1', expected: 'denied', why: 'multicast' },
  { cell: '240.0.0.1', expected: 'denied', why: 'reserved' },
  { cell: '255.255.255.255', expected: 'denied', why: 'broadcast' },

  { cell: '::', expected: 'denied', why: 'unspecified' },
  { cell: '::127.0.0.1', expected: 'denied', why: 'v4-compatible, deprecated' },
  { cell: '::8.8.8.8', expected: 'denied', why: 'v4-compatible, even with a public address in it' },
  { cell: '::ffff:169.254.169.254', expected: 'denied', why: 'mapped metadata' },
  { cell: '::ffff:0:127.0.0.1', expected: 'denied', why: 'v4-translated (RFC 6145)' },
  { cell: '64:ff9b::7f00:1', expected: 'denied', why: 'NAT64' },
  { cell: '64:ff9b::808:808', expected: 'denied', why: 'NAT64, even to a public address' },
  { cell: '64:ff9b:1::7f00:1', expected: 'denied', why: 'local NAT64' },
  { cell: '2002:7f00:1::', expected: 'denied', why: '6to4' },
  { cell: '2001:0:4136:e378::1', expected: 'denied', why: 'Teredo' },
  { cell: '2001:db8::1', expected: 'denied', why: 'documentation' },
  { cell: '3fff::1', expected: 'denied', why: 'documentation (RFC 9637)' },
  { cell: '100::1', expected: 'denied', why: 'discard' },
  { cell: 'fe80::1', expected: 'denied', why: 'link-local' },
  { cell: 'fe80::1%eth0', expected: 'denied', why: 'link-local with a zone' },
  { cell: 'fec0::1', expected: 'denied', why: 'site-local, deprecated' },
  { cell: 'fc00::1', expected: 'denied', why: 'unique local' },
  { cell: 'fd00:ec2::254', expected: 'denied', why: 'metadata of AWS' },
  { cell: 'ff02::1', expected: 'denied', why: 'multicast' },
  { cell: '5f00::1', expected: 'denied', why: 'segment routing' },
  { cell: '4000::1', expected: 'denied', why: 'not handed out by IANA' },

  { cell: '', expected: 'denied', why: 'no address' },
  { cell: 'example.com', expected: 'denied', why: 'a name is no address' },
  { cell: '0177.0.0.1', expected: 'denied', why: 'octal is no address here' },
  { cell: '127.1', expected: 'denied', why: 'short form is no address here' },
  { cell: '2130706433', expected: 'denied', why: 'a number is no address here' },
];

describe('classifyAddress', () => {
  test.each(CELLS)('$cell is $expected: $why', ({ cell, expected }) => {
    expect(classifyAddress(cell).kind).toBe(expected);
  });

  test('names the range', () => {
    expect(classifyAddress('169.254.169.254')).toEqual({ kind: 'denied', range: 'linkLocal' });
    expect(classifyAddress('168.63.129.16')).toEqual({ kind: 'denied', range: 'metadata' });
  });
});
