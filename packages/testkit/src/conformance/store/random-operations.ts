import { EXECUTION_STATE } from '@invoke/contract';
import { NEVER, type EpochMs } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { controlOperations, controlSnapshot } from './random-control-operations.js';
import {
  createWorld,
  HOUR,
  KEYS,
  moving,
  TENANTS,
  TOOLS,
  type Draw,
  type Operation,
  type World,
} from './random-world.js';
import { execution, incarnation, move, NOW, page, provider, tool, trace, tracePage } from './records.js';
import type { Random } from './random.js';
import { storeClock } from './store-clock.js';

const OWNERS = ['inc-1', 'inc-2', 'inc-3'] as const;
const ENTITIES = ['ent-1', 'ent-2', null] as const;
const STATES = Object.values(EXECUTION_STATE);

/** What many others depend on comes up more often. */
const OFTEN = [
  'claim',
  'claim',
  'claim',
  ...Array<string>(8).fill('transition'),
  ...Array<string>(3).fill('decide'),
  'freeze',
  'settlement',
  'approvalOf',
  'takeOver',
  'prune',
  'prune',
  'recall',
  'recall',
];

/** Draws operations that meet what earlier ones have left behind; `oracle` says how that stands, `unmet` what has not been met yet. */
export function createOperations(
  random: Random,
  oracle: Store,
  unmet: ReadonlySet<string>,
): () => Promise<Operation> {
  const world = createWorld(random, oracle, unmet);
  const draw: Record<string, Draw> = {
    ...writesToExecutions(world),
    ...readsOfExecutions(world),
    ...sweeps(world, oracle),
    ...incarnations(world),
    ...registry(world),
    ...traces(world),
    ...controlOperations(world, oracle),
  };
  return async () => {
    const wanted = [...unmet].map(nameOf).filter((what) => Object.hasOwn(draw, what));
    const name = world.one(
      wanted.length > 0 && random.chance(0.3) ? wanted : [...Object.keys(draw), ...OFTEN],
    );
    return { name, run: await (draw[name] as Draw)() };
  };
}

/** The operation by which something can be met. */
function nameOf(what: string): string {
  const [name = '', outcome] = what.split(':');
  return outcome === undefined ? 'transition' : name;
}

function writesToExecutions(world: World): Record<string, Draw> {
  const { random, ids, one } = world;
  return {
    claim: () => {
      const n = world.next();
      const id = random.chance(0.1) ? (random.pick(ids) ?? 'exec_x') : `exec_${n}`;
      ids.push(id);
      const record = execution({
        id,
        tenant: one(TENANTS),
        env: one(['prod', 'test']),
        keyDigest: random.chance(0.15) ? null : one(KEYS),
        tool: one(TOOLS),
        agentId: one(['agent-1', 'agent-2', null]),
        entityId: one(ENTITIES),
        state: one(STATES),
        owner: one([...OWNERS, null]),
        createdAt: (NOW + random.below(5)) as EpochMs,
        finishedAt: world.end(),
        token: `token-${n}`,
      });
      return (store) => store.executions.claim(record);
    },
    transition: async () => {
      const record = (await world.standing()) ?? execution({ id: 'exec_unheard' });
      const off = random.chance(0.3) ? one(['seq', 'epoch', 'state'] as const) : null;
      const from = {
        id: record.id,
        seq: record.seq + (off === 'seq' ? 1 : 0),
        epoch: record.epoch - (off === 'epoch' ? 1 : 0),
        state: off === 'state' ? EXECUTION_STATE.expired : record.state,
      };
      const fields = {
        owner: one([...OWNERS, null]),
        token: `token-${world.next()}`,
        finishedAt: world.end(),
      };
      const step = move(from, world.stateAfter(record.state), fields);
      return moving(record, step, (store) => store.executions.transition(step));
    },
  };
}

function readsOfExecutions(world: World): Record<string, Draw> {
  const { random, one } = world;
  return {
    recall: () => {
      const key = one(KEYS);
      return (store) => store.executions.recall(key);
    },
    find: () => {
      const [tenant, id] = [one(TENANTS), random.pick(world.ids) ?? 'exec_unheard'];
      return (store) => store.executions.find(tenant, id);
    },
    list: async () => {
      const last = random.chance(0.5) ? await world.standing() : null;
      const query = page({
        tenant: one(TENANTS),
        limit: 1 + random.below(8),
        before: last?.id ?? null,
        state: random.chance(0.4) ? one(STATES) : null,
        tool: random.chance(0.4) ? one(TOOLS) : null,
        agentId: random.chance(0.4) ? 'agent-1' : null,
      });
      return (store) => store.executions.list(query);
    },
    unsettledWriteTo: () => {
      const [tenant, entity] = [one(TENANTS), one(['ent-1', 'ent-2', 'ent-3'])];
      return (store) => store.executions.unsettledWriteTo(tenant, 'prod', entity);
    },
  };
}

