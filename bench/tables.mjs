import { percent } from './targets.mjs';
/** @import { BenchResult, ClusterResult, ComparisonResult, Spread, StartResult, Table } from './types.ts' */

/**
 * The figures of the benchmark as tables.
 * @param {Pick<BenchResult, 'comparisons' | 'cluster' | 'ceiling' | 'start' | 'decision'>} result
 * @returns {readonly Table[]}
 */
export function toTables({ comparisons, cluster, ceiling, start, decision }) {
  /** @type {Table[]} */
  const tables = [
    ...comparisons.map(toComparisonTable),
    ...toAbsenceTables(comparisons),
    ...(cluster === null ? [] : [toClusterTable(cluster)]),
    ...(start === null ? [] : [toStartTable(start)]),
    {
      title: 'A decision over scope, entity, rules and budgets, inside of the process',
      head: ['', 'median us', 'p99 us'],
      rows: decision.map((d) => [d.title, d.medianUs.toFixed(1), d.p99Us.toFixed(1)]),
    },
    {
      title: 'The load generator alone, straight at the upstream (what it could ask for)',
      head: ['connections', 'calls/s', 'its CPU, us/call'],
      rows: ceiling.map((c) => [String(c.connections), whole(c.perSecond), micro(c.loaderCpu)]),
    },
  ];
  return tables.filter((t) => t.rows.length > 0);
}

/** @param {ComparisonResult} comparison @returns {Table} */
export function toComparisonTable({ title, baseline, rows }) {
  return {
    title: `${title}, against: ${baseline}`,
    head: [
      'connections',
      'subject',
      'throughput ratio',
      '(lowest-highest)',
      'calls/s',
      'baseline',
      'p50 ms',
      'baseline',
      'p99 ms',
      'baseline',
      'CPU us/call',
      'baseline',
      'loader',
    ],
    rows: rows.map((r) => [
      String(r.connections),
      r.subject,
      percent(r.ratio.median),
      `${percent(r.ratio.low)}-${percent(r.ratio.high)}`,
      whole(r.figures.perSecond),
      whole(r.baseline.perSecond),
      r.figures.p50Ms.toFixed(2),
      r.baseline.p50Ms.toFixed(2),
      r.figures.p99Ms.toFixed(2),
      r.baseline.p99Ms.toFixed(2),
      micro(r.figures.cpu.subject),
      micro(r.baseline.cpu.subject),
      micro(r.figures.cpu.loader),
    ]),
  };
}

/** @param {readonly ComparisonResult[]} comparisons @returns {readonly Table[]} */
export function toAbsenceTables(comparisons) {
  const rows = comparisons.flatMap((c) => c.absent.map(({ subject, why }) => [subject, why]));
  return rows.length === 0 ? [] : [{ title: 'Not measured', head: ['what', 'why'], rows }];
}

/** @param {ClusterResult} cluster @returns {Table} */
function toClusterTable({ rows, ratio, connections, cores, share, limit }) {
  const few = `${ratio.median.toFixed(2)} times (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})`;
  const held = share === null ? '' : `, each held to ${share.toFixed(2)} of a core`;
  return {
    title: `Gateways on one PostgreSQL${held}, ${connections} connections spread over them: ${few}; the limit was: ${LIMITS[limit]}`,
    head: [
      'gateways',
      'calls/s',
      'p50 ms',
      'p99 ms',
      'cores used by gateways',
      'by PostgreSQL',
      'by load generator',
      'by upstream',
      'idle',
      'of',
    ],
    rows: rows.map(({ gateways, perSecond, p50Ms, p99Ms, idle, cores: used }) => [
      String(gateways),
      whole(perSecond),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      ...[used.gateways, used.postgres, used.loader, used.upstream].map((n) => n?.toFixed(2) ?? '-'),
      idle.toFixed(2),
      String(cores),
    ]),
  };
}

/** @type {Readonly<Record<ClusterResult['limit'], string>>} */
const LIMITS = {
  processor: 'the cores of this machine, all of them in use',
  gateways: 'the gateways, each with its part of the processor in use',
  database: 'the database, as no processor was',
  unknown: 'not known, as this system does not tell',
};

/** @param {StartResult} start @returns {Table} */
function toStartTable({ readyMs, readyCpuMs, idleRssMb }) {
  return {
    title: 'Start and memory of the gateway on SQLite',
    head: ['', 'median', 'lowest', 'highest'],
    rows: [
      ['start to ready, ms', ...inOrder(readyMs)],
      ...(readyCpuMs === null ? [] : [['CPU time until ready, ms', ...inOrder(readyCpuMs)]]),
      ['idle resident memory, MB', ...inOrder(idleRssMb)],
    ],
  };
}

/** @param {Spread} values */
function inOrder({ median, low, high }) {
  return [whole(median), whole(low), whole(high)];
}

/** @param {number} n */
export function whole(n) {
  return Math.round(n).toLocaleString('en-US');
}

/** @param {number | null} microseconds */
function micro(microseconds) {
  return microseconds === null ? '-' : microseconds.toFixed(0);
}
