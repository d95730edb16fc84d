import type { CreateKeyRequest, KeyView, RotateKeyRequest } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import { toKeyView } from '../../domain/access/to-key-view.js';
import type { EngineDeps } from '../deps.js';
import type { Toolbox } from '../toolbox.js';
import { issueKey, reissueKey, type IssuedKey } from './issue-key.js';
import { createManagedKeys, type Keyed } from './managed-keys.js';
import { revokeKey } from './revoke-key.js';

/** The keys of a tenant that are stored. Those of the configuration are not among them. */
export interface KeyDesk {
  keys(principal: Principal): Promise<Keyed<readonly KeyView[]>>;
  createKey(principal: Principal, request: CreateKeyRequest): Promise<Keyed<IssuedKey>>;
  /** A new secret; the one before works on for as long as is asked for. */
  rotateKey(principal: Principal, id: string, request: RotateKeyRequest): Promise<Keyed<IssuedKey>>;
  /** Ends a key on every gateway, within 5 s. Once more is no error. */
  revokeKey(principal: Principal, id: string): Promise<Keyed<KeyView>>;
}

export function createKeyDesk(deps: EngineDeps, toolbox: Toolbox): KeyDesk {
  const { store, clock, ids, digest, log } = deps;
  const managed = createManagedKeys(store.registry, toolbox);
  const ports = { managed, clock, ids, digest, log };
  return {
    async keys(principal) {
      const listed = await managed.list(principal);
      if (listed.kind === 'refused') return listed;
      const now = clock.now();
      return { kind: 'ok', value: listed.value.map((s) => toKeyView(s.record, s.lastUsedAt, now)) };
    },
    createKey: (principal, request) => issueKey(principal, request, ports),
    rotateKey: (principal, id, request) => reissueKey(principal, { ...request, id }, ports),
    revokeKey: (principal, id) => revokeKey(principal, id, ports),
  };
}
