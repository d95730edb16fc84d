import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Ids } from '../../ports/ids.js';

/**
 * UUIDv7 (RFC 9562) behind a prefix that tells what it names: ordered by time, also within a millisecond, with 74 random
 * bits. Tokens are 96 random bits.
 */
export function createSystemIds(): Ids {
  return {
    execution: () => `exec_${compact(uuidv7())}`,
    trace: () => `trace_${compact(uuidv7())}`,
    provider: () => `prov_${compact(uuidv7())}`,
    approval: () => `appr_${compact(uuidv7())}`,
    message: () => `msg_${compact(uuidv7())}`,
    token: () => randomToken(),
  };
}

function compact(uuid: string): string {
  return uuid.replaceAll('-', '');
}

const TOKEN_BYTES = 12;
const POOL_TOKENS = 128;
let pool = Buffer.alloc(0);
let used = 0;

/** Random bytes are fetched for many tokens at once: a system call per token shows at thousands of calls a second. */
function randomToken(): string {
  if (used + TOKEN_BYTES > pool.length) {
    pool = randomBytes(TOKEN_BYTES * POOL_TOKENS);
    used = 0;
  }
  used += TOKEN_BYTES;
  return pool.toString('base64url', used - TOKEN_BYTES, used);
}
