import { APPROVAL_STATE, EXECUTION_STATE } from '@invoke/contract';
import type { ApprovalRecord, EpochMs } from '@invoke/core/domain';
import type { Delivery, OutboxMessage, Store } from '@invoke/core/ports';
import {
  approval,
  approvalPage,
  charge,
  decided,
  message,
  policy,
  settlement,
  workflow,
} from './control-records.js';
import { execution, move, NOW } from './records.js';
import { KEYS, moving, TENANTS, TOOLS, type Draw, type World } from './random-world.js';

const S = EXECUTION_STATE;
const AGENTS = ['agent-1', 'agent-2', null] as const;
const LONG_AGO = 1 as EpochMs;
/** Beyond the end of any test, on any clock. */
const SOME_DAY = 9_000_000_000_000 as EpochMs;
const HOUR = 3_600_000;

interface Memory extends World {
  readonly oracle: Store;
  readonly approvalIds: string[];
  readonly messageIds: string[];
  messages(): readonly OutboxMessage[];
  /** Some approval as it stands. */
  approvalAtHand(): Promise<ApprovalRecord | null>;
}

/** What people decide, what is told, what providers say and what is spent. */
export function controlOperations(world: World, oracle: Store): Record<string, Draw> {
  const approvalIds: string[] = [];
  const messageIds: string[] = [];
  const memory: Memory = {
    ...world,
    oracle,
    approvalIds,
    messageIds,
    messages() {
      const id = `msg_${world.next()}`;
      messageIds.push(id);
      return world.random.chance(0.5) ? [message(id)] : [];
    },
    async approvalAtHand() {
      const id = world.random.pick(approvalIds);
      if (id === undefined) return null;
      const found = await Promise.all(TENANTS.map((tenant) => oracle.approvals.find(tenant, id)));
      return found.find((record) => record !== null) ?? null;
    },
  };
  return {
    ...writesToApprovals(memory),
    ...readsOfApprovals(memory),
    ...outbox(memory),
    ...settlements(memory),
    ...usage(memory),
    ...setUp(memory),
  };
}

function drawApproval(memory: Memory, executionId: string): ApprovalRecord {
  const { random, one, approvalIds } = memory;
  const id = random.chance(0.3) ? (random.pick(approvalIds) ?? 'appr_x') : `appr_${memory.next()}`;
  approvalIds.push(id);
  return approval({
    id,
    executionId,
    tenant: one(TENANTS),
    agentId: one(AGENTS),
    kind: random.chance(0.5) ? 'approval' : 'review',
    // Long over, or not for long, on any clock: the oracle and the stores do not share one.
    expiresAt: (one([LONG_AGO, SOME_DAY]) + random.below(40)) as EpochMs,
  });
}

function writesToApprovals(memory: Memory): Record<string, Draw> {
  const { random, one, ids } = memory;
  return {
    freeze: () => {
      const n = memory.next();
      const id = `exec_${n}`;
      const record = execution({
        id,
        tenant: one(TENANTS),
        keyDigest: random.chance(0.2) ? null : one(KEYS),
        state: S.awaiting_approval,
        owner: null,
        token: `token-${n}`,
      });
      const [frozen, messages] = [drawApproval(memory, id), memory.messages()];
      ids.push(id);
      return (store) => store.approvals.freeze(record, frozen, messages);
    },
    escalate: async () => {
      const record = (await memory.standing()) ?? execution({ id: 'exec_unheard' });
      const seq = record.seq + (random.chance(0.3) ? 1 : 0);
      const step = move({ ...record, seq }, S.needs_review, { token: `token-${memory.next()}` });
      const [review, messages] = [drawApproval(memory, record.id), memory.messages()];
      return moving(record, step, (store) => store.approvals.escalate(step, review, messages));
    },
    decide: async () => {
      const known = (await memory.approvalAtHand()) ?? approval({ id: 'appr_unheard' });
      const record = await executionOf(known, memory);
      const from = { ...record, seq: record.seq + (random.chance(0.2) ? 1 : 0) };
      const step = move(from, memory.stateAfter(record.state), { token: `token-${memory.next()}` });
      const decision = {
        approval: decided(known, {
          version: known.version + one([1, 1, 1, 1, 0, 2]),
          state: one(Object.values(APPROVAL_STATE)),
        }),
        move: random.chance(0.5) ? step : null,
        fresh: random.chance(0.5) ? drawApproval(memory, record.id) : null,
        messages: memory.messages(),
        ...one([{}, {}, {}, { when: 'in_time' as const }, { when: 'overdue' as const }]),
      };
      const run = (store: Store) => store.approvals.decide(decision);
      return decision.move === null ? run : moving(record, decision.move, run);
    },
  };
}

