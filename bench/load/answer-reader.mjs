/**
 * Finds the end of HTTP/1.1 answers in what a socket delivers: bodies with a length, or in chunks. One answer at a time, as
 * there is one request at a time.
 * @typedef {{ readonly status: number, readonly text: () => string, readonly contains: (needle: Buffer) => boolean }} Answer
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH_NAMES = [Buffer.from('\r\nContent-Length: '), Buffer.from('\r\ncontent-length: ')];
const CHUNKED_NAMES = [
  Buffer.from('\r\nTransfer-Encoding: chunked'),
  Buffer.from('\r\ntransfer-encoding: chunked'),
];
const CHUNKED_END = Buffer.from('\r\n0\r\n\r\n');
const STATUS_AT = 'HTTP/1.1 '.length;
const ZERO = 0x30;
const NINE = 0x39;

export function createAnswerReader() {
  /** @type {Buffer | null} What has come of an answer that is not whole yet. */
  let rest = null;
  return {
    /**
     * @param {Buffer} chunk Only valid during the call.
     * @returns {Answer | null} Valid until the next call.
     */
    push(chunk) {
      const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
      const end = endOf(bytes);
      if (end === -1 || bytes.length < end) {
        rest = rest === null ? Buffer.from(bytes) : bytes;
        return null;
      }
      if (bytes.length > end) throw new Error('more came than one answer');
      rest = null;
      return {
        status: number(bytes, STATUS_AT),
        text: () => bytes.toString('utf8'),
        contains: (needle) => bytes.includes(needle),
      };
    },
  };
}

/** Where the answer ends; -1 while that cannot be said. @param {Buffer} bytes */
function endOf(bytes) {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return -1;
  for (const name of LENGTH_NAMES) {
    const at = bytes.indexOf(name);
    if (at !== -1 && at < headEnd) return headEnd + HEAD_END.length + number(bytes, at + name.length);
  }
  if (CHUNKED_NAMES.some((name) => bytes.subarray(0, headEnd).includes(name))) {
    const last = bytes.lastIndexOf(CHUNKED_END);
    return last === -1 ? -1 : last + CHUNKED_END.length;
  }
  throw new Error(`an answer without a length: ${bytes.toString('latin1', 0, headEnd)}`);
}

/** The decimal number that begins at an offset. @param {Buffer} bytes @param {number} from */
function number(bytes, from) {
  let value = 0;
  for (let at = from; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return value;
    value = value * 10 + byte - ZERO;
  }
}
