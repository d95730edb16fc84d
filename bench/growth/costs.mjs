import { median, spread } from '../statistics.mjs';
/** @import { Spread, TargetResult } from '../types.ts' */

const MOST_TIMES = 1.5;

/**
 * @typedef {object} Cost
 * @property {string} title
 * @property {number} smallMs
 * @property {number} largeMs
 * @property {Spread} ratio Large to small.
 */

/**
 * @template At
 * @typedef {object} Operation
 * @property {string} title
 * @property {number} times How often it is done in one round.
 * @property {(at: At) => Promise<number>} run Milliseconds that it took.
 */

/**
 * What each operation costs in both stores: a ratio is made of the medians of one round.
 * @template At
 * @param {readonly Operation<At>[]} operations
 * @param {{ readonly small: At, readonly large: At }} stores
 * @param {{ readonly rounds: number, readonly say: (text: string) => void }} plan
 * @returns {Promise<readonly Cost[]>}
 */
export async function measureCosts(operations, { small, large }, { rounds, say }) {
  const measured = operations.map(({ title }) => ({
    title,
    small: /** @type {number[]} */ ([]),
    large: /** @type {number[]} */ ([]),
  }));
  /* The first round warms up. */
  for (let round = 0; round <= rounds; round += 1) {
    say(`growth: round ${round} of ${rounds}`);
    for (const [i, operation] of operations.entries()) {
      const costs = await playRound(operation, { small, large });
      if (round === 0) continue;
      measured[i]?.small.push(costs.small);
      measured[i]?.large.push(costs.large);
    }
  }
  return measured.map((m) => ({
    title: m.title,
    smallMs: median(m.small),
    largeMs: median(m.large),
    ratio: spread(m.large.map((ms, i) => ms / (m.small[i] ?? Number.NaN))),
  }));
}

/**
 * One after the other in both stores, so that whatever else happens on the machine happens to both.
 * @template At
 * @param {Operation<At>} operation
 * @param {{ readonly small: At, readonly large: At }} stores
 */
async function playRound({ times, run }, stores) {
  /** @type {{ small: number[], large: number[] }} */
  const all = { small: [], large: [] };
  for (let i = 0; i < times; i += 1) {
    for (const size of /** @type {const} */ (['small', 'large'])) all[size].push(await run(stores[size]));
  }
  return { small: median(all.small), large: median(all.large) };
}

/** The one that grew most is judged. @param {string} name Of the database. @param {readonly Cost[]} costs @returns {TargetResult} */
export function judgeCosts(name, costs) {
  const [worst] = costs.toSorted((a, b) => b.ratio.median - a.ratio.median);
  const ratio = worst?.ratio.median ?? Number.NaN;
  return {
    title: `${name}: what any of ${costs.length} requests costs with the large store, times the small one`,
    wanted: `at most ${MOST_TIMES} times`,
    measured: `${ratio.toFixed(2)} times (${worst?.title})`,
    met: ratio <= MOST_TIMES,
  };
}