async function executionOf({ executionId }: ApprovalRecord, { oracle }: Memory) {
  const found = await Promise.all(TENANTS.map((tenant) => oracle.executions.find(tenant, executionId)));
  return found.find((record) => record !== null) ?? execution({ id: executionId });
}

function readsOfApprovals(memory: Memory): Record<string, Draw> {
  const { random, one, approvalIds } = memory;
  return {
    findApproval: () => {
      const [tenant, id] = [one(TENANTS), random.pick(approvalIds) ?? 'appr_unheard'];
      return (store) => store.approvals.find(tenant, id);
    },
    approvalOf: () => {
      const [tenant, id] = [one(TENANTS), random.pick(memory.ids) ?? 'exec_unheard'];
      return (store) => store.approvals.ofExecution(tenant, id);
    },
    listApprovals: () => {
      const query = approvalPage({
        tenant: one(TENANTS),
        limit: 1 + random.below(8),
        before: random.chance(0.3) ? (random.pick(approvalIds) ?? null) : null,
        state: random.chance(0.5) ? one(['pending', 'executed', 'rejected']) : null,
        agentId: random.chance(0.3) ? 'agent-1' : null,
      });
      return (store) => store.approvals.list(query);
    },
    expired: () => {
      const limit = 1 + random.below(5);
      return (store) => store.approvals.expired(limit);
    },
    countPending: () => {
      const [tenant, agentId, keyId] = [one(TENANTS), one(AGENTS), one(['key_1', 'key_2'])];
      return (store) => store.approvals.countPending(tenant, { agentId, keyId });
    },
  };
}

function outbox(memory: Memory): Record<string, Draw> {
  const { random, one } = memory;
  return {
    takeMessages: () => {
      const limit = 1 + random.below(3);
      return (store) => store.outbox.take(limit, HOUR);
    },
    settleMessage: () => {
      const id = random.pick(memory.messageIds) ?? 'msg_unheard';
      const delivery = one<Delivery>([
        { kind: 'delivered' },
        // All different, so that they are due in the same order on both clocks.
        { kind: 'retry', afterMs: -memory.next() * HOUR, why: 'http_503' },
        { kind: 'retry', afterMs: memory.next() * HOUR, why: 'http_503' },
        { kind: 'dead', why: 'http_410' },
      ]);
      return (store) => store.outbox.settle(id, delivery);
    },
    pruneMessages: () => {
      const before = one([LONG_AGO, SOME_DAY]);
      return (store) => store.outbox.prune(before, 1000);
    },
  };
}

