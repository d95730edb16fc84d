import type { EpochMs, KeyRecord } from '@invoke/core/domain';
import type { RegistryStore, StoredKey } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';
import { put, sortedBy, type RegistryMemory } from './registry-memory.js';

/** The part of the registry that is about keys. */
export type KeyStore = Pick<RegistryStore, 'saveKey' | 'keys' | 'key' | 'touchKeys'>;

export function createMemoryKeys(memory: RegistryMemory, later: Later): KeyStore {
  return {
    saveKey: (key) => later(() => saveKey(memory, key)),
    keys: (tenant, limit) => later(() => keysOf(memory, tenant).toReversed().slice(0, limit)),
    key: (tenant, id) => later(() => keysOf(memory, tenant).find((k) => k.record.id === id) ?? null),
    touchKeys: (used) => later(() => touchKeys(memory, used)),
  };
}

function saveKey(memory: RegistryMemory, key: KeyRecord): { kind: 'saved' } | { kind: 'lost' } {
  const known = memory.keys.find((k) => k.id === key.id);
  const isNext = (known?.version ?? 0) === key.version - 1;
  if (!isNext || (known !== undefined && known.tenant !== key.tenant)) return { kind: 'lost' };
  memory.revision += 1;
  memory.keys = put(memory.keys, throughJson(key), (k) => k.id === key.id);
  return { kind: 'saved' };
}

/** Oldest first. */
function keysOf({ keys, uses }: RegistryMemory, tenant: string): readonly StoredKey[] {
  const own = keys.filter((k) => k.tenant === tenant);
  return sortedBy(own, (k) => [k.id]).map((record) => ({ record, lastUsedAt: uses.get(record.id) ?? null }));
}

function touchKeys(
  { keys, uses }: RegistryMemory,
  used: readonly { readonly id: string; readonly at: EpochMs }[],
): void {
  for (const { id, at } of used) {
    if (keys.some((k) => k.id === id)) uses.set(id, Math.max(at, uses.get(id) ?? 0) as EpochMs);
  }
}
