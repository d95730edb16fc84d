import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRate } from './decide-rate.js';

/** How many of those that come at these times are taken, and how long the first one that is not has to wait. */
function run(perMinute: number, times: readonly number[]) {
  let paidUntil = 0;
  let taken = 0;
  let waitMs: number | null = null;
  for (const now of times) {
    const decision = decideRate(paidUntil, now, { perMinute });
    if (decision.kind === 'wait') waitMs ??= Math.round(decision.waitMs);
    else {
      taken += 1;
      ({ paidUntil } = decision);
    }
  }
  return { taken, waitMs };
}

const at = (now: number, n: number) => Array.from({ length: n }, () => now);

test.each([
  {
    cell: 'all at once',
    times: at(5_000, 25),
    expected: { taken: 20, waitMs: 3_000 },
    why: 'a minute ahead',
  },
  {
    cell: 'then one',
    times: [...at(0, 20), 3_000],
    expected: { taken: 21, waitMs: null },
    why: 'three seconds on',
  },
  {
    cell: 'and not two',
    times: [...at(0, 20), 3_000, 3_000],
    expected: { taken: 21, waitMs: 3_000 },
    why: 'one each three seconds',
  },
  {
    cell: 'after a minute',
    times: [...at(0, 20), ...at(60_000, 20)],
    expected: { taken: 40, waitMs: null },
    why: 'all again',
  },
  {
    cell: 'after an hour',
    times: [...at(0, 1), ...at(3_600_000, 25)],
    expected: { taken: 21, waitMs: 3_000 },
    why: 'no more than that',
  },
])('20 a minute, $cell: $why', ({ times, expected }) => {
  expect(run(20, times)).toEqual(expected);
});

test('never more than twice the rate in a minute, and whoever waits as told is taken', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), gaps, (perMinute, waits) => {
      const taken: number[] = [];
      let paidUntil = 0;
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const decision = decideRate(paidUntil, now, { perMinute });
        if (decision.kind === 'take') {
          taken.push(now);
          ({ paidUntil } = decision);
        } else expect(decideRate(paidUntil, now + decision.waitMs, { perMinute }).kind).toBe('take');
      }
      for (const from of taken) {
        expect(taken.filter((t) => t >= from && t < from + 60_000).length).toBeLessThanOrEqual(2 * perMinute);
      }
    }),
  );
});