function settlements(memory: Memory): Record<string, Draw> {
  const { random, one } = memory;
  const settledIds: string[] = [];
  return {
    settlement: async () => {
      const record = (await memory.standing()) ?? execution({ id: 'exec_unheard' });
      const event = settlement({
        tenant: one(TENANTS),
        provider: one(['payments', 'bank']),
        eventId: `evt_${random.below(12)}`,
        executionId: random.chance(0.9) ? record.id : null,
        open: random.chance(0.5),
      });
      settledIds.push(record.id);
      const seq = record.seq + (random.chance(0.4) ? 1 : 0);
      const step = move({ ...record, seq }, S.completed, { token: `token-${memory.next()}` });
      const [change, messages] = [random.chance(0.6) ? step : null, memory.messages()];
      const run = (store: Store) => store.settlements.record(event, change, messages);
      return change === null ? run : moving(record, change, run);
    },
    settleKept: async () => {
      const record = (await memory.standing()) ?? execution({ id: 'exec_unheard' });
      const seq = record.seq + (random.chance(0.4) ? 1 : 0);
      const step = move({ ...record, seq }, S.completed, { token: `token-${memory.next()}` });
      const messages = memory.messages();
      return moving(record, step, (store) => store.settlements.settle(step, messages));
    },
    closeSettlement: () => {
      const event = {
        tenant: one(TENANTS),
        provider: one(['payments', 'bank']),
        eventId: `evt_${random.below(12)}`,
      };
      const messages = memory.messages();
      return (store) => store.settlements.close(event, messages);
    },
    leftOpen: () => {
      const limit = 1 + random.below(4);
      return (store) => store.settlements.leftOpen(limit);
    },
    settlementsOf: () => {
      const [tenant, id] = [one(TENANTS), random.pick(settledIds) ?? 'exec_unheard'];
      return (store) => store.settlements.ofExecution(tenant, id);
    },
  };
}

function usage(memory: Memory): Record<string, Draw> {
  const { random, one } = memory;
  const drawCharge = () => {
    const start = random.below(4) * 10;
    return charge({
      tenant: one(TENANTS),
      budget: one(['daily', 'monthly']),
      subject: one(['key_1', 'agent-1']),
      windowStart: (NOW + start) as EpochMs,
      windowEnd: (NOW + start + 10) as EpochMs,
      amount: one([0, 0.1, 0.2, 2.5]),
      maxCalls: one([null, 1, 5]),
      maxAmount: one([null, 1, 4]),
    });
  };
  const drawCharges = () => Array.from({ length: 1 + random.below(3) }, drawCharge);
  return {
    reserve: () => {
      const charges = drawCharges();
      return (store) => store.usage.reserve(charges);
    },
    release: () => {
      const charges = drawCharges();
      return (store) => store.usage.release(charges);
    },
    spent: () => {
      const [tenant, now] = [one(TENANTS), (NOW + random.below(50)) as EpochMs];
      return (store) => store.usage.spent(tenant, now);
    },
    pruneWindows: () => {
      const [before, limit] = [(NOW + random.below(30)) as EpochMs, random.below(3)];
      return (store) => store.usage.prune(before, limit);
    },
    usage: () => {
      const [tenant, per, scan] = [one(TENANTS), one(['tool', 'agent', 'key'] as const), 1 + random.below(9)];
      const query = { tenant, per, scan, since: NOW, until: (NOW + random.below(5)) as EpochMs };
      return (store) => store.usage.usage(query);
    },
  };
}

function setUp(memory: Memory): Record<string, Draw> {
  const { one } = memory;
  return {
    savePolicy: () => {
      const it = policy({ tenant: one(TENANTS), updatedAt: (NOW + memory.next()) as EpochMs });
      return (store) => store.registry.savePolicy(it);
    },
    saveWorkflow: () => {
      const it = workflow(one(TOOLS), { tenant: one(TENANTS), updatedAt: (NOW + memory.next()) as EpochMs });
      return (store) => store.registry.saveWorkflow(it);
    },
  };
}

/** What can be seen of all this without changing it. */
export async function controlSnapshot({ approvals, usage: spending }: Store): Promise<object> {
  return {
    approvals: await Promise.all(
      TENANTS.map((tenant) => approvals.list(approvalPage({ tenant, limit: 200 }))),
    ),
    spent: await Promise.all(TENANTS.map((tenant) => spending.spent(tenant, NOW))),
    used: await Promise.all(
      TENANTS.map((tenant) =>
        spending.usage({ tenant, per: 'tool', since: NOW, until: SOME_DAY, scan: 10_000 }),
      ),
    ),
  };
}
