import { describe, expect, test } from 'vitest';
import { clientAddress, parseTrustedProxies } from './client-address.js';

const from = (peer: string, forwarded?: string) => ({
  peer: () => peer,
  header: (name: string) => (name === 'x-forwarded-for' ? forwarded : undefined),
});
const TRUSTED = parseTrustedProxies('X', ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'], []);

describe('clientAddress', () => {
  test.each([
    {
      cell: 'a stranger',
      peer: '203.0.113.5',
      forwarded: '1.2.3.4',
      expected: '203.0.113.5',
      why: 'whatever it says',
    },
    {
      cell: 'dual stack',
      peer: '::ffff:203.0.113.5',
      forwarded: undefined,
      expected: '203.0.113.5',
      why: 'it is IPv4',
    },
    { cell: 'a proxy', peer: '10.0.0.1', forwarded: '203.0.113.5', expected: '203.0.113.5', why: 'believed' },
    {
      cell: 'a proxy over dual stack',
      peer: '::ffff:10.0.0.1',
      forwarded: '203.0.113.5',
      expected: '203.0.113.5',
      why: 'the same',
    },
    {
      cell: 'a forged beginning',
      peer: '10.0.0.1',
      forwarded: '1.2.3.4, 203.0.113.5',
      expected: '203.0.113.5',
      why: 'the end is what the proxy saw',
    },
    {
      cell: 'two proxies',
      peer: '10.0.0.1',
      forwarded: '203.0.113.5, 192.0.2.7',
      expected: '203.0.113.5',
      why: 'both are trusted',
    },
    {
      cell: 'a proxy that says nothing',
      peer: '10.0.0.1',
      forwarded: undefined,
      expected: '10.0.0.1',
      why: 'then it is the proxy',
    },
    {
      cell: 'nonsense',
      peer: '10.0.0.1',
      forwarded: '203.0.113.5, unknown',
      expected: '10.0.0.1',
      why: 'what cannot be read ends the way',
    },
    {
      cell: 'with a port',
      peer: '10.0.0.1',
      forwarded: '203.0.113.5:4711',
      expected: '203.0.113.5',
      why: 'some proxies add it',
    },
    {
      cell: 'IPv6 in brackets',
      peer: 'fd00::1',
      forwarded: '[2001:db8:1:2:3::4]:4711',
      expected: '2001:db8:1:2::/64',
      why: 'a whole site',
    },
    {
      cell: 'IPv6',
      peer: '2001:db8::1',
      forwarded: undefined,
      expected: '2001:db8:0:0::/64',
      why: 'a whole site',
    },
    { cell: 'loopback', peer: '::1', forwarded: undefined, expected: '0:0:0:0::/64', why: 'it is IPv6, too' },
    {
      cell: 'with a zone',
      peer: 'fe80::1%eth0',
      forwarded: undefined,
      expected: 'fe80:0:0:0::/64',
      why: 'the zone is ours',
    },
    {
      cell: 'only proxies',
      peer: '10.0.0.1',
      forwarded: '10.0.0.3, 10.0.0.2',
      expected: '10.0.0.3',
      why: 'the first of them',
    },
  ])('$cell: $why', ({ peer, forwarded, expected }) => {
    expect(clientAddress(from(peer, forwarded), TRUSTED)).toBe(expected);
  });

  test('where no proxy is named, none is believed', () => {
    expect(clientAddress(from('10.0.0.1', '203.0.113.5'), null)).toBe('10.0.0.1');
  });
});

test.each([
  '10.0.0',
  '10.0.0.0/33',
  '10.0.0.0/8/9',
  'proxy.internal',
  'fd00::/129',
  '10.0.0.0/x',
  '10.0.0.0/',
])('a proxy %s is told', (entry) => {
  const problems: string[] = [];
  parseTrustedProxies('INVOKE_TRUSTED_PROXIES', [entry], problems);
  expect(problems).toEqual([
    `INVOKE_TRUSTED_PROXIES: expected addresses such as 10.0.0.1 or 10.0.0.0/8, got ${JSON.stringify(entry)}`,
  ]);
});
