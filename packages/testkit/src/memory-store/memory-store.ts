import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { createMemoryExecutions } from './memory-executions.js';
import { createMemoryIncarnations } from './memory-incarnations.js';
import { createMemoryRegistry } from './memory-registry.js';
import type { MemoryStoreOptions } from './memory-store-options.js';
import { createMemoryTraces } from './memory-traces.js';

/** What one store does, all others have to do: the simplest Store that can be seen to be right, all in memory. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  let closed = false;
  /** Answers come in a later turn, as those of a database do; the change itself is made at once and as a whole. */
  const later = async <T>(change: () => T): Promise<T> => {
    if (closed) throw new StorageUnavailable('The store is closed.');
    const result = structuredClone(change());
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  };
  const incarnations = createMemoryIncarnations(options, later);
  return {
    executions: createMemoryExecutions(incarnations.isAlive, later),
    incarnations,
    registry: createMemoryRegistry(later),
    traces: createMemoryTraces(later),
    check: () => later(() => ({ ok: true })),
    instanceSecret: () => later(() => 'a5'.repeat(32)),
    async close() {
      closed = true;
    },
  };
}
