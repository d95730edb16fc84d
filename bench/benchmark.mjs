import { compare } from './compare.mjs';
import { measureCluster } from './cluster.mjs';
import { CLUSTER, COMPARISONS, DECISION, START } from './comparisons.mjs';
import { measureDecision } from './decision.mjs';
import { KEY_PLACEHOLDER } from './load/request-bytes.mjs';
import { measureStart } from './measure-start.mjs';
import { cpuMicroseconds } from './processes.mjs';
import { toTables } from './tables.mjs';
import { judgeTargets } from './targets.mjs';
/** @import { Conditions } from './compare.mjs' */
/** @import { Options } from './options.mjs' */
/** @import { BenchResult, Ceiling } from './types.ts' */
/** @import { Bench, Finding } from './experiments.mjs' */

/**
 * The benchmark that is run without a flag: the gateway against bare servers.
 * @param {Bench} bench
 * @returns {Promise<Finding>}
 */
export async function runBenchmark({ options, conditions }) {
  const figures = await measure(options, conditions);
  const { rounds, seconds } = figures;
  return {
    id: 'benchmark',
    title: 'The benchmark',
    method: [
      `Method: load generator, upstream, baseline and subject are processes of their own on this machine. Per connection count ${rounds} rounds of ${seconds} s, baseline and subject in turns, never at the same time. A ratio is made of two runs of one round; the median of the rounds is shown.`,
      'Slower disk: a library that is preloaded into the gateway makes each fsync and fdatasync block its thread for so much longer.',
    ],
    targets: judgeTargets(figures),
    tables: toTables(figures),
    figures,
  };
}

/**
 * @param {Options} options
 * @param {Conditions} conditions
 * @returns {Promise<BenchResult>}
 */
async function measure(options, conditions) {
  const { seconds, rounds, only, quick } = options;
  /** @param {string} id */
  const wanted = (id) => only.length === 0 || only.includes(id);
  const ceiling = await measureCeiling(conditions);
  const comparisons = [];
  for (const comparison of COMPARISONS.filter((c) => wanted(c.id))) {
    comparisons.push(await compare(comparison, conditions));
  }
  const cluster = wanted(CLUSTER) ? await measureCluster(conditions) : null;
  const start = wanted(START) ? await measureStart(conditions.site, options) : null;
  const decision = wanted(DECISION) ? await measureDecision({ quick }) : [];
  return { seconds, rounds, ceiling, comparisons, cluster, start, decision };
}

/**
 * What the load generator could ask for: its figures with nothing between it and the upstream.
 * @param {Conditions} conditions
 * @returns {Promise<Ceiling[]>}
 */
async function measureCeiling({ site, loader, connections, ms, say }) {
  say('load generator alone');
  const request = {
    path: '/',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ idempotency_key: KEY_PLACEHOLDER }),
    expect: { status: 200, text: '"ok":true' },
  };
  const urls = [site.upstreamUrl];
  /** @type {Ceiling[]} */
  const rows = [];
  for (const count of connections) {
    const before = cpuMicroseconds(loader.pid);
    const result = await loader.run({ urls, request, connections: count, warmupMs: ms / 2, ms });
    const after = cpuMicroseconds(loader.pid);
    const answers = result.answers + result.unmeasured;
    const loaderCpu = before === null || after === null ? null : (after - before) / answers;
    rows.push({ connections: count, perSecond: result.perSecond, loaderCpu });
  }
  return rows;
}
