import type { EpochMs } from '../../domain/time.js';
import type { RegistryStore } from '../../ports/registry-store.js';

/** When keys were last used, gathered in memory and told to the store now and then: to about a minute is exact enough. */
export interface KeyUses {
  note(keyId: string, at: EpochMs): void;
  tell(registry: Pick<RegistryStore, 'touchKeys'>): Promise<void>;
}

export function createKeyUses(): KeyUses {
  let untold = new Map<string, EpochMs>();
  return {
    note: (keyId, at) => void untold.set(keyId, at),
    async tell(registry) {
      if (untold.size === 0) return;
      const telling = untold;
      untold = new Map();
      await registry.touchKeys([...telling].map(([id, at]) => ({ id, at })));
    },
  };
}
