import { useExisting } from '@invoke/testkit/stores';
import { startLoad, type Load } from '../chaos/load.js';
import { openArena, type Arena } from '../kit/arena.js';
import { toolsOf } from '../kit/cards.js';
import { chaoticFortune, FAIR } from '../kit/fates.js';
import { judge, type Counts, type Violation } from '../kit/judge.js';
import type { Evidence } from '../kit/evidence.js';
import { registerEach } from '../kit/register-tools.js';
import { seededRandom } from '../kit/seeded-random.js';
import { sleep } from '../kit/sleep.js';
import { leads, startCluster, type Cluster, type ClusterNode } from './cluster.js';
import { openLeaderRouter, type LeaderRouter } from './leader-router.js';
import { outcomesTold, longestOutage } from './outages.js';
import { PASSWORD } from './patroni-config.js';
import { startProbe, type Probe, type ProbeResult } from './probe.js';

/** `frozen`: a synchronous leader that is stopped, not killed: it is half dead, and comes back as if nothing had happened. */
export const FAILOVER_MODES = ['synchronous', 'asynchronous', 'frozen'] as const;
export type FailoverMode = (typeof FAILOVER_MODES)[number];

export interface FailoverOptions {
  readonly mode: FailoverMode;
  readonly kills: number;
  readonly gateways: number;
  /** Calls that are begun per second. */
  readonly rate: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Gets everything that the judge has looked at, and the logs of the gateways. */
  readonly onJudged?: (violations: readonly Violation[], evidence: Evidence, log: string) => void;
}

/** One leader that was killed, or frozen. In seconds; null: nothing worked any more. */
export interface Kill {
  readonly leader: string;
  readonly follower: string;
  /** From the kill until the router led to another server. */
  readonly electedAfter: number;
  /** The longest time in which no row of the probe was acknowledged. */
  readonly databaseOutage: number | null;
  /** The longest time in which no caller was told how a call had ended. */
  readonly callersOutage: number | null;
  /** From the first row that the new leader acknowledged to the first outcome that a caller was told; below zero: the caller was first. */
  readonly gatewaysLater: number | null;
}

export interface FailoverResult extends Counts {
  readonly mode: FailoverMode;
  readonly gateways: number;
  readonly rate: number;
  readonly seed: number;
  readonly seconds: number;
  readonly callers: number;
  /** Claims that were answered, requests that were let out, outcomes that were told: each was acknowledged by the database before. */
  readonly acknowledged: number;
  readonly kills: readonly Kill[];
  readonly probe: ProbeResult;
  /** By the logs of the gateways. */
  readonly log: Readonly<Record<(typeof LOGGED)[number], number>>;
  /** Executions that came back by the amnesia guard, by their events. */
  readonly reinstated: number;
  readonly violations: readonly Violation[];
}

const LEASE_MS = 3_000;
const TIMEOUT_MS = 600;
const SETTLE_MS = 1_300;
const LATEST_EFFECT_MS = TIMEOUT_MS + SETTLE_MS - 100;
const CALM_MS = 12_000;
const ELECTED_WITHIN_MS = 90_000;
const REJOINED_WITHIN_MS = 120_000;
const SETTLED_WITHIN_MS = 90_000;
/** How long an asynchronous leader has sent nothing when it dies: standbys that are behind. */
const STALL_MS = 1_500;
const LOGGED = [
  'history_changed',
  'acknowledged_write_lost',
  'history_verified',
  'lost_key_claimed_again',
] as const;

