import { CERTAINTY } from '@invoke/contract';
import type { ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import { createManualClock } from '@invoke/testkit/fakes';
import type { Evidence, FinalExecution } from './evidence.js';
import { createOutsideWorld } from './outside-world.js';
import { NOTHING_AROUND, type Plan, type PlannedCall } from './plan.js';
import { MOST_ATTEMPTS, TIMEOUT_MS, toolDefinitions } from './tools.js';

const LONG_ENOUGH_MS = 20_000;

/**
 * What agents do without a gateway: the tool is called directly, and called again after whatever looks like a failure, with
 * a new key each time. Nothing is recorded before, nothing is looked up after. The world is the same.
 */
export async function runNaively(plan: Plan): Promise<Evidence> {
  const clock = createManualClock();
  let order = 0;
  const outside = createOutsideWorld({ plan, clock, nextOrder: () => (order += 1) });
  const executions: FinalExecution[] = [];
  const pause = (ms: number) => new Promise<null>((resolve) => clock.schedule(ms, () => resolve(null)));

  async function attempt(call: PlannedCall, n: number): Promise<ToolReply | null> {
    const startedMs = clock.monotonic();
    const { fate } = outside.nextRequest();
    await pause(fate.connectMs);
    if (fate.refused) return null;
    const reply = outside.receive(toToolCall(call, n), fate, { gateway: 'none', startedMs });
    return Promise.race([reply, pause(TIMEOUT_MS)]);
  }

  async function callTool(call: PlannedCall): Promise<void> {
    let done: ToolReply | null = null;
    for (let n = 1; n <= MOST_ATTEMPTS && done === null; n += 1) {
      const reply = await attempt(call, n);
      if (reply?.kind === 'answer' && reply.status === 200) done = reply;
    }
    executions.push({
      id: `naive ${executions.length + 1}`,
      key: call.key,
      tool: call.tool,
      state: done === null ? 'failed' : 'completed',
      final: null,
      resultText: done?.kind === 'answer' ? done.text : null,
      entity: null,
      certainties: [CERTAINTY.unknown],
    });
  }

  const calls = [...new Map(plan.calls.map((call) => [call.key, call])).values()];
  for (const call of calls) clock.schedule(call.atMs, () => void callTool(call));
  await clock.advance(LONG_ENOUGH_MS);
  return { ...NOTHING, effects: outside.effects, executions };
}

const NOTHING: Evidence = {
  effects: [],
  sends: [],
  versions: [],
  executions: [],
  answers: [],
  approvals: [],
  unanswered: [],
  bugs: [],
  lostCommits: new Set(),
  fenced: new Set(),
  reborn: new Set(),
  writes: 0,
  asked: [],
  pruned: new Set(),
  leftOpen: [],
  stillCounted: [],
  spent: null,
  levels: null,
  refusals: {},
  told: 0,
};

function toToolCall({ key, tool }: PlannedCall, n: number): ToolCall {
  const found = toolDefinitions(0, NOTHING_AROUND).find((t) => t.name === tool);
  if (found === undefined) throw new Error(`there is no tool ${tool}`);
  return {
    tool: found,
    params: { key },
    executionId: key,
    downstreamKey: `${key} attempt ${n}`,
    traceparent: null,
    mayStillSend: () => true,
    giveUpAfterMs: TIMEOUT_MS,
  };
}
