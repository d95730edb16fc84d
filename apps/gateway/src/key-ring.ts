import { hash } from 'node:crypto';
import type { KeyGrant } from '@invoke/contract';
import type { Principal } from '@invoke/core';
import { fullAccess, toPrincipal } from '@invoke/core/domain';
import type { KeyRing } from '@invoke/core/ports';

/** The keys of the configuration, kept as digests only. */
export function createKeyRing(fullKeys: readonly string[], scoped: ReadonlyMap<string, KeyGrant>): KeyRing {
  const principals = new Map<string, Principal>();
  const byId = new Map<string, Principal>();
  const add = (key: string, principal: Principal) => {
    byId.set(principal.keyId, principal);
    principals.set(digestOf(key), principal);
  };
  for (const key of fullKeys) add(key, fullAccess(keyIdOf(key)));
  for (const [key, grant] of scoped) add(key, toPrincipal(keyIdOf(key), grant));
  return {
    find: (rawKey) => principals.get(digestOf(rawKey)) ?? null,
    byId: (keyId) => byId.get(keyId) ?? null,
  };
}

/**
 * Looked up as a whole. How long that takes may tell something of a digest, and nothing of its key: whoever tries keys cannot
 * choose what their digests begin with (the same as with stored keys).
 */
function digestOf(key: string): string {
  return hash('sha256', key, 'hex');
}

/** Names a key in records: 12 hex digits of its digest, of which nobody gets back to the key. */
function keyIdOf(key: string): string {
  return `key_${digestOf(key).slice(0, 12)}`;
}
