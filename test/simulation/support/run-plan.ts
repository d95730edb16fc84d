import { CallRequest, EXECUTION_STATE } from '@invoke/contract';
import { parseWith, type CallAnswer } from '@invoke/core';
import { DEFAULT_TENANT, DRIVEN_STATES, fullAccess, type ExecutionRecord } from '@invoke/core/domain';
import type { Ablation } from './ablation.js';
import type { Answer, Evidence, FinalApproval, FinalExecution } from './evidence.js';
import { BUDGET, CALLER, type Gateway } from './gateway.js';
import { MOST_RETRIES, startPeople } from './people.js';
import {
  NOTHING_AROUND,
  type Around,
  type People,
  type Plan,
  type PlannedCall,
  type ToolName,
} from './plan.js';
import { tellGateways } from './tell-gateways.js';
import { FALLBACK_TOOL, LEVEL_TOOL } from './tools.js';
import { STORE } from './wall-clocks.js';
import { createWorld, START_MS, type World } from './world.js';

/** How long the world is watched for everything to end once nothing goes wrong any more. */
const PATIENCE_MS = 30_000;
/** Long enough for late answers to have been heard. */
const AFTERMATH_MS = 1_500;
const STEP_MS = 500;
/** What has ended this long ago may be pruned. */
const PRUNED_AFTER_MS = 300;
/** And its key is kept for this long. */
const KEPT_AFTER_MS = 400 * 86_400_000;
/** The clock of every world begins here. */
const BEGINS_AT = 1_700_000_000_000;

/**
 * Runs a plan over real engines: callers call, an approver approves what is asked for, faults happen. Then the world heals,
 * everything is given time to end, every call is made once more, and what there is to see is handed over.
 */
export async function runPlan(plan: Plan, ablation: Ablation = {}): Promise<Evidence> {
  const world = createWorld(plan, ablation);
  const around = plan.around ?? NOTHING_AROUND;
  await world.start();
  const answers: Answer[] = [];
  const open = new Map<string, Gateway>();
  const ask = (call: PlannedCall, label: string) =>
    callGateway(call, label, { world, answers, open, around });
  plan.calls.forEach((call, i) => world.clock.schedule(call.atMs, () => ask(call, `call ${i + 1}`)));
  const { people, events } = around;
  const wanted = people.review !== 'nobody' || plan.calls.some((call) => call.approval);
  const sendHome = wanted ? startPeople(world, people) : () => undefined;
  tellGateways(world, events);
  const pruned = pruneAt(plan, world);
  await world.clock.advance(lastEvent(plan) + STEP_MS);
  await world.heal();
  const waiting = () => [...open].filter(([, by]) => by.gate.state !== 'dead').map(([label]) => label);
  await quiet(world, people, waiting);
  for (const call of byKey(plan.calls)) ask(call, `last call for ${call.key}`);
  const before = world.witness.versions.length;
  await world.clock.advance(STEP_MS);
  if (open.size > 0 || world.witness.versions.length > before) await quiet(world, people, waiting);
  sendHome();
  // Whoever comes after a gateway that stopped in between looks every ten seconds or so.
  if ((await leftOpen(world)).length > 0) await world.clock.advance(LEFT_OPEN_MS);
  return {
    effects: world.outside.effects,
    sends: world.outside.sends,
    versions: world.witness.versions,
    bugs: world.witness.bugs,
    lostCommits: world.witness.lostCommits,
    fenced: world.witness.fenced,
    reborn: world.witness.reborn,
    writes: world.faults.writes(),
    answers,
    unanswered: waiting(),
    asked: world.witness.asked,
    refusals: countRefusals(answers),
    told: world.witness.told,
    levels: around.driftMs === null ? null : world.outside.levels,
    pruned: new Set(pruned.map(({ id }) => id)),
    leftOpen: await leftOpen(world),
    stillCounted: world.fleet.awake().flatMap((g) => (g.underWay() === 0 ? [] : [g.name])),
    spent: around.budget === null ? null : await spentOf(world),
    ...(await readRecords(world, pruned)),
  };
}

const LEFT_OPEN_MS = 30_000;

async function leftOpen({ store }: World): Promise<readonly string[]> {
  return (await store.settlements.leftOpen(100)).map(({ id }) => id);
}

function lastEvent(plan: Plan): number {
  const faults = plan.faults.map((f) => ('atMs' in f ? f.atMs : 0) + ('ms' in f ? f.ms : 0));
  return Math.max(0, ...plan.calls.map((c) => c.atMs), ...faults);
}

function byKey(calls: readonly PlannedCall[]): readonly PlannedCall[] {
  return [...new Map(calls.toReversed().map((call) => [call.key, call])).values()];
}

/**
 * Until nothing moves any more that moves by itself or will be decided by people, and everybody has an answer; or patience is
 * over.
 */
async function quiet(
  { clock, store, outside }: World,
  { review }: People,
  waiting: () => readonly string[],
): Promise<void> {
  const reviewed = review !== 'nobody';
  const moving = reviewed ? [...DRIVEN_STATES, EXECUTION_STATE.needs_review] : DRIVEN_STATES;
  const patienceMs = reviewed ? PATIENCE_MS * (MOST_RETRIES + 2) : PATIENCE_MS;
  for (let waited = 0; waited < patienceMs; waited += STEP_MS) {
    const [records] = await Promise.all([store.executions.list(EVERYTHING), clock.advance(STEP_MS)]);
    const atRest = records.every((r) => !moving.includes(r.state)) && outside.underWay() === 0;
    if (atRest && waiting().length === 0) break;
  }
  await clock.advance(AFTERMATH_MS);
}