/** Leaders die under load, one after the other; then everything has to come to an end, and is judged. */
export async function playFailovers(options: FailoverOptions): Promise<FailoverResult> {
  const { mode, gateways, rate, seed, say } = options;
  await using cluster = await startCluster({ synchronous: mode !== 'asynchronous' });
  say(`the cluster is up: ${cluster.nodes.map((n) => `${n.name} at ${n.postgresPort}`).join(', ')}`);
  const portOf = (node: ClusterNode) => node.postgresPort;
  await using router = await openLeaderRouter({ servers: cluster.nodes, portOf, leads });
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${router.port}/postgres`;
  await using postgres = await useExisting(url);
  const startedAt = Date.now();
  await using arena = await openArena({
    postgres,
    gateways,
    leaseMs: LEASE_MS,
    latestEffectMs: LATEST_EFFECT_MS,
    fortune: chaoticFortune(seededRandom(seed), [50, 1_200]),
    register: (gateway, toolUrl) => registerEach(gateway, toolUrl, toolsOf(SETTLE_MS, TIMEOUT_MS)),
  });
  const nameOf = (port: number) => cluster.nodes.find((n) => n.postgresPort === port)?.name ?? String(port);
  const probe = await startProbe(postgres, nameOf);
  const load = startLoad(arena, seededRandom(seed + 1), {
    perSecond: rate,
    mostInFlight: 6 * rate,
    twins: 0.1,
    tools: { keyed: 3, lookup: 4, blind: 3 },
  });
  const killed: KilledAt[] = [];
  for (let n = 0; n < options.kills; n += 1) {
    await sleep(CALM_MS);
    killed.push(await killLeader({ cluster, router, ...options }));
  }
  await sleep(CALM_MS);
  load.stop();
  const unsettled = await settle(arena, load);
  const probed = await probe.stop();
  const evidence = await arena.evidence();
  const { violations, counts } = judgeFailovers(evidence, options);
  const found = [
    ...violations,
    ...unsettled,
    ...arena.fleet.lastWords.map((text): Violation => ({ kind: 'crashed', text })),
  ];
  const log = logsOf(arena);
  options.onJudged?.(found, evidence, log);
  return {
    ...counts,
    mode,
    gateways,
    rate,
    seed,
    seconds: Math.round((Date.now() - startedAt) / 1_000),
    callers: arena.histories.length,
    acknowledged: acknowledgedBy(evidence),
    kills: toKills(killed, evidence, probe),
    probe: probed,
    log: countLog(log),
    reinstated: evidence.messages.filter((m) => m.topic === 'execution.reinstated').length,
    violations: found,
  };
}

interface KilledAt {
  readonly at: number;
  readonly leader: string;
  readonly follower: string;
  readonly electedAt: number;
}

/** Resolves when the one that was killed follows the one that leads now. */
async function killLeader(
  parts: { readonly cluster: Cluster; readonly router: LeaderRouter } & FailoverOptions,
): Promise<KilledAt> {
  const { cluster, router, mode, say } = parts;
  const leader = await cluster.healthy(REJOINED_WITHIN_MS);
  const before = router.leader();
  const stopsAt = Date.now();
  if (mode === 'frozen') await cluster.freeze(leader);
  else await cluster.kill(leader, mode === 'asynchronous' ? STALL_MS : 0);
  const at = mode === 'frozen' ? stopsAt : Date.now();
  say(`${leader} is ${mode === 'frozen' ? 'frozen' : 'killed'}`);
  while (router.leader() === null || router.leader() === before) {
    if (Date.now() - at > ELECTED_WITHIN_MS) throw new Error('no other leader was elected');
    await sleep(50);
  }
  const electedAt = Date.now();
  const follower = cluster.nodes.find((n) => n.postgresPort === router.leader())?.name ?? '?';
  say(`${follower} leads after ${((electedAt - at) / 1_000).toFixed(1)} s`);
  // For a while the cluster has to do without the one that died.
  await sleep(CALM_MS);
  if (mode === 'frozen') cluster.thaw(leader);
  else cluster.restart(leader);
  await cluster.healthy(REJOINED_WITHIN_MS);
  say(`${leader} is back and follows`);
  return { at, leader, follower, electedAt };
}

async function settle(arena: Arena, load: Load): Promise<readonly Violation[]> {
  arena.ledger.setFortune(FAIR);
  const patience = new AbortController();
  const settled = await Promise.race([
    load.finished().then(() => arena.settled(patience.signal)),
    sleep(SETTLED_WITHIN_MS, patience.signal).then(() => false),
  ]);
  patience.abort();
  if (settled) {
    await load.repeatAll(20_000);
    return [];
  }
  arena.breakOffCalls();
  await load.finished();
  const text = `${SETTLED_WITHIN_MS / 1_000} s after the last failover not everything had come to an end`;
  return [{ kind: 'stuck', text }];
}

/** What the triggers of an asynchronous cluster had kept is lost with the rest: then it is no evidence of anything. */
function judgeFailovers(evidence: Evidence, { mode, rate, kills }: FailoverOptions) {
  const trusted = mode === 'asynchronous' ? { ...evidence, versions: [] } : evidence;
  return judge(trusted, { completed: rate * kills * 5, takeovers: 0 });
}

function acknowledgedBy({ callers, arrivals }: Evidence): number {
  const told = callers.flatMap((c) => c.told);
  return (
    new Set(told.flatMap((t) => t.executionId ?? [])).size +
    new Set(arrivals.map((a) => a.mark)).size +
    new Set(told.filter((t) => t.final !== null).map((t) => t.executionId)).size
  );
}

function toKills(killed: readonly KilledAt[], { callers }: Evidence, probe: Probe): readonly Kill[] {
  const answers = outcomesTold(callers);
  return killed.map(({ at, leader, follower, electedAt }, i) => {
    const to = killed[i + 1]?.at ?? Number.POSITIVE_INFINITY;
    const database = longestOutage(probe.times, at, to);
    const atCallers = longestOutage(answers, at, to);
    return {
      leader,
      follower,
      electedAfter: seconds(electedAt - at),
      databaseOutage: database && seconds(database.ms),
      callersOutage: atCallers && seconds(atCallers.ms),
      gatewaysLater: database && atCallers && seconds(atCallers.endedAt - database.endedAt),
    };
  });
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function logsOf({ fleet }: Arena): string {
  return Array.from({ length: fleet.size }, (_, i) => fleet.gateway(i)?.log() ?? '').join('\n');
}

function countLog(log: string): FailoverResult['log'] {
  const count = (word: string) => log.split(word).length - 1;
  return {
    history_changed: count(LOGGED[0]),
    acknowledged_write_lost: count(LOGGED[1]),
    history_verified: count(LOGGED[2]),
    lost_key_claimed_again: count(LOGGED[3]),
  };
}
