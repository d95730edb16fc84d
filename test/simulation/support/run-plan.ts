import { CallRequest } from '@invoke/contract';
import { parseWith, type CallAnswer } from '@invoke/core';
import { DEFAULT_TENANT, fullAccess } from '@invoke/core/domain';
import { StorageUnavailable } from '@invoke/core/ports';
import type { Ablation } from './ablation.js';
import type { Answer, Evidence, FinalApproval, FinalExecution } from './evidence.js';
import type { Gateway } from './gateway.js';
import type { Plan, PlannedCall, ToolName } from './plan.js';
import { FALLBACK_TOOL } from './tools.js';
import { createWorld, type World } from './world.js';

/** How long the world is watched for everything to end once nothing goes wrong any more. */
const PATIENCE_MS = 30_000;
/** Long enough for late answers to have been heard. */
const AFTERMATH_MS = 1_500;
const STEP_MS = 500;
/** An approver looks for what waits this often. */
const APPROVE_EVERY_MS = 170;

/**
 * Runs a plan over real engines: callers call, an approver approves what is asked for, faults happen. Then the world heals,
 * everything is given time to end, every call is made once more, and what there is to see is handed over.
 */
export async function runPlan(plan: Plan, ablation: Ablation = {}): Promise<Evidence> {
  const world = createWorld(plan, ablation);
  await world.start();
  const answers: Answer[] = [];
  const open = new Map<string, Gateway>();
  const ask = (call: PlannedCall, label: string) => callGateway(call, label, { world, answers, open });
  plan.calls.forEach((call, i) => world.clock.schedule(call.atMs, () => ask(call, `call ${i + 1}`)));
  const stopApproving = plan.calls.some((call) => call.approval) ? startApprover(world) : () => undefined;
  await world.clock.advance(lastEvent(plan) + STEP_MS);
  await world.heal();
  await quiet(world);
  for (const call of byKey(plan.calls)) ask(call, `last call for ${call.key}`);
  const before = world.witness.versions.length;
  await world.clock.advance(STEP_MS);
  if (open.size > 0 || world.witness.versions.length > before) await quiet(world);
  stopApproving();
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
    unanswered: [...open].filter(([, by]) => by.gate.state !== 'dead').map(([label]) => label),
    ...(await readRecords(world)),
  };
}

function lastEvent(plan: Plan): number {
  const faults = plan.faults.map((f) => (f.kind === 'at' ? f.atMs + f.ms : f.ms));
  return Math.max(0, ...plan.calls.map((c) => c.atMs), ...faults);
}

function byKey(calls: readonly PlannedCall[]): readonly PlannedCall[] {
  return [...new Map(calls.toReversed().map((call) => [call.key, call])).values()];
}

/** Until nothing moves any more that moves by itself, or patience is over. */
async function quiet({ clock, store, outside }: World): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    const [records] = await Promise.all([store.executions.list(EVERYTHING), clock.advance(STEP_MS)]);
    if (records.every((r) => !DRIVEN.includes(r.state)) && outside.underWay() === 0) break;
  }
  await clock.advance(AFTERMATH_MS);
}

const DRIVEN = ['accepted', 'running', 'retry_wait', 'unknown', 'reconciling'];
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
}

/** A caller that gets its answer, or finds nobody, or waits for ever where its gateway dies. */
function callGateway(call: PlannedCall, label: string, { world, answers, open }: Callers): void {
  const gateway = world.fleet.gateway(call.gateway);
  if (gateway === null) return;
  const request = parseWith(CallRequest, {
    tool: call.tool,
    params: { key: call.key },
    idempotency_key: call.key,
    ...(call.approval
      ? { policy: { rules: [{ when: `tool == ${call.tool}`, effect: 'require_approval' }] } }
      : {}),
    ...(call.fallback ? { failure_policy: { fallback: FALLBACK_TOOL } } : {}),
  });
  if (request.kind === 'refused') throw new Error(request.refusal.message);
  open.set(label, gateway);
  void gateway.gate
    .pass()
    .then(() =>
      gateway.engine.call({
        credential: { kind: 'principal', principal: fullAccess('caller') },
        request: request.value,
        requestId: label,
        traceparent: null,
        attachMs: 0,
      }),
    )
    .then((answer) => {
      open.delete(label);
      answers.push({ ...toAnswer(answer), order: world.witness.nextOrder(), key: call.key });
    });
}

function toAnswer(answer: CallAnswer): Omit<Answer, 'order' | 'key'> {
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

/** Says yes to everything that waits, at any gateway that is awake, again and again, and twice at once. */
function startApprover({ clock, store, fleet }: World): () => void {
  let stopped = false;
  const principal = fullAccess('approver');
  const round = async () => {
    const waiting = await store.approvals.list({ ...EVERYTHING, state: 'pending' });
    for (const { id } of waiting.filter((a) => a.kind === 'approval')) {
      for (const { engine } of fleet.awake()) {
        engine.approve({ principal, id, request: {}, waitMs: 0 }).catch((error: unknown) => {
          if (!(error instanceof StorageUnavailable)) throw error;
        });
      }
    }
    if (!stopped) clock.schedule(APPROVE_EVERY_MS, () => void round());
  };
  clock.schedule(APPROVE_EVERY_MS, () => void round());
  return () => void (stopped = true);
}

async function readRecords({
  store,
}: World): Promise<{ executions: readonly FinalExecution[]; approvals: readonly FinalApproval[] }> {
  const records = await store.executions.list(EVERYTHING);
  const approvals = await store.approvals.list({ ...EVERYTHING, state: null });
  return {
    executions: records.map(({ id, idempotencyKey, tool, state, outcome, resultText, journal }) => ({
      id,
      key: idempotencyKey ?? '',
      tool: tool as ToolName,
      state,
      final: outcome?.final ?? null,
      resultText,
      certainties: journal.attempts.map((a) => a.certainty),
    })),
    approvals: approvals.map(({ id, executionId, kind, state }) => ({ id, executionId, kind, state })),
  };
}
