import { createHmac, hash } from 'node:crypto';
import type { Digest } from '../../ports/digest.js';

/** SHA-256 of node:crypto. @param secret the instance's own, for keyed digests */
export function createSystemDigest(secret: string): Digest {
  return {
    sha256: (text) => hash('sha256', text, 'hex'),
    keyed: (text) => createHmac('sha256', secret).update(text).digest('hex'),
  };
}
