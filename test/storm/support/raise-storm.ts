import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@invoke/testkit/stores';
import { setUp } from '../../support/set-up.js';
import { callUntilAnswered, type Caller, type Story } from './call-until-answered.js';
import { judgeStorm, type Verdict } from './judge-storm.js';
import { startGateway, startProgram, type Program } from './start-program.js';

export interface StormPlan {
  readonly store: 'sqlite' | 'postgres';
  readonly gateways: number;
  readonly callers: number;
  /** Half of the callers send other params under the same key. */
  readonly others: boolean;
  /** Until the tool answers: long enough for most callers to be there. */
  readonly holdMs: number;
}

export interface Weathered extends Verdict {
  readonly plan: StormPlan;
  readonly seconds: number;
}

const API_KEY = 'inv_storm_0123456789abcdef';
const TOOL = 'storm_charge';
const TOOL_PROCESS = new URL('../tool-process.ts', import.meta.url);

/** Gateways and their tool, each in a process of its own, and a storm over them. */
export async function raiseStorm(plan: StormPlan): Promise<Weathered> {
  await using stack = new AsyncDisposableStack();
  const tool = stack.use(await startTool(plan.holdMs));
  const gateways = await startGateways(plan, stack);
  const urls = gateways.map(({ url }) => url);
  await registerTool(urls[0] ?? '', tool.url);
  await Promise.all(urls.map(untilKnown));
  const from = performance.now();
  const callers = await callAtOnce(plan, urls);
  const seconds = (performance.now() - from) / 1_000;
  return { ...judgeStorm({ callers, effects: await effectsOf(tool.url) }), plan, seconds };
}

/** The bodies of the requests that the tool has had. */
export async function effectsOf(toolUrl: string): Promise<readonly string[]> {
  const answer = await fetch(toolUrl);
  return ((await answer.json()) as { readonly effects: readonly string[] }).effects;
}

export function startTool(holdMs: number): Promise<Program> {
  return startProgram(TOOL_PROCESS, { HOLD_MS: String(holdMs) });
}

async function startGateways(plan: StormPlan, stack: AsyncDisposableStack): Promise<readonly Program[]> {
  const folder = await mkdtemp(join(tmpdir(), 'invoke-storm-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const environment = { INVOKE_API_KEYS: API_KEY, INVOKE_LOG_FILE: join(folder, 'log.jsonl') };
  if (plan.store === 'sqlite') {
    return [stack.use(await startGateway({ ...environment, INVOKE_DATA_DIR: folder }))];
  }
  const postgres = stack.use(await startPostgres());
  const database = { ...environment, DATABASE_URL: await postgres.createDatabase() };
  const started = await Promise.all(Array.from({ length: plan.gateways }, () => startGateway(database)));
  for (const gateway of started) stack.use(gateway);
  return started;
}

async function registerTool(url: string, toolUrl: string): Promise<void> {
  await setUp(`${url}/v1/providers`, API_KEY, { name: 'Storm', slug: 'storm' });
  await setUp(`${url}/v1/providers/storm/tools`, API_KEY, {
    name: TOOL,
    risk_level: 'medium',
    http: { method: 'POST', url: `${toolUrl}/` },
    capability_card: { name: TOOL, effect: 'write', input_schema: { type: 'object' }, timeout_ms: 30_000 },
  });
}

/** A tool that was registered at one gateway is known to the others within seconds. */
async function untilKnown(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/v1/tools`, { headers: { 'X-API-Key': API_KEY } });
    if ((await answer.text()).includes(TOOL)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Each with a connection of its own, all in one turn of the event loop; every other one asks to wait for the answer. */
export async function callAtOnce(
  { callers, others }: Pick<StormPlan, 'callers' | 'others'>,
  urls: readonly string[],
): Promise<readonly { readonly params: string; readonly story: Story }[]> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const calls = Array.from({ length: callers }, (_, i) => {
    const params = { amount: others && i % 4 >= 2 ? 999 : 5 };
    return {
      params: JSON.stringify(params),
      story: callUntilAnswered(
        toCaller({ url: urls[i % urls.length] ?? '', waits: i % 2 === 0, params, agent }),
      ),
    };
  });
  const stories = await Promise.all(calls.map(({ story }) => story));
  agent.destroy();
  return calls.map(({ params }, i) => ({ params, story: stories[i] as Story }));
}

interface Call {
  readonly url: string;
  /** For the answer of the original, instead of being told to come again. */
  readonly waits: boolean;
  readonly params: object;
  readonly agent: Agent;
}

function toCaller({ url, waits, params, agent }: Call): Caller {
  const body = JSON.stringify({ tool: TOOL, params, idempotency_key: 'storm' });
  return {
    url: `${url}/v1/call`,
    agent,
    body,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'X-API-Key': API_KEY,
      ...(waits ? { Prefer: 'wait=30' } : {}),
    },
  };
}
