import { DEFAULT_TENANT } from '@invoke/core/domain';
import { StorageUnavailable, type ExecutionStore, type Store, type ToolInvoker } from '@invoke/core/ports';
import type { Ablation } from './ablation.js';

/** Absence is believed as soon as the timeout of a call is over. */
export const NO_SETTLE: Ablation = { settleMs: 0 };

/** Leave is asked before the connection is made, not when the bytes are written. */
export const CHECK_BEFORE_CONNECT: Ablation = {
  wrapInvoker: (invoker): ToolInvoker => ({
    invoke(call) {
      const may = call.mayStillSend();
      return invoker.invoke({ ...call, mayStillSend: () => may });
    },
    close: () => invoker.close(),
  }),
};

/** A write goes through from whatever version it comes. */
export const NO_EPOCH: Ablation = {
  wrapStore: (store) =>
    withExecutions(store, {
      async transition(move) {
        const current = await store.executions.find(DEFAULT_TENANT, move.id);
        return store.executions.transition(current === null ? move : { ...move, from: current });
      },
    }),
};

/** A write whose answer was lost is made again, and whoever finds it done believes that it was their own. */
export const NO_TOKEN: Ablation = {
  toPlan: (plan) => ({
    ...plan,
    calls: [0, 1].flatMap((gateway) =>
      plan.calls.map((call) => ({ ...call, key: 'k1', approval: false, fallback: false, gateway, atMs: 0 })),
    ),
    faults: [2, 3].map((n) => ({ kind: 'write', n, how: 'lost_commit', ms: 0 })),
  }),
  wrapLine: (store, wait) =>
    withExecutions(store, {
      claim: (record) => believing({ kind: 'claimed' }, () => store.executions.claim(record), wait),
      transition: (move) => believing({ kind: 'moved' }, () => store.executions.transition(move), wait),
    }),
};

const AGAIN_AFTER_MS = 100;

async function believing<Result>(
  done: Result,
  write: () => Promise<Result>,
  wait: (ms: number) => Promise<void>,
): Promise<Result> {
  for (let again = false; ; again = true) {
    try {
      const result = await write();
      return again ? done : result;
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
      claim: (record) => executions.claim(record),
      transition: (move) => executions.transition(move),
      find: (tenant, id) => executions.find(tenant, id),
      list: (query) => executions.list(query),
      unsettledWriteTo: (tenant, env, entityId) => executions.unsettledWriteTo(tenant, env, entityId),
      takeOver: (owner, token, limit) => executions.takeOver(owner, token, limit),
      ownedBy: (owner, limit) => executions.ownedBy(owner, limit),
      reinstate: (record, over) => executions.reinstate(record, over),
      prune: (before, until, limit) => executions.prune(before, until, limit),
      dropTombstones: (before, limit) => executions.dropTombstones(before, limit),
      ...change,
    },
  };
}
