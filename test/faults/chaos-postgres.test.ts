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
    minimums: { completed: 20, takeovers: 1 },
  });
  expect(round.violations, `seed ${round.seed}`).toEqual([]);
  expect(round.kills).toBeGreaterThan(1);
}, 180_000);

test('without the settle time the same judge finds something that was done twice', async () => {
  const round = await playRound({
    postgres,
    gateways: 2,
    mode: 'no-settle',
    seed: 1,
    profile: ablationProfile('no-settle', 6_000),
    minimums: { completed: 1, takeovers: 0 },
  });
  expect(breaches(round.violations).map((v) => v.kind)).toContain('doubled');
}, 180_000);
