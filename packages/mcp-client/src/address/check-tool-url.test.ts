import { describe, expect, test } from 'vitest';
import { checkToolUrl, isPlaceholderUrl } from './check-tool-url.js';

type Verdict = 'ok' | 'placeholder' | 'validation_failed' | 'egress_denied';
interface Cell {
  readonly cell: string;
  /** With loopback closed, and with loopback open. */
  readonly expected: readonly [closed: Verdict, open: Verdict];
  readonly why: string;
}

const both = (verdict: Verdict): readonly [Verdict, Verdict] => [verdict, verdict];

const CELLS: readonly Cell[] = [
  { cell: 'https://api.example.com/mcp', expected: both('ok'), why: 'the normal case' },
  {
    cell: 'https://api.example.com:8443/a/{id}?x={y}',
    expected: both('ok'),
    why: 'templates in path and query',
  },
  { cell: 'https://8.8.8.8/mcp', expected: both('ok'), why: 'public literal' },
  { cell: 'HTTPS://API.example.com/', expected: both('ok'), why: 'schemes and hosts have no case' },
  { cell: 'https://replace-with-your-host/mcp', expected: both('placeholder'), why: 'template' },
  { cell: 'replace-with-your-mcp-url', expected: both('placeholder'), why: 'template that is no URL' },
  { cell: 'https://REPLACE-WITH-YOUR.example', expected: both('placeholder'), why: 'case does not matter' },

  { cell: 'http://127.0.0.1:8080/mcp', expected: ['egress_denied', 'ok'], why: 'local wrapper' },
  { cell: 'http://localhost:3000/', expected: ['egress_denied', 'ok'], why: 'loopback by name' },
  { cell: 'http://localhost./', expected: ['egress_denied', 'ok'], why: 'trailing dot' },
  { cell: 'http://app.localhost/', expected: ['egress_denied', 'ok'], why: 'RFC 6761' },
  { cell: 'http://[::1]:8080/', expected: ['egress_denied', 'ok'], why: 'v6 loopback' },
  { cell: 'http://127.1/', expected: ['egress_denied', 'ok'], why: 'short form' },
  { cell: 'http://2130706433/', expected: ['egress_denied', 'ok'], why: 'decimal form' },
  { cell: 'http://0x7f000001/', expected: ['egress_denied', 'ok'], why: 'hex form' },
  { cell: 'http://0177.0.0.1/', expected: ['egress_denied', 'ok'], why: 'octal form' },
  {
    cell: 'http://127\u30020\u30020\u30021/',
    expected: ['egress_denied', 'ok'],
    why: 'ideographic full stop',
  },
  { cell: 'http://\uff11\uff12\uff17.0.0.1/', expected: ['egress_denied', 'ok'], why: 'fullwidth digits' },
  { cell: 'http://[::ffff:7f00:1]/', expected: ['egress_denied', 'ok'], why: 'mapped' },
  { cell: 'https://127.0.0.1/', expected: ['egress_denied', 'ok'], why: 'https makes no difference' },

  { cell: 'https://0.0.0.0/', expected: both('egress_denied'), why: 'unspecified' },
  { cell: 'https://[::]/', expected: both('egress_denied'), why: 'unspecified v6' },
  { cell: 'http://169.254.169.254/latest/meta-data', expected: both('egress_denied'), why: 'metadata' },
  { cell: 'https://168.63.129.16/', expected: both('egress_denied'), why: 'Azure wire server' },
  { cell: 'https://100.100.100.200/', expected: both('egress_denied'), why: 'Alibaba metadata' },
  { cell: 'https://192.0.0.192/', expected: both('egress_denied'), why: 'Oracle metadata' },
  { cell: 'https://10.0.0.5/mcp', expected: both('egress_denied'), why: 'private, even with loopback open' },
  { cell: 'https://192.168.0.1/', expected: both('egress_denied'), why: 'private' },
  { cell: 'https://255.255.255.255/', expected: both('egress_denied'), why: 'broadcast' },
  { cell: 'https://[fe80::1]/', expected: both('egress_denied'), why: 'link-local v6' },
  { cell: 'https://[64:ff9b::7f00:1]/', expected: both('egress_denied'), why: 'NAT64' },
  { cell: 'https://[64:ff9b:1::7f00:1]/', expected: both('egress_denied'), why: 'local NAT64' },
  { cell: 'https://[2002:7f00:1::]/', expected: both('egress_denied'), why: '6to4' },
  { cell: 'https://[::127.0.0.1]/', expected: both('egress_denied'), why: 'v4-compatible' },
  { cell: 'https://gateway.example.net/mcp', expected: both('egress_denied'), why: 'the gateway itself' },
  {
    cell: 'https://GATEWAY.example.net./mcp',
    expected: both('egress_denied'),
    why: 'the gateway itself, dressed up',
  },

  {
    cell: 'http://api.example.com/mcp',
    expected: both('validation_failed'),
    why: 'plain http to the internet',
  },
  { cell: 'https://user:pw@api.example.com/', expected: both('validation_failed'), why: 'credentials' },
  {
    cell: 'https://user@api.example.com/',
    expected: both('validation_failed'),
    why: 'a user is a credential',
  },
  { cell: 'file:///etc/passwd', expected: both('validation_failed'), why: 'scheme' },
  { cell: 'javascript:alert(1)', expected: both('validation_failed'), why: 'scheme' },
  { cell: 'ftp://example.com/', expected: both('validation_failed'), why: 'scheme' },
  { cell: '//example.com/', expected: both('validation_failed'), why: 'scheme-relative' },
  { cell: 'https:example.com/', expected: both('validation_failed'), why: 'the parser would mend it' },
  {
    cell: 'https://exa\tmple.com/',
    expected: both('validation_failed'),
    why: 'the parser would drop the tab',
  },
  {
    cell: ' https://example.com/',
    expected: both('validation_failed'),
    why: 'the parser would drop the space',
  },
  { cell: 'https://example.com\\@127.0.0.1/', expected: both('validation_failed'), why: 'backslash' },
  { cell: 'https://{host}/mcp', expected: both('validation_failed'), why: 'template in the host' },
  { cell: 'https://[::1', expected: both('validation_failed'), why: 'broken literal' },
  { cell: 'https://256.256.256.256/', expected: both('validation_failed'), why: 'no such address' },
  { cell: '', expected: both('validation_failed'), why: 'empty' },
];

const judge = (cell: string, allowLoopback: boolean): Verdict => {
  const verdict = checkToolUrl(cell, { allowLoopback, deniedHosts: ['gateway.example.net'] });
  return verdict.kind === 'refused' ? verdict.code : verdict.kind;
};

describe('checkToolUrl', () => {
  test.each(CELLS)('$cell: $why', ({ cell, expected }) => {
    expect([judge(cell, false), judge(cell, true)]).toEqual(expected);
  });

  test('plain http to the internet by the leave of the operator', () => {
    expect(checkToolUrl('http://api.example.com/', { allowLoopback: false, allowPlainHttp: true }).kind).toBe(
      'ok',
    );
    expect(checkToolUrl('http://10.0.0.1/', { allowLoopback: false, allowPlainHttp: true }).kind).toBe(
      'refused',
    );
  });

  test('placeholders are told apart', () => {
    expect(isPlaceholderUrl('https://replace-with-your-server.example/mcp')).toBe(true);
    expect(isPlaceholderUrl('https://api.example.com/mcp')).toBe(false);
  });
});
