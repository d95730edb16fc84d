import { hash, timingSafeEqual } from 'node:crypto';
import type { KeyGrant } from '@invoke/contract';
import type { Principal } from '@invoke/core';
import { fullAccess, toPrincipal } from '@invoke/core/domain';
import type { KeyRing } from '@invoke/core/ports';

/** The keys of the configuration, kept as digests only. */
export function createKeyRing(fullKeys: readonly string[], scoped: ReadonlyMap<string, KeyGrant>): KeyRing {
  const principals = new Map<string, { readonly digest: Buffer; readonly principal: Principal }>();
  const byId = new Map<string, Principal>();
  const add = (key: string, principal: Principal) => {
    byId.set(principal.keyId, principal);
    const digest = hash('sha256', key, 'buffer');
    principals.set(bucketOf(digest), { digest, principal });
  };
  for (const key of fullKeys) add(key, fullAccess(keyIdOf(key)));
  for (const [key, grant] of scoped) add(key, toPrincipal(keyIdOf(key), grant));
  return {
    find(rawKey) {
      const digest = hash('sha256', rawKey, 'buffer');
      const entry = principals.get(bucketOf(digest));
      return entry !== undefined && timingSafeEqual(entry.digest, digest) ? entry.principal : null;
    },
    byId: (keyId) => byId.get(keyId) ?? null,
  };
}

/** Found by the first half of the digest, decided by all of it in constant time. */
function bucketOf(digest: Buffer): string {
  return digest.toString('latin1', 0, 16);
}

/** Names a key in records: 12 hex digits of its digest, of which nobody gets back to the key. */
function keyIdOf(key: string): string {
  return `key_${hash('sha256', key, 'hex').slice(0, 12)}`;
}