function sweeps(world: World, oracle: Store): Record<string, Draw> {
  const { random, one } = world;
  return {
    takeOver: () => {
      const [owner, token, limit] = [one(OWNERS), `sweep-${world.next()}`, random.below(4)];
      return (store) => store.executions.takeOver(owner, token, limit);
    },
    ownedBy: () => {
      const [owner, limit] = [one(OWNERS), 1 + random.below(4)];
      return (store) => store.executions.ownedBy(owner, limit);
    },
    prune: async () => {
      // Half an hour beside where things end, so that it does not matter that the two clocks are not quite the same.
      const before = NOW + (random.below(40) + 0.5) * HOUR;
      const at = await storeClock(oracle);
      const keptMs = at(-before);
      // All different, so that they end in the same order on both clocks.
      const tombstoneMs = one([-1, 1]) * world.next() * HOUR;
      const pruning = { now: one([NEVER, at(-20.5 * HOUR)]), keptMs, tombstoneMs, limit: random.below(5) };
      return (store) => store.executions.prune(pruning);
    },
    dropTombstones: async () => {
      const at = await storeClock(oracle);
      const [now, limit] = [one([NEVER, at(-500.5 * HOUR)]), random.below(3)];
      return (store) => store.executions.dropTombstones(now, limit);
    },
  };
}

function incarnations({ one }: World): Record<string, Draw> {
  return {
    enlist: () => {
      const id = one(OWNERS);
      return (store) => store.incarnations.enlist(incarnation(id), HOUR);
    },
    renew: () => {
      const id = one(OWNERS);
      return (store) => store.incarnations.renew(id, HOUR);
    },
    retire: () => {
      const id = one(OWNERS);
      return (store) => store.incarnations.retire(id);
    },
  };
}

function registry(world: World): Record<string, Draw> {
  const { random, one } = world;
  return {
    saveProvider: () => {
      const n = world.next();
      const slug = one(['crm', 'billing', 'wiki']);
      const it = provider({ id: `prov_${n}`, tenant: one(TENANTS), slug, name: `Name ${n}` });
      return (store) => store.registry.saveProvider(it);
    },
    saveTool: () => {
      const it = tool({
        id: one(TOOLS),
        tenant: one(TENANTS),
        version: `v${random.below(5)}`,
        provider: { id: `prov_${random.below(2)}`, slug: 'crm' },
        updatedAt: (NOW + world.next()) as EpochMs,
      });
      return (store) => store.registry.saveTool(it);
    },
    toolVersion: () => {
      const [tenant, version] = [one(TENANTS), `v${random.below(8)}`];
      return (store) => store.registry.toolVersion(tenant, version);
    },
  };
}

function traces(world: World): Record<string, Draw> {
  const { random, one, traceIds } = world;
  return {
    trace: () => {
      const it = trace({
        trace_id: random.chance(0.1) ? (random.pick(traceIds) ?? 't') : `trace_${world.next()}`,
        tenant: one([...TENANTS, null]),
        tool: one(TOOLS),
        status: one(['completed', 'failed', 'policy_denied']),
        execution_id: random.pick(world.ids) ?? null,
      });
      traceIds.push(it.trace_id);
      return async (store) => {
        store.traces.append(it);
        await store.traces.flush();
      };
    },
    listTraces: () => {
      const query = tracePage({
        tenant: one(TENANTS),
        limit: 1 + random.below(8),
        before: random.chance(0.3) ? (random.pick(traceIds) ?? null) : null,
        tool: random.chance(0.4) ? one(TOOLS) : null,
        status: random.chance(0.4) ? one(['completed', 'failed']) : null,
        executionId: random.chance(0.2) ? (random.pick(world.ids) ?? null) : null,
      });
      return (store) => store.traces.list(query);
    },
  };
}

/** The end of a tombstone is read from each store's own clock, and no two of them are the same to the millisecond. */
export function withoutUntil(answer: unknown): unknown {
  const isTombstone = typeof answer === 'object' && answer !== null && 'tombstone' in answer;
  return isTombstone ? { ...answer, tombstone: { ...(answer.tombstone as object), until: null } } : answer;
}

/** Everything that can be seen of a store. */
export async function snapshot(store: Store): Promise<unknown> {
  return {
    executions: await Promise.all(
      TENANTS.map((tenant) => store.executions.list(page({ tenant, limit: 200 }))),
    ),
    keys: await Promise.all(KEYS.map(async (key) => withoutUntil(await store.executions.recall(key)))),
    held: await Promise.all(
      TENANTS.flatMap((tenant) =>
        ['ent-1', 'ent-2'].map((id) => store.executions.unsettledWriteTo(tenant, 'prod', id)),
      ),
    ),
    registry: await store.registry.load(),
    traces: await Promise.all(TENANTS.map((tenant) => store.traces.list(tracePage({ tenant, limit: 200 })))),
    ...(await controlSnapshot(store)),
  };
}
