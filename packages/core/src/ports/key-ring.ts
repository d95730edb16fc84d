import type { Principal } from '../domain/access/principal.js';

/** Which principal an API key stands for. Looked up by digest, compared in constant time. */
export interface KeyRing {
  find(rawKey: string): Principal | null | Promise<Principal | null>;
  /**
   * The principal of a key that was met before, as its limits are now; null where the key is gone, or has no secret that still
   * opens anything. Whether its time is over is judged with the principal.
   */
  byId(keyId: string): Principal | null | Promise<Principal | null>;
}
