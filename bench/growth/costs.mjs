import { median, spread } from '../statistics.mjs';
import { OPERATIONS } from './operations.mjs';
/** @import { Spread, TargetResult } from '../types.ts' */
/** @import { Filled } from './operations.mjs' */

const MOST_TIMES = 1.5;

/**
 * @typedef {object} Cost
 * @property {string} title
 * @property {number} smallMs
 * @property {number} largeMs
 * @property {Spread} ratio Large to small.
 */

/**
 * What each operation costs in both stores, in turns: a ratio is made of the medians of one round.
 * @param {{ readonly small: Filled, readonly large: Filled }} stores
 * @param {{ readonly rounds: number, readonly say: (text: string) => void }} plan
 * @returns {Promise<readonly Cost[]>}
 */
export async function measureCosts({ small, large }, { rounds, say }) {
  const measured = OPERATIONS.map(({ title }) => ({
    title,
    small: /** @type {number[]} */ ([]),
    large: /** @type {number[]} */ ([]),
  }));
  /* The first round warms up. */
  for (let round = 0; round <= rounds; round += 1) {
    say(`growth: round ${round} of ${rounds}`);
    for (const [i, operation] of OPERATIONS.entries()) {
      const costs = { small: await middle(operation, small), large: await middle(operation, large) };
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

/** @param {(typeof OPERATIONS)[number]} operation @param {Filled} filled */
async function middle({ times, run }, filled) {
  const all = [];
  for (let i = 0; i < times; i += 1) all.push(await run(filled));
  return median(all);
}

/** The one that grew most is judged. @param {string} name Of the database. @param {readonly Cost[]} costs @returns {TargetResult} */
export function judgeCosts(name, costs) {
  const [worst] = costs.toSorted((a, b) => b.ratio.median - a.ratio.median);
  const ratio = worst?.ratio.median ?? Number.NaN;
  return {
    title: `${name}: what any of ${costs.length} operations costs in the large store, times the small one`,
    wanted: `at most ${MOST_TIMES} times`,
    measured: `${ratio.toFixed(2)} times (${worst?.title})`,
    met: ratio <= MOST_TIMES,
  };
}
