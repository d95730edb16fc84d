import type { HttpBinding } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { buildHttpRequest } from './build-http-request.js';

const binding = (more: Partial<HttpBinding> = {}): HttpBinding => ({
  method: 'POST',
  url: 'https://api.example.com/charges',
  headers: {},
  secret_headers: {},
  ...more,
});
const secrets = (name: string) => (name === 'INVOKE_SECRET_API' ? 'Bearer s3cret' : undefined);

const CELLS = [
  {
    cell: 'POST puts the params into a JSON body',
    binding: binding(),
    params: { amount: 12, note: null, tags: ['a'] },
    expected: { url: 'https://api.example.com/charges', body: '{"amount":12,"note":null,"tags":["a"]}' },
  },
  {
    cell: 'params of the URL are not sent twice',
    binding: binding({ method: 'PUT', url: 'https://api.example.com/charges/{id}' }),
    params: { id: 'ch_1', amount: 12 },
    expected: { url: 'https://api.example.com/charges/ch_1', body: '{"amount":12}' },
  },
  {
    cell: 'GET puts the params into the query',
    binding: binding({ method: 'GET', url: 'https://api.example.com/search?v=1' }),
    params: { q: 'a b&c', tags: ['x', 'y'], filter: { a: 1 }, none: null, on: true },
    expected: {
      url: 'https://api.example.com/search?v=1&q=a+b%26c&tags=x&tags=y&filter=%7B%22a%22%3A1%7D&on=true',
      body: null,
    },
  },
  {
    cell: 'DELETE has no body unless it is told to have one',
    binding: binding({ method: 'DELETE' }),
    params: { id: 1 },
    expected: { url: 'https://api.example.com/charges?id=1', body: null },
  },
  {
    cell: 'params_in decides',
    binding: binding({ method: 'DELETE', params_in: 'body' }),
    params: { id: 1 },
    expected: { url: 'https://api.example.com/charges', body: '{"id":1}' },
  },
  {
    cell: 'POST into the query',
    binding: binding({ params_in: 'query' }),
    params: { id: 1 },
    expected: { url: 'https://api.example.com/charges?id=1', body: null },
  },
] as const;

describe('buildHttpRequest', () => {
  test.each(CELLS)('$cell', ({ binding: of, params, expected }) => {
    const built = buildHttpRequest(of, params, secrets);
    expect(built.kind === 'built' && { url: built.url.href, body: built.body }).toEqual(expected);
  });

  test('headers: ours, the operator’s over them, secrets over those, no compression', () => {
    const headers = { 'X-Team': 'a', Accept: 'text/plain', 'Accept-Encoding': 'gzip' };
    const built = buildHttpRequest(
      binding({ headers, secret_headers: { Authorization: 'INVOKE_SECRET_API' } }),
      {},
      secrets,
    );
    expect(built.kind === 'built' && built.headers).toEqual({
      accept: 'text/plain',
      'accept-encoding': 'identity',
      authorization: 'Bearer s3cret',
      'content-type': 'application/json',
      'user-agent': 'invoke',
      'x-team': 'a',
    });
  });

  test('a secret that is not set stops the call, and is named without its value', () => {
    const built = buildHttpRequest(binding({ secret_headers: { A: 'INVOKE_SECRET_NONE' } }), {}, secrets);
    expect(built).toEqual({
      kind: 'not_configured',
      message: expect.stringContaining('INVOKE_SECRET_NONE is not set'),
    });
  });

  test.each(['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Expect', 'Upgrade'])(
    'the header %s is not to be set',
    (name) => {
      expect(buildHttpRequest(binding({ headers: { [name]: 'x' } }), {}, secrets).kind).toBe(
        'not_configured',
      );
    },
  );

  test('params that cannot stand in the URL are invalid', () => {
    const of = binding({ url: 'https://api.example.com/{id}' });
    expect(buildHttpRequest(of, { id: '..' }, secrets).kind).toBe('invalid_params');
  });
});
