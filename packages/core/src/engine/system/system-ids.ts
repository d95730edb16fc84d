import { randomBytes } from 'node:crypto';
import { V7Generator } from 'uuidv7';
import type { Ids } from '../../ports/ids.js';

/**
 * UUIDv7 (RFC 9562) behind a prefix that tells what it names: ordered by time, also within a millisecond, with 74 random
 * bits. Tokens are 96 random bits.
 */
export function createSystemIds(): Ids {
  const uuids = new V7Generator({ nextUint32: randomUint32 });
  const uuidv7 = () => uuids.generate().toHex();
  return {
    execution: () => `exec_${uuidv7()}`,
    trace: () => `trace_${uuidv7()}`,
    provider: () => `prov_${uuidv7()}`,
    approval: () => `appr_${uuidv7()}`,
    key: () => `key_${uuidv7()}`,
    message: () => `msg_${uuidv7()}`,
    token: () => randomToken(),
  };
}

const TOKEN_BYTES = 12;
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let used = 0;

/** Where the next bytes stand. They are fetched for many at once: a system call per id shows at thousands of calls a second. */
function take(bytes: number): number {
  if (used + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

function randomToken(): string {
  const at = take(TOKEN_BYTES);
  return pool.toString('base64url', at, at + TOKEN_BYTES);
}

function randomUint32(): number {
  const at = take(4);
  return pool.readUInt32LE(at);
}
