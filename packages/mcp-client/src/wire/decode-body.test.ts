import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeBody } from './decode-body.js';

const hello = Buffer.from('hello');
const MIB = 1024 * 1024;
const layers = (n: number): Buffer => (n === 0 ? hello : gzipSync(layers(n - 1)));

const CELLS = [
  { cell: 'identity', bytes: hello, coding: 'identity', expected: 'decoded' },
  { cell: 'nothing', bytes: hello, coding: '', expected: 'decoded' },
  { cell: 'gzip', bytes: gzipSync(hello), coding: 'gzip', expected: 'decoded' },
  { cell: 'x-gzip in capitals', bytes: gzipSync(hello), coding: 'X-GZIP', expected: 'decoded' },
  { cell: 'deflate', bytes: deflateSync(hello), coding: 'deflate', expected: 'decoded' },
  { cell: 'br', bytes: brotliCompressSync(hello), coding: 'br', expected: 'decoded' },
  { cell: 'zstd', bytes: zstdCompressSync(hello), coding: 'zstd', expected: 'decoded' },
  { cell: 'two layers', bytes: gzipSync(deflateSync(hello)), coding: 'deflate, gzip', expected: 'decoded' },
  { cell: 'gzip that is none', bytes: hello, coding: 'gzip', expected: 'bad_encoding' },
  { cell: 'gzip cut off', bytes: gzipSync(hello).subarray(0, 12), coding: 'gzip', expected: 'bad_encoding' },
  { cell: 'unknown', bytes: hello, coding: 'compress', expected: 'bad_encoding' },
  { cell: 'five layers', bytes: layers(5), coding: Array(5).fill('gzip').join(','), expected: 'decoded' },
  { cell: 'six layers', bytes: layers(6), coding: Array(6).fill('gzip').join(','), expected: 'bad_encoding' },
  { cell: 'exactly 5 MiB', bytes: gzipSync(Buffer.alloc(5 * MIB)), coding: 'gzip', expected: 'decoded' },
  {
    cell: 'one byte more',
    bytes: gzipSync(Buffer.alloc(5 * MIB + 1)),
    coding: 'gzip',
    expected: 'too_large',
  },
  {
    cell: 'a bomb in br',
    bytes: brotliCompressSync(Buffer.alloc(50 * MIB)),
    coding: 'br',
    expected: 'too_large',
  },
  {
    cell: 'a bomb in the inner layer',
    bytes: gzipSync(gzipSync(Buffer.alloc(50 * MIB))),
    coding: 'gzip, gzip',
    expected: 'too_large',
  },
] as const;

describe('decodeBody', () => {
  test.each(CELLS)('$cell: $expected', async ({ bytes, coding, expected }) => {
    const decoded = await decodeBody(bytes, coding);
    expect(decoded.kind).toBe(expected);
    if (decoded.kind === 'decoded' && decoded.bytes.length < 100) {
      expect(Buffer.from(decoded.bytes).toString()).toBe('hello');
    }
  });
});
