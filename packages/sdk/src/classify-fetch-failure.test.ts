import { describe, expect, test } from 'vitest';
import { isCertainlyNotSent, reasonOf } from './classify-fetch-failure.js';

const failed = (cause: unknown) => new TypeError('fetch failed', { cause });
const system = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });

const rows: { cell: string; error: unknown; notSent: boolean; reason: string; why: string }[] = [
  {
    cell: 'refused',
    error: failed(system('ECONNREFUSED', 'connect')),
    notSent: true,
    reason: 'ECONNREFUSED',
    why: 'no connection',
  },
  {
    cell: 'two addresses refused',
    error: failed(new AggregateError([system('ECONNREFUSED', 'connect')])),
    notSent: true,
    reason: 'ECONNREFUSED',
    why: 'no connection on any',
  },
  {
    cell: 'no such host',
    error: failed(system('ENOTFOUND', 'getaddrinfo')),
    notSent: true,
    reason: 'ENOTFOUND',
    why: 'nowhere to send to',
  },
  {
    cell: 'unreachable on connect',
    error: failed(system('EHOSTUNREACH', 'connect')),
    notSent: true,
    reason: 'EHOSTUNREACH',
    why: 'no connection',
  },
  {
    cell: 'unreachable on read',
    error: failed(system('EHOSTUNREACH', 'read')),
    notSent: false,
    reason: 'EHOSTUNREACH',
    why: 'it was connected',
  },
  {
    cell: 'reset',
    error: failed(system('ECONNRESET', 'read')),
    notSent: false,
    reason: 'ECONNRESET',
    why: 'it was connected',
  },
  {
    cell: 'closed',
    error: failed(Object.assign(new Error(), { code: 'UND_ERR_SOCKET' })),
    notSent: false,
    reason: 'UND_ERR_SOCKET',
    why: 'it was connected',
  },
  {
    cell: 'slow connect',
    error: failed(Object.assign(new Error(), { code: 'UND_ERR_CONNECT_TIMEOUT' })),
    notSent: true,
    reason: 'UND_ERR_CONNECT_TIMEOUT',
    why: 'never connected',
  },
  {
    cell: 'wrong certificate',
    error: failed(Object.assign(new Error(), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })),
    notSent: true,
    reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    why: 'refused before a request',
  },
  {
    cell: 'forbidden port',
    error: failed(new Error('bad port')),
    notSent: true,
    reason: 'bad port',
    why: 'never tried',
  },
  {
    cell: 'no reason',
    error: new TypeError('network error'),
    notSent: false,
    reason: 'network error',
    why: 'only proof counts',
  },
  { cell: 'not an error', error: 'boom', notSent: false, reason: 'network error', why: 'only proof counts' },
];

describe('a failed fetch', () => {
  test.each(rows)('$cell: $why', ({ error, notSent, reason }) => {
    expect(isCertainlyNotSent(error)).toBe(notSent);
    expect(reasonOf(error)).toBe(reason);
  });

  test('a cause that is its own cause ends', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(isCertainlyNotSent(error)).toBe(false);
  });
});
