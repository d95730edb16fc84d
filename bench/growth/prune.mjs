import { playOnce } from '../compare.mjs';
import { registerTools, startGateway, toSubject } from '../subjects/gateway.mjs';
/** @import { Conditions } from '../compare.mjs' */
/** @import { TargetResult } from '../types.ts' */

const CONNECTIONS = 8;
const CALLS_PER_SECOND = 200;
const WINDOW_MS = 500;
/** Pruning begins up to 75 seconds after the start. */
const BEGINS_WITHIN_MS = 120_000;
const ENDS_WITHIN_MS = 600_000;
const LONGEST_STALL_MS = 250;

/**
 * @typedef {object} Pruned
 * @property {number} count
 * @property {number} seconds From the first that was gone to the last.
 * @property {Calls} before
 * @property {Calls} during
 *
 * @typedef {{ readonly calls: number, readonly p50Ms: number, readonly longestMs: number }} Calls
 */

/**
 * How calls fare while a gateway prunes what it finds at its start.
 * @param {{ readonly dataDir?: string, readonly databaseUrl?: string }} options Where the old executions are.
 * @param {{ readonly conditions: Conditions, readonly oldest: string, readonly newest: string, readonly count: number }} plan
 *   The first and the last that is pruned, by id.
 * @returns {Promise<Pruned>}
 */
export async function measurePruning(options, { conditions, oldest, newest, count }) {
  const { site, say } = conditions;
  const gateway = await startGateway(site, options);
  try {
    await registerTools(site, gateway.url);
    const subject = toSubject([gateway], site);
    const paced = { ...conditions, ms: WINDOW_MS, perSecond: CALLS_PER_SECOND };
    /** @param {string} id */
    const isThere = async (id) => {
      const url = `${gateway.url}/v1/executions/${id}`;
      const answer = await fetch(url, { headers: { 'x-api-key': site.apiKey } });
      await answer.text();
      if (answer.status !== 200 && answer.status !== 404) throw new Error(`${url}: ${answer.status}`);
      return answer.status === 200;
    };
    /** @param {string} id @param {number} withinMs */
    const callWhileThere = async (id, withinMs) => {
      const samples = [];
      const from = performance.now();
      do {
        samples.push(await playOnce(subject, CONNECTIONS, paced));
        if (performance.now() - from > withinMs) throw new Error(`${id} is not pruned`);
      } while (await isThere(id));
      return { samples, seconds: (performance.now() - from) / 1000 };
    };
    if (!(await isThere(oldest)) || !(await isThere(newest)))
      throw new Error('pruned before it was measured');
    await playOnce(subject, CONNECTIONS, paced);
    say(`pruning: waiting for it to begin`);
    const before = await callWhileThere(oldest, BEGINS_WITHIN_MS);
    say(`pruning: it has begun`);
    const during = await callWhileThere(newest, ENDS_WITHIN_MS);
    /* The window in which it began belongs to it. */
    const calls = {
      before: before.samples.slice(0, -1),
      during: [...before.samples.slice(-1), ...during.samples],
    };
    return { count, seconds: during.seconds, before: toCalls(calls.before), during: toCalls(calls.during) };
  } finally {
    await gateway.stop();
  }
}

/** @param {readonly import('../types.ts').Sample[]} samples @returns {Calls} */
function toCalls(samples) {
  const halves = samples.map((s) => s.p50Ms).toSorted((a, b) => a - b);
  return {
    calls: samples.reduce((sum, s) => sum + s.answers, 0),
    p50Ms: halves[Math.floor(halves.length / 2)] ?? Number.NaN,
    longestMs: Math.max(...samples.map((s) => s.longestMs)),
  };
}

/** @param {string} name Of the store. @param {Pruned} pruned @returns {TargetResult} */
export function judgePruning(name, { count, during }) {
  return {
    title: `${name}: longest call while ${count.toLocaleString('en-US')} executions are pruned`,
    wanted: `at most ${LONGEST_STALL_MS} ms`,
    measured: `${during.longestMs.toFixed(0)} ms`,
    met: during.longestMs <= LONGEST_STALL_MS,
  };
}
