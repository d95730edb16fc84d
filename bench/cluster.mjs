import { cpus } from 'node:os';
import { playOnce } from './compare.mjs';
import { holdToShare } from './cpu-share.mjs';
import { cpuMicroseconds, familyOf } from './processes.mjs';
import { median, spread } from './statistics.mjs';
import { registerTools, startGateway, toSubject } from './subjects/gateway.mjs';
import { startPostgres } from './subjects/postgres.mjs';
/** @import { Conditions } from './compare.mjs' */
/** @import { ClusterPart, ClusterResult, ClusterRow, RunningProcess, RunningSubject, Sample } from './types.ts' */

const GATEWAYS = 3;
const CONNECTIONS = 64;
/** What is in use to this share counts as used up. */
const USED_UP = 0.85;

/**
 * All gateways together may take this share of the machine, so that the database, the tool and the load generator never lack
 * a core: else a small machine shows how its cores are shared out, and not whether the gateways stand in each other's way.
 */
const SHARE_OF_ALL = 3 / 8;

/**
 * The throughput of several gateways on one Postgres against that of one of them on the same Postgres, in turns. Each gateway
 * is held to the same share of a core, where the system can do that. With it goes what each part took of the processor: on
 * a machine whose cores are all busy, more gateways cannot do more.
 * @param {Conditions} conditions
 * @returns {Promise<ClusterResult>}
 */
export async function measureCluster(conditions) {
  const { site, say, rounds } = conditions;
  const postgres = await startPostgres(site.dir);
  /** @type {RunningProcess[]} */
  const gateways = [];
  /** @type {(() => void)[]} */
  const releases = [];
  try {
    const first = await startGateway(site, { databaseUrl: postgres.url });
    gateways.push(first);
    /* The others find the tools when they start. */
    await registerTools(site, first.url);
    while (gateways.length < GATEWAYS) {
      gateways.push(await startGateway(site, { databaseUrl: postgres.url }));
    }
    const share = holdAll(gateways, Math.min(1, (SHARE_OF_ALL * conditions.cores) / GATEWAYS), releases);
    const [one, all] = [toSubject([first], site), toSubject(gateways, site)];
    for (const subject of [one, all]) await playOnce(subject, CONNECTIONS, conditions);
    const watch = { ...conditions, postgres: postgres.pid };
    /** @type {Measured[][]} */
    const runs = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      say(`cluster: round ${round + 1}`);
      for (const [i, subject] of [one, all].entries()) runs[i]?.push(await measureOne(subject, watch));
    }
    const [alone = [], together = []] = runs;
    return summarize({ alone, together, cores: conditions.cores, share });
  } finally {
    for (const gateway of gateways.toReversed()) await gateway.stop();
    for (const release of releases) release();
    await postgres.stop();
  }
}

/**
 * @param {readonly RunningProcess[]} gateways
 * @param {number} share Of one core, for each.
 * @param {(() => void)[]} releases
 * @returns {number | null} What each is held to; null where nothing can be held.
 */
function holdAll(gateways, share, releases) {
  for (const { pid } of gateways) {
    const release = holdToShare(pid, share);
    if (release === null) return null;
    releases.push(release);
  }
  return share;
}

/** @typedef {{ readonly sample: Sample, readonly cores: ClusterRow['cores'], readonly idle: number }} Measured */

/**
 * @param {RunningSubject} subject
 * @param {Conditions & { readonly postgres: number | null }} conditions
 * @returns {Promise<Measured>}
 */
async function measureOne(subject, conditions) {
  const { site, loader, postgres } = conditions;
  /** @type {Readonly<Record<ClusterPart, readonly number[]>>} */
  const processes = {
    gateways: subject.pids,
    postgres: postgres === null ? [] : familyOf(postgres),
    loader: [loader.pid],
    upstream: [site.upstreamPid],
  };
  const parts = /** @type {ClusterPart[]} */ (Object.keys(processes));
  const idleBefore = idleMs();
  const from = performance.now();
  const before = parts.map((part) => cpuMicroseconds(...processes[part]));
  const sample = await playOnce(subject, CONNECTIONS, conditions);
  const after = parts.map((part) => cpuMicroseconds(...processes[part]));
  const ms = performance.now() - from;
  const cores = parts.map((part, i) => {
    const [a, b] = [before[i] ?? null, after[i] ?? null];
    return [part, a === null || b === null ? null : (b - a) / 1000 / ms];
  });
  return { sample, cores: Object.fromEntries(cores), idle: (idleMs() - idleBefore) / ms };
}

/** For how long all cores together have had nothing to do so far. */
function idleMs() {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

/**
 * @typedef {object} Runs
 * @property {readonly Measured[]} alone
 * @property {readonly Measured[]} together
 * @property {number} cores
 * @property {number | null} share Of a core, that each gateway was held to.
 */

/**
 * @param {Runs} runs
 * @returns {ClusterResult}
 */
export function summarize({ alone, together, cores, share }) {
  const row = toRow(together, GATEWAYS);
  return {
    connections: CONNECTIONS,
    rows: [toRow(alone, 1), row],
    ratio: spread(
      together.map((run, i) => run.sample.perSecond / (alone[i]?.sample.perSecond ?? Number.NaN)),
    ),
    cores,
    share,
    limit: limitOf(row, { cores, share }),
  };
}

/** @param {readonly Measured[]} runs @param {number} gateways @returns {ClusterRow} */
function toRow(runs, gateways) {
  /** @param {(sample: Sample) => number} read */
  const middle = (read) => median(runs.map((run) => read(run.sample)));
  /** @param {ClusterPart} part */
  const inUse = (part) =>
    runs.some((run) => run.cores[part] === null) ? null : median(runs.map((run) => run.cores[part] ?? 0));
  return {
    gateways,
    idle: median(runs.map((run) => run.idle)),
    perSecond: middle((s) => s.perSecond),
    p50Ms: middle((s) => s.p50Ms),
    p99Ms: middle((s) => s.p99Ms),
    cores: {
      gateways: inUse('gateways'),
      postgres: inUse('postgres'),
      loader: inUse('loader'),
      upstream: inUse('upstream'),
    },
  };
}

/**
 * Whatever else runs on this machine takes cores, too.
 * @param {ClusterRow} row
 * @param {Pick<Runs, 'cores' | 'share'>} machine
 */
function limitOf({ cores: used, idle, gateways }, { cores, share }) {
  if (idle <= (1 - USED_UP) * cores) return 'processor';
  if (used.gateways === null) return 'unknown';
  return used.gateways >= USED_UP * gateways * (share ?? 1) ? 'gateways' : 'database';
}
