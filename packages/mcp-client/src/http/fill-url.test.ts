import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillUrl } from './fill-url.js';

const base = 'https://api.example.com';

const CELLS = [
  { cell: '/users/{id}', params: { id: 'u_1' }, expected: '/users/u_1', why: 'the normal case' },
  { cell: '/users/{id}', params: { id: 42 }, expected: '/users/42', why: 'numbers' },
  { cell: '/flags/{on}', params: { on: false }, expected: '/flags/false', why: 'booleans' },
  {
    cell: '/users/{id}',
    params: { id: 'a/b?c#d' },
    expected: '/users/a%2Fb%3Fc%23d',
    why: 'stays in its segment',
  },
  {
    cell: '/users/{id}',
    params: { id: '../../admin' },
    expected: '/users/..%2F..%2Fadmin',
    why: 'no traversal',
  },
  { cell: '/users/{id}', params: { id: 'é ü' }, expected: '/users/%C3%A9%20%C3%BC', why: 'UTF-8' },
  { cell: '/users/{id}', params: { id: '%2e%2e' }, expected: '/users/%252e%252e', why: 'encoded once more' },
  { cell: '/users/{id}', params: { id: 'a\\b' }, expected: '/users/a%5Cb', why: 'backslash' },
  { cell: '/v{n}/x', params: { n: '1.' }, expected: '/v1./x', why: 'a dot beside letters is harmless' },
  {
    cell: '/s?q={q}&n={n}',
    params: { q: 'a&b=c', n: 1 },
    expected: '/s?q=a%26b%3Dc&n=1',
    why: 'in the query',
  },
  { cell: '/{a}/{a}', params: { a: 'x' }, expected: '/x/x', why: 'twice' },

  { cell: '/users/{id}', params: {}, expected: 'invalid', why: 'missing' },
  { cell: '/users/{constructor}', params: {}, expected: 'invalid', why: 'own properties only' },
  { cell: '/users/{id}', params: { id: '' }, expected: 'invalid', why: 'empty' },
  { cell: '/users/{id}', params: { id: '.' }, expected: 'invalid', why: 'this segment' },
  { cell: '/users/{id}', params: { id: '..' }, expected: 'invalid', why: 'the segment above' },
  { cell: '/a/.{x}/b', params: { x: '.' }, expected: 'invalid', why: 'the segment above, in two pieces' },
  { cell: '/a/.{x}', params: { x: '.' }, expected: 'invalid', why: 'in two pieces at the end' },
  { cell: '/a/{x}{y}', params: { x: '.', y: '.' }, expected: 'invalid', why: 'in two params' },
  { cell: '/a/%2e{x}', params: { x: '.' }, expected: 'invalid', why: 'half of it encoded' },
  { cell: '/users/{id}', params: { id: 'a\r\nX: 1' }, expected: 'invalid', why: 'control characters' },
  { cell: '/users/{id}', params: { id: 'a\0' }, expected: 'invalid', why: 'NUL' },
  { cell: '/users/{id}', params: { id: '\ud800' }, expected: 'invalid', why: 'a lone surrogate' },
  { cell: '/users/{id}', params: { id: null }, expected: 'invalid', why: 'null' },
  { cell: '/users/{id}', params: { id: { a: 1 } }, expected: 'invalid', why: 'an object' },
  { cell: '/users/{id}', params: { id: ['a'] }, expected: 'invalid', why: 'a list' },
  { cell: '/users/{id}', params: { id: 'x'.repeat(20_000) }, expected: 'invalid', why: 'too long' },
] as const;

describe('fillUrl', () => {
  test.each(CELLS)('$cell, $why', ({ cell, params, expected }) => {
    const filled = fillUrl(base + cell, params);
    expect(filled.kind === 'filled' ? filled.url.href.slice(base.length) : 'invalid').toBe(expected);
  });

  test.each([
    { cell: 'https://{host}/x', params: { host: 'x' }, why: 'a template in the host' },
    { cell: 'https://api.{tld}/x', params: { tld: 'com' }, why: 'a template in a part of the host' },
    { cell: 'https://api.example.com{rest}', params: { rest: '.evil.com' }, why: 'a host that goes on' },
    { cell: 'https://api.example.com:{port}/', params: { port: '22' }, why: 'a template in the port' },
    { cell: '{url}', params: { url: 'https://evil.example/' }, why: 'nothing but a template' },
    { cell: 'file:///{x}', params: { x: 'etc' }, why: 'another scheme' },
  ])('refuses $why', ({ cell, params }) => {
    expect(fillUrl(cell, params).kind).toBe('invalid');
  });

  test('says which params were used', () => {
    const filled = fillUrl(`${base}/{a}/{b}?c={c}`, { a: 1, b: 2, c: 3, d: 4 });
    expect(filled.kind === 'filled' && [...filled.used]).toEqual(['a', 'b', 'c']);
  });

  test('whatever the value, it is one segment of the same origin, and decodes to itself', () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '%2e', '/', '\\', '?', '#', '@'),
    );
    fc.assert(
      fc.property(value, value, (a, b) => {
        const filled = fillUrl(`${base}/users/{a}/posts/{b}`, { a, b });
        if (filled.kind === 'invalid') return;
        expect(filled.url.origin).toBe(base);
        expect(filled.url.search + filled.url.hash).toBe('');
        const segments = filled.url.pathname.split('/').map(decodeURIComponent);
        expect(segments).toEqual(['', 'users', a, 'posts', b]);
      }),
      { numRuns: 500 },
    );
  });
});
