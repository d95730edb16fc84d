import type { Principal } from '../domain/access/principal.js';

/** Which principal an API key stands for. Looked up by digest, compared in constant time. */
export interface KeyRing {
  find(rawKey: string): Principal | null | Promise<Principal | null>;
}
