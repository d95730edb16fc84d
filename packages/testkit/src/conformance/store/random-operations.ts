import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { DurationMs, EpochMs, ExecutionRecord } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { execution, incarnation, move, NOW, page, provider, tool, trace, tracePage } from './records.js';
import type { Random } from './random.js';

/** One operation, drawn once and then done to two stores. */
export interface Operation {
  readonly name: string;
  readonly run: (store: Store) => Promise<unknown>;
}

/** What the operations choose from; small, so that they meet. */
const TENANTS = ['acme', 'globex'] as const;
const KEYS = Array.from({ length: 12 }, (_, i) => `key-${i}`);
const OWNERS = ['inc-1', 'inc-2', 'inc-3'] as const;
const TOOLS = ['tool_a', 'tool_b', 'tool_c'] as const;
const ENTITIES = ['ent-1', 'ent-2', null] as const;
const STATES = Object.values(EXECUTION_STATE);
const HOUR = 3_600_000 as DurationMs;

/** Draws operations; `known` are the ids that were claimed so far, `oracle` says how they stand. */
export function createOperations(random: Random, oracle: Store): () => Promise<Operation> {
  const known: string[] = [];
  const traces: string[] = [];
  let counter = 0;

  async function standing(): Promise<ExecutionRecord | null> {
    const id = random.pick(known);
    for (const tenant of TENANTS) {
      const record = id === undefined ? null : await oracle.executions.find(tenant, id);
      if (record !== null) return record;
    }
    return null;
  }

  function newRecord(): ExecutionRecord {
    counter += 1;
    const id = random.chance(0.05) ? (random.pick(known) ?? 'exec_x') : `exec_${counter}`;
    const state = random.pick(STATES) as ExecutionState;
    known.push(id);
    return execution({
      id,
      tenant: random.pick(TENANTS) as string,
      env: random.pick(['prod', 'test']) as string,
      keyDigest: random.chance(0.15) ? null : (random.pick(KEYS) as string),
      tool: random.pick(TOOLS) as string,
      agentId: random.pick(['agent-1', 'agent-2', null]) as string | null,
      entityId: random.pick(ENTITIES) as string | null,
      state,
      owner: random.pick([...OWNERS, null]) as string | null,
      finishedAt: random.chance(0.6) ? ((NOW + random.below(100)) as EpochMs) : null,
      token: `token-${counter}`,
    });
  }

  const draw: Record<string, () => Operation['run'] | Promise<Operation['run']>> = {
    claim: () => {
      const record = newRecord();
      return (store) => store.executions.claim(record);
    },
    transition: async () => {
      const record = (await standing()) ?? execution({ id: 'exec_unheard' });
      const off = random.chance(0.3) ? random.pick(['seq', 'epoch', 'state'] as const) : null;
      const from = {
        ...record,
        seq: record.seq + (off === 'seq' ? 1 : 0),
        epoch: record.epoch - (off === 'epoch' ? 1 : 0),
        state: off === 'state' ? ('expired' as const) : record.state,
      };
      counter += 1;
      const step = move(from, random.pick(STATES) as ExecutionState, {
        owner: random.pick([...OWNERS, null]) as string | null,
        token: `token-${counter}`,
        finishedAt: random.chance(0.6) ? ((NOW + random.below(100)) as EpochMs) : null,
      });
      return (store) => store.executions.transition(step);
    },
    recall: () => {
      const key = random.pick(KEYS) as string;
      return (store) => store.executions.recall(key);
    },
    find: () => {
      const [tenant, id] = [random.pick(TENANTS) as string, random.pick(known) ?? 'exec_unheard'];
      return (store) => store.executions.find(tenant, id);
    },
    list: async () => {
      const last = random.chance(0.5) ? await standing() : null;
      const query = page({
        tenant: random.pick(TENANTS) as string,
        limit: 1 + random.below(8),
        before: last?.id ?? null,
        state: random.chance(0.4) ? (random.pick(STATES) as ExecutionState) : null,
        tool: random.chance(0.4) ? (random.pick(TOOLS) as string) : null,
        agentId: random.chance(0.4) ? 'agent-1' : null,
      });
      return (store) => store.executions.list(query);
    },
    unsettledWriteTo: () => {
      const [tenant, entity] = [
        random.pick(TENANTS) as string,
        random.pick(['ent-1', 'ent-2', 'ent-3']) as string,
      ];
      return (store) => store.executions.unsettledWriteTo(tenant, 'prod', entity);
    },
    takeOver: () => {
      counter += 1;
      const [owner, token, limit] = [random.pick(OWNERS) as string, `sweep-${counter}`, random.below(4)];
      return (store) => store.executions.takeOver(owner, token, limit);
    },
    prune: () => {
      const before = (NOW + random.below(40)) as EpochMs;
      const until = (NOW + random.below(40)) as EpochMs;
      const limit = random.below(3);
      return (store) => store.executions.prune(before, until, limit);
    },
    dropTombstones: () => {
      const [before, limit] = [(NOW + random.below(40)) as EpochMs, random.below(3)];
      return (store) => store.executions.dropTombstones(before, limit);
    },
    enlist: () => {
      const id = random.pick(OWNERS) as string;
      return (store) => store.incarnations.enlist(incarnation(id), HOUR);
    },
    renew: () => {
      const id = random.pick(OWNERS) as string;
      return (store) => store.incarnations.renew(id, HOUR);
    },
    retire: () => {
      const id = random.pick(OWNERS) as string;
      return (store) => store.incarnations.retire(id);
    },
    saveProvider: () => {
      counter += 1;
      const it = provider({
        id: `prov_${counter}`,
        tenant: random.pick(TENANTS) as string,
        slug: random.pick(['crm', 'billing', 'wiki']) as string,
        name: `Name ${counter}`,
      });
      return (store) => store.registry.saveProvider(it);
    },
    saveTool: () => {
      counter += 1;
      const it = tool({
        id: random.pick(TOOLS) as string,
        tenant: random.pick(TENANTS) as string,
        version: `v${random.below(5)}`,
        provider: { id: `prov_${random.below(2)}`, slug: 'crm' },
        updatedAt: (NOW + counter) as EpochMs,
      });
      return (store) => store.registry.saveTool(it);
    },
    toolVersion: () => {
      const [tenant, version] = [random.pick(TENANTS) as string, `v${random.below(8)}`];
      return (store) => store.registry.toolVersion(tenant, version);
    },
    trace: () => {
      counter += 1;
      const it = trace({
        trace_id: random.chance(0.1) ? (random.pick(traces) ?? 't') : `trace_${counter}`,
        tenant: random.pick([...TENANTS, null]) as string | null,
        tool: random.pick(TOOLS) as string,
        status: random.pick(['completed', 'failed', 'policy_denied']) as string,
        execution_id: random.pick(known) ?? null,
      });
      traces.push(it.trace_id);
      return async (store) => {
        store.traces.append(it);
        await store.traces.flush();
      };
    },
    listTraces: () => {
      const query = tracePage({
        tenant: random.pick(TENANTS) as string,
        limit: 1 + random.below(8),
        before: random.chance(0.3) ? (random.pick(traces) ?? null) : null,
        tool: random.chance(0.4) ? (random.pick(TOOLS) as string) : null,
        status: random.chance(0.4) ? (random.pick(['completed', 'failed']) as string) : null,
        executionId: random.chance(0.2) ? (random.pick(known) ?? null) : null,
      });
      return (store) => store.traces.list(query);
    },
  };

  return async () => {
    const name = random.pick([
      ...Object.keys(draw),
      'claim',
      'claim',
      'claim',
      'transition',
      'transition',
    ]) as string;
    const run = await (draw[name] as () => Operation['run'] | Promise<Operation['run']>)();
    return { name, run };
  };
}

/** Everything that can be seen of a store. */
export async function snapshot(store: Store): Promise<unknown> {
  return {
    executions: await Promise.all(
      TENANTS.map((tenant) => store.executions.list(page({ tenant, limit: 200 }))),
    ),
    keys: await Promise.all(KEYS.map((key) => store.executions.recall(key))),
    held: await Promise.all(
      TENANTS.flatMap((tenant) =>
        ['ent-1', 'ent-2'].map((id) => store.executions.unsettledWriteTo(tenant, 'prod', id)),
      ),
    ),
    registry: await store.registry.load(),
    traces: await Promise.all(TENANTS.map((tenant) => store.traces.list(tracePage({ tenant, limit: 200 })))),
  };
}
