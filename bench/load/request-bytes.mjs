/** @import { LoadRequest } from '../types.ts' */

export const KEY_PLACEHOLDER = '{{key}}';

/** 24 digits: the run, the connection and a counter. */
const RUN_DIGITS = 10;
const CONNECTION_DIGITS = 4;
const COUNTER_DIGITS = 10;
const KEY_LENGTH = RUN_DIGITS + CONNECTION_DIGITS + COUNTER_DIGITS;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * The bytes of a request, written once per connection; only the digits of its key change. That is all the work there is per
 * request, so that the load generator leaves the processor to what is measured.
 * @param {LoadRequest} request
 * @param {{ readonly host: string, readonly run: number, readonly connection: number }} names
 */
export function createRequestBytes({ path, headers, body }, { host, run, connection }) {
  const first = digits(run, RUN_DIGITS) + digits(connection, CONNECTION_DIGITS) + digits(0, COUNTER_DIGITS);
  const filled = body.replaceAll(KEY_PLACEHOLDER, first);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(KEY_PLACEHOLDER, first)}`),
    `content-length: ${Buffer.byteLength(filled)}`,
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${filled}`);
  const keyEnds = endsOf(bytes, first);
  return {
    /** The next request. The same bytes each time: they are on the wire before the answer to them is. */
    next() {
      for (const end of keyEnds) increment(bytes, end - 1);
      return bytes;
    },
  };
}

/** Where each occurrence of the key ends. @param {Buffer} bytes @param {string} key */
function endsOf(bytes, key) {
  const ends = [];
  for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + 1)) ends.push(at + KEY_LENGTH);
  return ends;
}

/** @param {Buffer} bytes @param {number} last */
function increment(bytes, last) {
  let at = last;
  while (bytes[at] === NINE) {
    bytes[at] = ZERO;
    at -= 1;
  }
  bytes[at] = (bytes[at] ?? ZERO) + 1;
}

/** @param {number} n @param {number} length */
function digits(n, length) {
  return String(n % 10 ** length).padStart(length, '0');
}
