import { DEFAULT_TENANT } from '@invoke/core/domain';
import { StorageUnavailable, type ExecutionStore, type Store, type ToolInvoker } from '@invoke/core/ports';

/** What can be taken away from a gateway by wrapping its ports: each is a promise that the product keeps, and a test breaks. */

/** Leave is asked before the connection is made, not when the bytes are written. */
export function checkingEarly(invoker: ToolInvoker): ToolInvoker {
  return {
    invoke(call) {
      const may = call.mayStillSend();
      return invoker.invoke({ ...call, mayStillSend: () => may });
    },
    close: () => invoker.close(),
  };
}

/** A write goes through from whatever version it comes. */
export function fromAnyVersion(store: Store): Store {
  return withExecutions(store, {
    async transition(move) {
      const current = await store.executions.find(DEFAULT_TENANT, move.id);
      return store.executions.transition(current === null ? move : { ...move, from: current });
    },
  });
}

type Wait = (ms: number) => Promise<void>;

/** A write whose answer was lost is made again, and whoever finds it done believes that it was their own. */
export function believing(store: Store, wait: Wait): Store {
  const { executions } = store;
  return withExecutions(store, {
    claim: (record) => again({ kind: 'claimed' }, () => executions.claim(record), wait),
    transition: (move) => again({ kind: 'moved' }, () => executions.transition(move), wait),
  });
}

const AGAIN_AFTER_MS = 100;

async function again<Result>(done: Result, write: () => Promise<Result>, wait: Wait): Promise<Result> {
  for (let repeated = false; ; repeated = true) {
    try {
      const result = await write();
      return repeated ? done : result;
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      await wait(AGAIN_AFTER_MS);
    }
  }
}

export function withExecutions(store: Store, change: Partial<ExecutionStore>): Store {
  const { executions } = store;
  return {
    ...store,
    executions: {
      recall: (keyDigest) => executions.recall(keyDigest),
      foresee: (keyDigest) => executions.foresee(keyDigest),
      claim: (record) => executions.claim(record),
      transition: (move) => executions.transition(move),
      find: (tenant, id) => executions.find(tenant, id),
      list: (query) => executions.list(query),
      unsettledWriteTo: (tenant, env, entityId) => executions.unsettledWriteTo(tenant, env, entityId),
      takeOver: (owner, token, limit) => executions.takeOver(owner, token, limit),
      ownedBy: (owner, limit) => executions.ownedBy(owner, limit),
      reinstate: (record, over) => executions.reinstate(record, over),
      prune: (pruning) => executions.prune(pruning),
      dropTombstones: (now, limit) => executions.dropTombstones(now, limit),
      ...change,
    },
  };
}
