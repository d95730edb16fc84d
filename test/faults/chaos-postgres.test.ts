import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { breaches } from './chaos/play-ablations.js';
import { ablationProfile, chaosProfile } from './chaos/profiles.js';
import { playRound } from './chaos/round.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ max_connections: '100' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** The short end of `npm run faults`; a failure names its seed. */
test('three gateways on one Postgres, all killed, paused and cut off: nothing is done twice, lost or left open', async () => {
  const round = await playRound({
    postgres,
    gateways: 3,
    mode: 'fenced',
    seed: 1,
    profile: chaosProfile('postgres', 10_000),
    minimums: { completed: 20, takeovers: 1, shares: { completed: 0.5, reconciled: 0.01 } },
  });
  expect(round.violations, `seed ${round.seed}`).toEqual([]);
  expect(round.kills).toBeGreaterThan(1);
}, 180_000);

/** On a machine that is busy few calls fit into a round, and the one that would show it may not be among them. */
const SEEDS = [1, 2, 3];

test('without the settle time the same judge finds something that was done twice', async () => {
  const found = new Set<string>();
  for (const seed of SEEDS) {
    const round = await playRound({
      postgres,
      gateways: 2,
      mode: 'no-settle',
      seed,
      profile: ablationProfile('no-settle', 6_000),
      minimums: { completed: 1, takeovers: 0 },
    });
    for (const { kind } of breaches(round.violations)) found.add(kind);
    if (found.has('doubled')) break;
  }
  expect(found).toContain('doubled');
}, 180_000);
