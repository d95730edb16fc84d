import type { OutboxMessage } from '../../ports/outbox-store.js';
import type { Store } from '../../ports/store.js';

/** The store, which calls `wake` whenever messages have been written through it: no writer of messages can forget to. */
export function withWakeUp(store: Store, wake: () => void): Store {
  const { approvals, settlements, outbox } = store;
  async function waking<T>(messages: readonly OutboxMessage[], written: Promise<T>): Promise<T> {
    const result = await written;
    if (messages.length > 0) wake();
    return result;
  }
  return {
    ...store,
    check: () => store.check(),
    instanceSecret: () => store.instanceSecret(),
    close: () => store.close(),
    approvals: {
      freeze: (record, approval, messages) => waking(messages, approvals.freeze(record, approval, messages)),
      escalate: (move, approval, messages) => waking(messages, approvals.escalate(move, approval, messages)),
      decide: (move) => waking(move.messages, approvals.decide(move)),
      find: (tenant, id) => approvals.find(tenant, id),
      ofExecution: (tenant, executionId) => approvals.ofExecution(tenant, executionId),
      list: (query) => approvals.list(query),
      expired: (limit) => approvals.expired(limit),
      countPending: (tenant, by) => approvals.countPending(tenant, by),
    },
    settlements: {
      record: (settlement, move, messages) =>
        waking(messages, settlements.record(settlement, move, messages)),
      settle: (move, messages) => waking(messages, settlements.settle(move, messages)),
      close: (event, messages) => waking(messages, settlements.close(event, messages)),
      leftOpen: (limit) => settlements.leftOpen(limit),
      ofExecution: (tenant, executionId) => settlements.ofExecution(tenant, executionId),
      prune: (receivedBefore, limit) => settlements.prune(receivedBefore, limit),
    },
    outbox: {
      take: (limit, leaseMs) => outbox.take(limit, leaseMs),
      settle: (id, delivery) => outbox.settle(id, delivery),
      add: (messages) => waking(messages, outbox.add(messages)),
      prune: (deliveredBefore, limit) => outbox.prune(deliveredBefore, limit),
      pruneDead: (deadBefore, limit) => outbox.pruneDead(deadBefore, limit),
    },
  };
}
