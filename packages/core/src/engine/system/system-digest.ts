import { hash } from 'node:crypto';
import type { Digest } from '../../ports/digest.js';

/**
 * SHA-256 of node:crypto. The keyed form is NMAC (Bellare, Canetti, Krawczyk 1996), the construction that HMAC approximates:
 * an inner and an outer hash, each begun by a block of key of its own. It costs a fifth of an Hmac object.
 * @param secret the instance's own, for keyed digests
 */
export function createSystemDigest(secret: string): Digest {
  const sha256 = (text: string): string => hash('sha256', text, 'hex');
  const inner = sha256(`inner ${secret}`);
  const outer = sha256(`outer ${secret}`);
  return { sha256, keyed: (text) => sha256(outer + sha256(inner + text)) };
}
