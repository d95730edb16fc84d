import type { Refusal } from '@invoke/contract';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import type { KeyRecord } from '../../domain/access/key-record.js';
import type { Principal } from '../../domain/access/principal.js';
import { refuse } from '../../domain/decision.js';
import type { RegistryStore, StoredKey } from '../../ports/registry-store.js';
import type { Toolbox } from '../toolbox.js';

export type Keyed<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The stored keys of a tenant, for those that may manage them. */
export interface ManagedKeys {
  list(principal: Principal): Promise<Keyed<readonly StoredKey[]>>;
  find(principal: Principal, id: string): Promise<Keyed<StoredKey>>;
  /** In force here when it resolves. Refused where somebody else has changed the key: nothing was written then. */
  save(record: KeyRecord): Promise<Refusal | null>;
}

/** More keys than this of one tenant are not shown. */
const MOST_SHOWN = 1_000;

export function createManagedKeys(registry: RegistryStore, toolbox: Pick<Toolbox, 'refresh'>): ManagedKeys {
  return {
    async list(principal) {
      const held = decideHeldScope(principal, 'providers:admin');
      if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
      return { kind: 'ok', value: await registry.keys(principal.tenant, MOST_SHOWN) };
    },
    async find(principal, id) {
      const held = decideHeldScope(principal, 'providers:admin');
      if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
      const found = await registry.key(principal.tenant, id);
      if (found !== null) return { kind: 'ok', value: found };
      const message = 'There is no such stored key. Keys of the configuration are changed there.';
      return { kind: 'refused', refusal: refuse('not_found', message).refusal };
    },
    async save(record) {
      const saved = await registry.saveKey(record);
      await toolbox.refresh();
      if (saved.kind === 'saved') return null;
      return refuse('context_conflict', 'The key was changed at the same time. Look at it, and ask again.')
        .refusal;
    },
  };
}
