import { DEFAULT_TENANT, NEVER } from '@invoke/core/domain';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import type { Ablation } from './ablation.js';
import { withExecutions } from '../../support/take-away.js';
import { NOTHING_AROUND, type Around, type Plan, type RequestFate } from './plan.js';
import { LATEST_EFFECT_MS, LEVEL_TOOL } from './tools.js';

function having(around: Partial<Around>): (plan: Plan) => Plan {
  return (plan) => ({ ...plan, around: { ...NOTHING_AROUND, ...around } });
}

/** Effects come at once and reads show them late: absence is believed as soon as the timeout of a call is over. */
export const NO_SETTLE_AND_LAG: Ablation = {
  settleMs: 0,
  toPlan: (plan) => ({
    ...having({ lagMs: 700 })(plan),
    faults: [],
    requests: plan.requests.map((fate) => (fate.effectMs === null ? fate : { ...fate, effectMs: 1 })),
  }),
};

const LATE: RequestFate = {
  connectMs: 0,
  refused: false,
  effectMs: LATEST_EFFECT_MS,
  reply: 'lost',
  replyMs: 5,
};

/** How long ago something was is read from the wall clock, which steps. */
export const TIME_BY_THE_WALL: Ablation = {
  toPlan: (plan) => ({
    ...plan,
    around: NOTHING_AROUND,
    calls: plan.calls.map((call) => ({ ...call, atMs: 0, gateway: 0, approval: false })),
    requests: [LATE, ...plan.requests],
    faults: [{ kind: 'clock', atMs: 250, whose: 0, byMs: 3_600_000 }],
  }),
  wrapClock: (clock) => ({ ...clock, monotonic: () => clock.now() }),
};

/** An event is taken to speak of whatever was attempted last. */
export const EVENT_OF_THE_LAST: Ablation = {
  toPlan: (plan) => ({
    ...plan,
    faults: [],
    calls: plan.calls.map((call) => ({ ...call, fallback: true, approval: false })),
  }),
  wrapStore: (store) => ({
    ...store,
    settlements: {
      ...store.settlements,
      record: (...args) => store.settlements.record(...args),
      async ofExecution(tenant, id) {
        const record = await store.executions.find(tenant, id);
        const tool = record?.journal.attempts.at(-1)?.tool ?? null;
        return (await store.settlements.ofExecution(tenant, id)).map((s) => ({ ...s, tool }));
      },
    },
  }),
};

/** A decision is made whether or not somebody has decided before. */
export const DECIDED_TWICE: Ablation = {
  toPlan: (plan) => {
    const around = plan.around ?? NOTHING_AROUND;
    return { ...plan, around: { ...around, people: { ...around.people, approval: 'yes_and_no' } } };
  },
  wrapStore: (store) => ({
    ...store,
    approvals: {
      ...store.approvals,
      async decide(decision) {
        const decided = await store.approvals.decide(decision);
        const { move } = decision;
        if (decided.kind === 'moved' || move === null) return decided;
        const current = await store.executions.find(DEFAULT_TENANT, move.id);
        return current === null ? decided : store.executions.transition({ ...move, from: current });
      },
    },
  }),
};

/** A yes counts by the clock of the gateway, before it is written. */
export const YES_BY_OUR_CLOCK: Ablation = {
  toPlan: (plan) => {
    const around = plan.around ?? NOTHING_AROUND;
    const people = { ...around.people, approval: 'yes', expiresMs: around.people.expiresMs ?? 600 } as const;
    return {
      ...plan,
      around: { ...around, people, skewsMs: [-3_600_000, -3_600_000, -3_600_000] },
      calls: plan.calls.map((call) => ({ ...call, approval: true })),
    };
  },
  wrapStore: (store) => ({
    ...store,
    approvals: {
      ...store.approvals,
      decide(decision) {
        const { when: _, ...atAnyTime } = decision;
        return store.approvals.decide(atAnyTime);
      },
    },
  }),
};

/** The world is believed to be as it was when it was looked at first. */
export function frozenLevel(): Ablation {
  return {
    wrapInvoker: (invoker) => ({
      async invoke(call) {
        if (call.tool.id !== LEVEL_TOOL) return invoker.invoke(call);
        const value = { level: 'green' };
        return { kind: 'answer', status: 200, isError: false, text: JSON.stringify(value), value };
      },
      close: () => invoker.close(),
    }),
  };
}

function withUsage(store: Store, change: Partial<Store['usage']>): Store {
  return { ...store, usage: { ...store.usage, ...change } };
}

/** Nobody judges what a gateway has kept that stopped as soon as it had ended the call. */
export const LEFT_OPEN: Ablation = {
  wrapLine: (store) => ({
    ...store,
    settlements: { ...store.settlements, leftOpen: () => Promise.resolve([]) },
  }),
};

/** What has been counted as under way stays so. */
export const NEVER_LEFT: Ablation = { wrapUnderWay: (tally) => ({ ...tally, leave: () => undefined }) };

/** What is given back is given back twice. */
export const RELEASED_TWICE: Ablation = {
  wrapStore: (store) =>
    withUsage(store, {
      async release(charges) {
        await store.usage.release(charges);
        await store.usage.release(charges);
      },
    }),
};

/** What had no effect is not given back. */
export const NEVER_RELEASED: Ablation = {
  toPlan: (plan) => ({ ...plan, faults: [] }),
  wrapStore: (store) => withUsage(store, { release: () => Promise.resolve() }),
};

/** Whether a budget would be overdrawn is asked, and then charged, whatever the answer was. */
export const OVERDRAWN: Ablation = {
  wrapStore: (store) =>
    withUsage(store, {
      reserve: (charges) => store.usage.reserve(charges.map((charge) => ({ ...charge, maxCalls: 1_000 }))),
    }),
};

/** Nobody looks whether the outcome of another write is unknown. */
export const NOT_HELD: Ablation = {
  wrapStore: (store) => withExecutions(store, { unsettledWriteTo: () => Promise.resolve(null) }),
};

/** Nothing is kept of a key whose record is pruned. */
export const NO_TOMBSTONES: Ablation = {
  wrapStore: (store) =>
    withExecutions(store, {
      async prune(pruning) {
        const pruned = await store.executions.prune({ ...pruning, tombstoneMs: -1 });
        await store.executions.dropTombstones(NEVER, pruning.limit);
        return pruned;
      },
    }),
};

/** A full disk is taken for a write that will be all right. */
export const WRITES_BELIEVED: Ablation = {
  wrapLine: (store) =>
    withExecutions(store, {
      claim: (record) => believing({ kind: 'claimed' }, () => store.executions.claim(record)),
      transition: (move) => believing({ kind: 'moved' }, () => store.executions.transition(move)),
    }),
};

async function believing<Result>(done: Result, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof StorageUnavailable) return done;
    throw error;
  }
}
