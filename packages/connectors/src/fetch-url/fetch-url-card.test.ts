import { describe, expect, test } from 'vitest';
import { FETCH_URL_PATTERN, fetchUrlCard } from './fetch-url-card.js';

const CELLS = [
  { cell: 'https://github.com', expected: true, why: 'the normal case' },
  { cell: 'http://example.com/a/b?c=d&e=%20#f', expected: true, why: 'path, query, fragment' },
  { cell: 'HTTPS://Example.COM/', expected: true, why: 'no case' },
  { cell: 'https://example.com:8443/x', expected: true, why: 'a port of the web' },
  { cell: 'https://example.com?q=a@b:22', expected: true, why: 'an at sign in the query' },
  { cell: 'https://müller.example/', expected: true, why: 'a name in Unicode' },
  { cell: 'http://93.184.216.34/', expected: true, why: 'an address' },
  { cell: 'http://localhost./', expected: true, why: 'judged by its address' },
  { cell: 'http://0.0.0.0:43210/', expected: true, why: 'judged by its address, whatever the port' },
  { cell: 'http://[::1]:43210/', expected: true, why: 'judged by its address, whatever the port' },
  { cell: 'http://[64:ff9b::7f00:1]/', expected: true, why: 'judged by its address' },
  { cell: 'http://127\u30020\u30020\u30021/', expected: true, why: 'judged by its address' },
  { cell: 'http://0x7f000001:9000/', expected: true, why: 'judged by its address' },

  { cell: 'http://example.com:22/', expected: false, why: 'not a port of the web' },
  { cell: 'http://example.com:6379/', expected: false, why: 'not a port of the web' },
  { cell: 'http://user:pass@example.com/', expected: false, why: 'credentials' },
  { cell: 'http://user@example.com/', expected: false, why: 'a user' },
  { cell: 'http://127.0.0.1@example.com/', expected: false, why: 'an address as user' },
  { cell: 'http://exa\tmple.com/', expected: false, why: 'a tab, which parsers drop' },
  { cell: 'http://example.com/a b', expected: false, why: 'a space' },
  { cell: 'http://example.com/\r\nX: 1', expected: false, why: 'line ends' },
  { cell: 'http://example.com\\@evil.example/', expected: false, why: 'a backslash' },
  { cell: 'file:///etc/passwd', expected: false, why: 'scheme' },
  { cell: 'javascript:alert(1)', expected: false, why: 'scheme' },
  { cell: 'ftp://example.com/', expected: false, why: 'scheme' },
  { cell: 'data:text/plain,x', expected: false, why: 'scheme' },
  { cell: '//example.com/', expected: false, why: 'scheme-relative' },
  { cell: '/etc/passwd', expected: false, why: 'a path' },
  { cell: 'https:example.com', expected: false, why: 'parsers would mend it' },
  { cell: 'https://', expected: false, why: 'no host' },
  { cell: ' https://example.com', expected: false, why: 'a space in front' },
  { cell: '', expected: false, why: 'nothing' },
] as const;

describe('the input of fetch.url', () => {
  test.each(CELLS)('$cell, $why', ({ cell, expected }) => {
    expect(new RegExp(FETCH_URL_PATTERN).test(cell)).toBe(expected);
  });

  test('takes a URL, and beside it only labels that rules look at', () => {
    const { required, additionalProperties } = fetchUrlCard.input_schema;
    expect([required, additionalProperties]).toEqual([
      ['url'],
      { type: 'string', maxLength: 2048, pattern: String.raw`^[^\x00-\x1f\x7f]*$` },
    ]);
    expect(fetchUrlCard.effect).toBe('read');
    expect(FETCH_URL_PATTERN.length).toBeLessThanOrEqual(512);
  });
});
