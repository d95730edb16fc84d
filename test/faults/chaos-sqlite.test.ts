import { expect, test } from 'vitest';
import { ablationProfile, chaosProfile } from './chaos/profiles.js';
import { playRound } from './chaos/round.js';

test('a gateway over SQLite that is killed every other second: nothing is done twice, lost or left open', async () => {
  const round = await playRound({
    postgres: null,
    gateways: 1,
    mode: 'fenced',
    seed: 1,
    profile: chaosProfile('sqlite', 8_000),
    minimums: { completed: 10, takeovers: 1, shares: { completed: 0.5, reconciled: 0.01 } },
  });
  expect(round.violations, `seed ${round.seed}`).toEqual([]);
  expect(round.kills).toBeGreaterThan(1);
}, 180_000);

test('a gateway that takes every doubt for a failure and tries again is found out', async () => {
  const round = await playRound({
    postgres: null,
    gateways: 1,
    mode: 'naive',
    seed: 1,
    profile: ablationProfile('naive', 3_000),
    minimums: { completed: 1, takeovers: 0 },
  });
  const kinds = new Set(round.violations.map((v) => v.kind));
  expect(kinds).toContain('doubled');
  expect(kinds).toContain('false_failed');
}, 180_000);