const EVERYTHING = {
  tenant: DEFAULT_TENANT,
  limit: 200,
  before: null,
  state: null,
  tool: null,
  agentId: null,
} as const;

interface Callers {
  readonly world: World;
  readonly answers: Answer[];
  readonly open: Map<string, Gateway>;
  readonly around: Around;
}

/** A caller that gets its answer, or finds nobody, or waits for ever where its gateway dies. */
function callGateway(call: PlannedCall, label: string, { world, answers, open, around }: Callers): void {
  const gateway = world.fleet.gateway(call.gateway);
  if (gateway === null) return;
  const request = toRequest(call, around);
  open.set(label, gateway);
  world.witness.asked.push({ order: world.witness.nextOrder(), label, key: call.key });
  void gateway.gate
    .pass()
    .then(() =>
      gateway.engine.call({
        credential: { kind: 'principal', principal: fullAccess(CALLER) },
        request,
        requestId: label,
        traceparent: null,
        attachMs: 0,
      }),
    )
    .then((answer) => {
      open.delete(label);
      answers.push({ ...toAnswer(answer), order: world.witness.nextOrder(), label, key: call.key });
    });
}

const WHILE_GREEN = {
  intent: 'act_while_green',
  conditions: { level: 'green' },
  state_refetch: { tool: LEVEL_TOOL, params: {} },
};

function toRequest(
  { tool, key, approval, fallback }: PlannedCall,
  { entities, driftMs, people: { expiresMs } }: Around,
): CallRequest {
  const expires =
    expiresMs === null ? {} : { expires_at: new Date(BEGINS_AT + START_MS + expiresMs).toISOString() };
  const rules = [{ when: `tool == ${tool}`, effect: 'require_approval' }];
  const request = parseWith(CallRequest, {
    tool,
    params: { key, ...(entities ? { entity: `entity_${Number(key.slice(1)) % 2}` } : {}) },
    idempotency_key: key,
    ...(approval ? { policy: { rules, ...expires, ...(driftMs === null ? {} : WHILE_GREEN) } } : {}),
    ...(fallback ? { failure_policy: { fallback: FALLBACK_TOOL } } : {}),
  });
  if (request.kind === 'refused') throw new Error(request.refusal.message);
  return request.value;
}

function countRefusals(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { told } of answers.filter(({ refused }) => refused)) counts[told] = (counts[told] ?? 0) + 1;
  return counts;
}

function toAnswer(answer: CallAnswer): Omit<Answer, 'order' | 'label' | 'key'> {
  if (answer.kind === 'refused') {
    const { code } = answer.refusal;
    return { told: code, refused: true, executionId: null, settled: false, resultText: null };
  }
  const { outcome, record } = answer;
  const { resultText } = record;
  return {
    told: outcome.status,
    refused: false,
    executionId: record.id,
    settled: outcome.settled,
    resultText,
  };
}

/** Prunes when the plan has it, and keeps what was there just before. */
function pruneAt({ faults }: Plan, { clock, clocks, store }: World): FinalExecution[] {
  const pruned: FinalExecution[] = [];
  const prune = async () => {
    const now = clocks.of(STORE).now();
    const { limit } = EVERYTHING;
    // Both are begun in one turn, and so nothing comes in between.
    const [records] = await Promise.all([
      store.executions.list(EVERYTHING),
      store.executions.prune({ now, keptMs: PRUNED_AFTER_MS, tombstoneMs: KEPT_AFTER_MS, limit }),
    ]);
    const left = new Set((await store.executions.list(EVERYTHING)).map(({ id }) => id));
    pruned.push(...records.filter(({ id }) => !left.has(id)).map(toFinal));
  };
  for (const fault of faults) if (fault.kind === 'prune') clock.schedule(fault.atMs, () => void prune());
  return pruned;
}

async function spentOf({ store, clocks }: World): Promise<number> {
  const spent = await store.usage.spent(DEFAULT_TENANT, clocks.of(STORE).now());
  return spent.find(({ budget }) => budget === BUDGET)?.calls ?? 0;
}

async function readRecords(
  { store }: World,
  pruned: readonly FinalExecution[],
): Promise<{ executions: readonly FinalExecution[]; approvals: readonly FinalApproval[] }> {
  const records = await store.executions.list(EVERYTHING);
  const approvals = await store.approvals.list({ ...EVERYTHING, state: null });
  return {
    executions: [...pruned, ...records.map(toFinal)],
    approvals: approvals.map(({ id, executionId, kind, state, expiresAt }) => ({
      id,
      executionId,
      kind,
      state,
      expiresAt,
    })),
  };
}

function toFinal(record: ExecutionRecord): FinalExecution {
  const { id, idempotencyKey, tool, state, outcome, resultText, entityId, journal } = record;
  return {
    id,
    key: idempotencyKey ?? '',
    tool: tool as ToolName,
    state,
    final: outcome?.final ?? null,
    resultText,
    entity: entityId,
    certainties: journal.attempts.map((a) => a.certainty),
  };
}
