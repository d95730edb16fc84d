import { StorageUnavailable } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import { createFailpoints, parseFailpoints, type FailAction } from './failpoints.js';

test('rules are read as they are documented', () => {
  const text =
    'after_claim_commit:kill@3, before_send:pause=3000@5%,before_outcome_commit:throw,renew:delay=20@0.5%';
  expect(parseFailpoints(text)).toEqual([
    { at: 'after_claim_commit', action: { kind: 'kill' }, when: { kind: 'nth', n: 3 } },
    { at: 'before_send', action: { kind: 'pause', ms: 3_000 }, when: { kind: 'chance', share: 0.05 } },
    { at: 'before_outcome_commit', action: { kind: 'throw' }, when: { kind: 'always' } },
    { at: 'renew', action: { kind: 'delay', ms: 20 }, when: { kind: 'chance', share: 0.005 } },
  ]);
  expect(parseFailpoints('')).toEqual([]);
});

test.each(['nowhere:kill', 'renew:explode', 'renew', 'renew:pause', 'renew:kill=3', 'renew:kill@x'])(
  'what cannot be read is no rule: %s',
  (text) => {
    expect(() => parseFailpoints(text)).toThrow(/no failpoint/);
  },
);

test('the third time is the third time, and what happens is told before it happens', async () => {
  const said: string[] = [];
  const points = pointsOf('renew:kill@3', 1, said);
  await points.hit('renew');
  await points.hit('before_send');
  await points.hit('renew');
  expect(said).toEqual([]);
  await points.hit('renew');
  points.hitNow('renew');
  expect(said).toEqual(['told kill', 'SIGKILL']);
});

test('a store that is away throws what stores throw; a commit that is lost is made', async () => {
  const points = pointsOf('before_claim_commit:throw,before_outcome_commit:commit_lost', 1, []);
  await expect(points.hit('before_claim_commit')).rejects.toThrow(StorageUnavailable);
  expect(await points.hit('before_outcome_commit')).toBe(true);
  expect(await points.hit('before_send')).toBe(false);
});

test('chance is the same for the same seed', async () => {
  const seen = async (seed: number) => {
    const said: string[] = [];
    const points = pointsOf('renew:pause=1@30%', seed, said);
    const hits: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      await points.hit('renew');
      if (said.splice(0).length > 0) hits.push(i);
    }
    return hits;
  };
  const [first, again, other] = [await seen(5), await seen(5), await seen(6)];
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(first.length).toBeGreaterThan(10);
  expect(first.length).toBeLessThan(60);
});

function pointsOf(rules: string, seed: number, said: string[]) {
  return createFailpoints(parseFailpoints(rules), seed, {
    tell: (_at, action: FailAction) => said.push(`told ${action.kind}`),
    signal: (signal) => said.push(signal),
  });
}
