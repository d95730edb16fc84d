import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { MAX_ANSWER_BYTES, MAX_CODINGS } from './limits.js';

export type DecodedBody =
  | { readonly kind: 'decoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'bad_encoding'; readonly message: string };

type Decoder = (bytes: Uint8Array, limit: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);

/**
 * Undoes `Content-Encoding` (RFC 9110, 8.4). We ask for none; servers compress nevertheless. The limit counts bytes after
 * decompression, in every layer: 200 KB of gzip have become 200 MB.
 */
export async function decodeBody(bytes: Uint8Array, contentEncoding: string): Promise<DecodedBody> {
  const codings = listCodings(contentEncoding);
  if (codings.length > MAX_CODINGS) {
    return { kind: 'bad_encoding', message: `the answer is encoded ${codings.length} times over` };
  }
  let decoded = bytes;
  for (const coding of codings.toReversed()) {
    const decoder = DECODERS.get(coding);
    if (decoder === undefined) {
      return { kind: 'bad_encoding', message: 'the answer has an unknown content encoding' };
    }
    try {
      decoded = await decoder(decoded, { maxOutputLength: MAX_ANSWER_BYTES });
    } catch (error) {
      const overflow =
        error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      if (overflow) return { kind: 'too_large' };
      return { kind: 'bad_encoding', message: `the answer is not valid ${coding}` };
    }
  }
  return { kind: 'decoded', bytes: decoded };
}

/** The codings of the header, in the order in which they were applied. */
function listCodings(contentEncoding: string): string[] {
  return contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}
