import { median } from '../statistics.mjs';
/** @import { TargetResult } from '../types.ts' */

/**
 * @typedef {object} SoakSample Taken in the quiet moment after a stretch of load.
 * @property {number} minute Since the beginning.
 * @property {number} calls So far.
 * @property {number} perSecond In this stretch.
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} longestMs
 * @property {number} heapMb After a collection.
 * @property {number} rssMb
 * @property {number} handles
 * @property {number | null} files
 * @property {number} openRows
 * @property {number | null} storeMb
 */

/** Until then caches fill and code is still being compiled. */
const SETTLED_AFTER = 1 / 3;
const FEWEST_SAMPLES = 6;
const LIMITS = { heap: 0.05, rss: 0.1, handles: 2, rate: 0.95 };

/**
 * Whether anything grew. Memory is judged by its trend over the last two thirds (the median of the slopes between any two
 * samples, which single outliers do not move), counts by their ends.
 * @param {readonly SoakSample[]} samples
 * @param {{ readonly rate: number, readonly minutes: number }} plan
 * @returns {readonly TargetResult[]}
 */
export function judgeSoak(samples, { rate, minutes }) {
  const settled = samples.slice(Math.floor(samples.length * SETTLED_AFTER));
  const enough = settled.length >= FEWEST_SAMPLES;
  /** @param {string} title @param {(s: SoakSample) => number} read @param {number} limit @returns {TargetResult} */
  const trend = (title, read, limit) => {
    const growth = growthOf(settled, read);
    return {
      title,
      wanted: `at most ${percent(limit)} over the last two thirds`,
      measured: percent(growth),
      met: enough ? growth <= limit : null,
    };
  };
  return [
    trend('Heap after a collection, growth', (s) => s.heapMb, LIMITS.heap),
    trend('Resident memory, growth', (s) => s.rssMb, LIMITS.rss),
    countGrowth('Handles, growth', settled, { read: (s) => s.handles, enough }),
    countGrowth('Open files, growth', settled, { read: (s) => s.files, enough }),
    {
      title: 'Open rows in quiet moments',
      wanted: 'none',
      measured: String(Math.max(...samples.map((s) => s.openRows))),
      met: samples.every((s) => s.openRows === 0),
    },
    {
      title: `Calls per second over ${minutes} minutes`,
      wanted: `at least ${percent(LIMITS.rate)} of ${Math.round(rate)}`,
      measured: String(Math.round(median(samples.map((s) => s.perSecond)))),
      met: median(samples.map((s) => s.perSecond)) >= LIMITS.rate * rate,
    },
  ];
}

/**
 * @param {string} title
 * @param {readonly SoakSample[]} settled
 * @param {{ readonly read: (s: SoakSample) => number | null, readonly enough: boolean }} how
 * @returns {TargetResult}
 */
function countGrowth(title, settled, { read, enough }) {
  const wanted = `at most ${LIMITS.handles}`;
  const counts = settled.map(read).filter((n) => n !== null);
  if (counts.length < settled.length) {
    return { title, wanted, measured: 'not measured: this system does not tell', met: null };
  }
  const part = Math.max(1, Math.floor(counts.length / 3));
  const growth = median(counts.slice(-part)) - median(counts.slice(0, part));
  return { title, wanted, measured: String(growth), met: enough ? growth <= LIMITS.handles : null };
}

/** By how much of its middle value it grew from the first sample to the last. @param {readonly SoakSample[]} samples @param {(s: SoakSample) => number} read */
function growthOf(samples, read) {
  const slopes = samples.flatMap((a, i) =>
    samples.slice(i + 1).map((b) => (read(b) - read(a)) / (b.minute - a.minute)),
  );
  if (slopes.length === 0) return 0;
  const span = (samples.at(-1)?.minute ?? 0) - (samples[0]?.minute ?? 0);
  return (median(slopes) * span) / median(samples.map(read));
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(share < 0.2 && share > -0.2 ? 1 : 0)}%`;
}
