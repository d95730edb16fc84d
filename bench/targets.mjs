/** @import { ComparedAt, ComparisonResult, DecisionResult, StartResult, TargetResult } from './types.ts' */

/**
 * What the project wants of these figures. A target whose experiment was not run is left out.
 * @param {readonly ComparisonResult[]} comparisons
 * @param {StartResult | null} start
 * @param {readonly DecisionResult[]} [decision]
 * @returns {readonly TargetResult[]}
 */
export function judgeTargets(comparisons, start, decision = []) {
  /** @param {string} id @param {number} connections @returns {readonly ComparedAt[]} */
  const rowsOf = (id, connections) =>
    comparisons.find((c) => c.id === id)?.rows.filter((r) => r.connections === connections) ?? [];
  return [
    ...rowsOf('sqlite', 64).map((r) =>
      atLeast(`${r.subject}: share of the bare proxy's throughput, 64 connections`, r, 0.2),
    ),
    ...rowsOf('sqlite', 1).map((r) =>
      atMost(`${r.subject}: added to the median, 1 connection`, {
        value: r.addedP50Ms.median,
        limit: 1.5,
        unit: 'ms',
      }),
    ),
    ...rowsOf('postgres', 64).map((r) =>
      atLeast(`${r.subject}: share of the bare proxy's throughput, 64 connections`, r, 0.1),
    ),
    ...rowsOf('replay', 64).map((r) =>
      atLeast('Replay: share of the bare Hono echo, 64 connections', r, 0.5),
    ),
    ...rowsOf('rules', 64).map((r) =>
      atLeast('100 rules: share of the throughput without rules, 64 connections', r, 0.9),
    ),
    ...(start === null
      ? []
      : [
          atMost('Start to ready', { value: start.readyMs.median, limit: 1000, unit: 'ms' }),
          atMost('Idle memory', { value: start.idleRssMb.median, limit: 150, unit: 'MB' }),
        ]),
    ...decision
      .slice(0, 1)
      .flatMap(({ medianUs, p99Us }) => [
        atMost('Decision with 1,000 rules, median', { value: medianUs, limit: 50, unit: 'us' }),
        atMost('Decision with 1,000 rules, p99', { value: p99Us, limit: 1000, unit: 'us' }),
      ]),
  ];
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
function atMost(title, { value, limit, unit }) {
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
