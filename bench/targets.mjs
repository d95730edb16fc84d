/** @import { BenchResult, ClusterResult, ComparedAt, ComparisonResult, DecisionResult, StartResult, TargetResult } from './types.ts' */

const SLOW_DISK_TITLE = "1 ms more per flush: share of the bare proxy's throughput, 64 connections";
const SLOW_DISK_SHARE = 0.15;
const CLUSTER_TIMES = 2;
const PEER_TIMES = 10;

/**
 * What the project wants of these figures. A target whose experiment was not run is left out.
 * @param {Pick<BenchResult, 'comparisons' | 'cluster' | 'start' | 'decision'>} result
 * @returns {readonly TargetResult[]}
 */
export function judgeTargets({ comparisons, cluster, start, decision }) {
  /** @param {string} id @param {number} connections @returns {readonly ComparedAt[]} */
  const rowsOf = (id, connections) =>
    comparisons.find((c) => c.id === id)?.rows.filter((r) => r.connections === connections) ?? [];
  /** @param {ComparedAt} row @param {number} share */
  const ofProxy = (row, share) =>
    atLeast(`${row.subject}: share of the bare proxy's throughput, 64 connections`, row, share);
  return [
    ...rowsOf('sqlite', 64).map((r) => ofProxy(r, 0.35)),
    ...rowsOf('sqlite', 1).map((r) =>
      atMost(`${r.subject}: added to the median, 1 connection`, {
        value: r.addedP50Ms.median,
        limit: 0.9,
        unit: 'ms',
      }),
    ),
    ...rowsOf('postgres', 64).map((r) => ofProxy(r, 0.2)),
    ...judgeSlowDisk(comparisons.find((c) => c.id === 'slow-disk')),
    ...rowsOf('replay', 64).map((r) =>
      atLeast('Replay: share of the bare Hono echo, 64 connections', r, 0.5),
    ),
    ...rowsOf('rules', 64).map((r) =>
      atLeast('100 rules: share of the throughput without rules, 64 connections', r, 0.9),
    ),
    ...(cluster === null ? [] : [judgeCluster(cluster)]),
    ...(start === null ? [] : judgeStart(start)),
    ...decision.slice(0, 1).flatMap(judgeDecision),
  ];
}

/** Of the disks, the first is the one that the target is for. @param {ComparisonResult | undefined} result */
function judgeSlowDisk(result) {
  if (result === undefined) return [];
  const [absence] = result.absent;
  if (absence !== undefined) {
    const measured = `not measured: ${absence.why}`;
    return [{ title: SLOW_DISK_TITLE, wanted: `at least ${percent(SLOW_DISK_SHARE)}`, measured, met: null }];
  }
  return result.rows
    .filter((r) => r.connections === 64 && r.subject === result.rows[0]?.subject)
    .map((r) => atLeast(SLOW_DISK_TITLE, r, SLOW_DISK_SHARE));
}

/**
 * More gateways can do more only where something else than this machine's cores or the database is the limit of one.
 * @param {ClusterResult} cluster
 * @returns {TargetResult}
 */
function judgeCluster({ rows, ratio, cores, share, limit }) {
  const met = ratio.median >= CLUSTER_TIMES;
  const held = share === null ? '' : `, each held to ${share.toFixed(2)} of a core`;
  const times = `${ratio.median.toFixed(2)} times${held}`;
  const title = `${rows[1]?.gateways} gateways on one Postgres: times the throughput of one, 64 connections`;
  const wanted = `at least ${CLUSTER_TIMES} times`;
  if (met || limit === 'gateways') return { title, wanted, measured: times, met };
  const reason = {
    processor: `${cores} cores, all in use`,
    database: 'the database was the limit',
    unknown: 'what the limit was is not known',
  }[limit];
  return { title, wanted, measured: `${times}; not decidable here: ${reason}`, met: null };
}

/** @param {StartResult} start @returns {TargetResult[]} */
function judgeStart({ readyMs, idleRssMb }) {
  return [
    atMost('Start to ready', { value: readyMs.median, limit: 1000, unit: 'ms' }),
    atMost('Idle memory', { value: idleRssMb.median, limit: 150, unit: 'MB' }),
  ];
}

/** @param {DecisionResult} decision @returns {TargetResult[]} */
function judgeDecision({ medianUs, p99Us }) {
  return [
    atMost('Decision with 1,000 rules, median', { value: medianUs, limit: 50, unit: 'us' }),
    atMost('Decision with 1,000 rules, p99', { value: p99Us, limit: 1000, unit: 'us' }),
  ];
}

/**
 * Each subject has to do many times what the peer does.
 * @param {ComparisonResult} comparison Its baseline is the peer.
 * @returns {readonly TargetResult[]}
 */
export function judgePeer({ baseline, rows, absent }) {
  const wanted = `at least ${PEER_TIMES} times`;
  const measured = rows.filter((r) => r.connections === 64);
  if (measured.length === 0) {
    const why = absent.map((a) => a.why).join('; ') || 'not asked for';
    const title = `Invoke: times the throughput of ${baseline}, 64 connections`;
    return [{ title, wanted, measured: `not measured: ${why}`, met: null }];
  }
  return measured.map(({ subject, ratio }) => ({
    title: `${subject}: times the throughput of ${baseline}, 64 connections`,
    wanted,
    measured: `${ratio.median.toFixed(1)} times`,
    met: ratio.median >= PEER_TIMES,
  }));
}

/** @param {string} title @param {ComparedAt} row @param {number} share @returns {TargetResult} */
function atLeast(title, { ratio }, share) {
  return {
    title,
    wanted: `at least ${percent(share)}`,
    measured: percent(ratio.median),
    met: ratio.median >= share,
  };
}

/** @param {string} title @param {{ value: number, limit: number, unit: string }} facts @returns {TargetResult} */
export function atMost(title, { value, limit, unit }) {
  const digits = limit < 10 ? 2 : 0;
  return {
    title,
    wanted: `at most ${limit} ${unit}`,
    measured: `${value.toFixed(digits)} ${unit}`,
    met: value <= limit,
  };
}

/** @param {number} share */
export function percent(share) {
  return `${Math.round(share * 100)}%`;
}
