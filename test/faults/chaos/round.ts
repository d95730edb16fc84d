import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TestPostgres } from '@invoke/testkit/stores';
import type { Mode } from '../kit/ablations.js';
import { startApprover } from '../kit/approver.js';
import { openArena, type Arena } from '../kit/arena.js';
import { calmTime } from '../kit/calm-time.js';
import { toolsOf } from '../kit/cards.js';
import { chaoticFortune, FAIR } from '../kit/fates.js';
import type { FleetCounts } from '../kit/fleet.js';
import type { Evidence } from '../kit/evidence.js';
import { judge, type Counts, type Minimums, type Violation } from '../kit/judge.js';
import { registerEach } from '../kit/register-tools.js';
import { seededRandom } from '../kit/seeded-random.js';
import { sleep } from '../kit/sleep.js';
import { startLoad, type Load } from './load.js';
import { startNemesis, type NemesisCounts } from './nemesis.js';
import type { Profile } from './profiles.js';

export interface RoundOptions {
  readonly postgres: TestPostgres | null;
  readonly gateways: number;
  readonly mode: Mode;
  readonly seed: number;
  readonly profile: Profile;
  readonly minimums: Minimums;
  /** Ends the chaos before its time; the round is judged all the same. */
  readonly signal?: AbortSignal;
  /** Gets everything that the judge has looked at. */
  readonly onJudged?: (violations: readonly Violation[], evidence: Evidence) => void;
}

/** What one round came to. */
export interface RoundResult
  extends Counts, NemesisCounts, Pick<FleetCounts, 'kills' | 'pauses' | 'stops' | 'crashes'> {
  readonly store: 'postgres' | 'sqlite';
  readonly mode: Mode;
  readonly gateways: number;
  readonly seed: number;
  /** From the start of the gateways until nothing was open any more. */
  readonly seconds: number;
  readonly chaosSeconds: number;
  readonly settleSeconds: number;
  readonly callers: number;
  readonly tooLate: number;
  /** The longest time for which the runner itself was not scheduled: how busy the machine was. */
  readonly longestStallMs: number;
  readonly violations: readonly Violation[];
}

/** Of the tools. Long enough for a machine that is busy with all this. */
const TIMEOUT_MS = 600;
const SETTLE_MS = 1_300;
/** What the world sees to: nothing takes effect later than this after it was sent. */
const LATEST_EFFECT_MS = TIMEOUT_MS + SETTLE_MS - 100;
/** After all faults have ended, nothing may be open for longer. */
const HEALED_WITHIN_MS = 75_000;

/** Chaos, then a world that is well again, then the judge. */
export async function playRound(options: RoundOptions): Promise<RoundResult> {
  const { postgres, gateways, mode, seed, profile } = options;
  const startedAt = Date.now();
  const random = seededRandom(seed);
  const rules = seededRandom(seed + 1);
  await using arena = await openArena({
    postgres,
    gateways,
    mode,
    leaseMs: profile.leaseMs,
    latestEffectMs: LATEST_EFFECT_MS,
    fortune: chaoticFortune(seededRandom(seed + 2), profile.lateMs),
    register: (gateway, toolUrl) =>
      registerEach(gateway, toolUrl, toolsOf(mode === 'no-settle' ? 0 : SETTLE_MS, TIMEOUT_MS)),
    failpoints: () => ({ rules: profile.rules(rules), seed: rules.between(1, 1_000_000) }),
  });
  const chaosAt = Date.now();
  const stalls = monitorEventLoopDelay({ resolution: 20 });
  stalls.enable();
  const approver = startApprover({ gateways: () => arena.fleet.urls() });
  const load = startLoad(arena, random, profile.load);
  const nemesis = startNemesis(arena, seededRandom(seed + 3), { plan: profile.nemesis, postgres });
  await sleep(profile.chaosMs, options.signal);
  const healedAt = Date.now();
  load.stop();
  await nemesis.stop();
  const unsettled = await heal(arena, load);
  await approver.stop();
  const endedAt = Date.now();
  stalls.disable();
  const evidence = await arena.evidence();
  const { violations: found, counts } = judge(evidence, options.minimums);
  const { kills, pauses, stops, crashes } = arena.fleet.counts;
  const violations = [
    ...found,
    ...unsettled,
    ...arena.fleet.lastWords.map((text): Violation => ({ kind: 'crashed', text })),
  ];
  options.onJudged?.(violations, evidence);
  return {
    store: postgres === null ? 'sqlite' : 'postgres',
    mode,
    gateways,
    seed,
    seconds: (endedAt - startedAt) / 1_000,
    chaosSeconds: (healedAt - chaosAt) / 1_000,
    settleSeconds: (endedAt - healedAt) / 1_000,
    callers: arena.histories.length,
    tooLate: arena.ledger.tooLate,
    longestStallMs: Math.round(stalls.max / 1e6),
    ...counts,
    ...nemesis.counts,
    kills,
    pauses,
    stops,
    crashes,
    violations,
  };
}

/** All faults end; everything has to come to an end, and everyone asks once more. */
async function heal(arena: Arena, load: Load): Promise<readonly Violation[]> {
  for (const line of [...arena.databaseLines, arena.toolLine]) line.set({ kind: 'pass' });
  arena.ledger.setFortune(FAIR);
  await arena.fleet.heal();
  const patience = new AbortController();
  const settled = await Promise.race([
    load.finished().then(() => arena.settled(patience.signal)),
    calmTime(HEALED_WITHIN_MS, patience.signal).then(() => false),
  ]);
  patience.abort();
  if (!settled) {
    arena.breakOffCalls();
    await load.finished();
    return [
      {
        kind: 'stuck',
        text: `after ${HEALED_WITHIN_MS / 1_000} s without faults not everything had come to an end`,
      },
    ];
  }
  await load.repeatAll(20_000);
  return [];
}
