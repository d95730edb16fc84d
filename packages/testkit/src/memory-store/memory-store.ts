import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { createMemoryApprovals } from './memory-approvals.js';
import { createExecutionMemory, createMemoryExecutions } from './memory-executions.js';
import { createMemoryHistory } from './memory-history.js';
import { createMemoryIncarnations } from './memory-incarnations.js';
import { createMemoryOutbox, postAt, type OutboxMemory, type Post } from './memory-outbox.js';
import { createMemoryRegistry } from './memory-registry.js';
import { createMemorySettlements } from './memory-settlements.js';
import type { MemoryStoreOptions } from './memory-store-options.js';
import { createMemoryTraces } from './memory-traces.js';
import { createMemoryUsage } from './memory-usage.js';

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
  const executions = createExecutionMemory();
  const outbox: OutboxMemory = { posted: [] };
  const post: Post = (messages) => postAt(outbox, messages, options.clock.now());
  return {
    executions: createMemoryExecutions(
      executions,
      { isAlive: incarnations.isAlive, clock: options.clock },
      later,
    ),
    incarnations,
    registry: createMemoryRegistry(later),
    traces: createMemoryTraces(later),
    approvals: createMemoryApprovals({ executions, post, clock: options.clock }, later),
    outbox: createMemoryOutbox(outbox, options.clock, later),
    settlements: createMemorySettlements({ executions, post }, later),
    usage: createMemoryUsage(executions, later),
    history: createMemoryHistory(options, later),
    check: () => later(() => ({ ok: true })),
    instanceSecret: () => later(() => 'a5'.repeat(32)),
    async close() {
      closed = true;
    },
  };
}
