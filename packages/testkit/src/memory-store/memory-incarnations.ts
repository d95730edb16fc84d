import type { IncarnationStore } from '@invoke/core/ports';
import type { Later } from './later.js';
import type { MemoryStoreOptions } from './memory-store-options.js';

export interface MemoryIncarnations extends IncarnationStore {
  isAlive(id: string | null): boolean;
}

export function createMemoryIncarnations(options: MemoryStoreOptions, later: Later): MemoryIncarnations {
  const leases = new Map<string, number>();
  const isAlive = (id: string | null) => id !== null && (leases.get(id) ?? 0) > options.clock.now();
  return {
    isAlive,
    enlist: (incarnation, lease) =>
      later(() => {
        if (options.soleOwner === true) leases.clear();
        leases.set(incarnation.id, options.clock.now() + lease);
      }),
    renew: (id, lease) =>
      later(() => {
        if (!isAlive(id)) return false;
        leases.set(id, options.clock.now() + lease);
        return true;
      }),
    retire: (id) => later(() => void leases.delete(id)),
  };
}
