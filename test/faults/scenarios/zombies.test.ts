import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../kit/sleep.js';
import { contradictionsOf, lastWord, openScene, type Scene } from './support/scene.js';
import { staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '250' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** Beyond the lease, and beyond the time that the next gateway needs to find out what happened. */
const ASLEEP_MS = 9_500;
const ASLEEP = `pause=${ASLEEP_MS}@1`;
const P = 'P' as const;

describe.concurrent('P: a gateway that sleeps for longer than its lease', { timeout: 150_000 }, () => {
  test.each([
    { tool: 'keyed', word: 'completed', effects: 1 },
    { tool: 'lookup', word: 'completed', effects: 1 },
    { tool: 'blind', word: 'needs_review', effects: 0 },
  ] as const)(
    '19: before it may send ($tool): it wakes up and sends nothing; what is done is done by the next one',
    ({ tool, word, effects }) =>
      staged(async () => {
        // The time of the attempt is not over when it wakes up: nothing but its lease can stop it.
        const timeoutMs = 14_000;
        await using scene = await openScene({
          store: P,
          postgres,
          first: [`before_fence:${ASLEEP}`],
          timeoutMs,
        });
        const history = await scene.call({ key: 'k1', tool });
        expect(scene.hits).toEqual(['before_fence']);
        expect(lastWord(history)).toBe(word);
        await awake(scene);
        await scene.ends({ executions: 1, effects, takeovers: 1 });
        expect(scene.ledger.arrivals).toHaveLength(effects);
        expect(scene.sentByFirst()).toBe(0);
      }),
  );

  test('20: between the last check and the bytes (keyed): two requests with one key, one effect', () =>
    staged(async () => {
      await using scene = await openScene({ store: P, postgres, first: [`at_fence:${ASLEEP}`] });
      const history = await scene.call({ key: 'k1', tool: 'keyed' });
      expect(scene.hits).toEqual(['at_fence']);
      expect(lastWord(history)).toBe('completed');
      await awake(scene);
      await scene.ends({ executions: 1, effects: 1, takeovers: 1 });
      const { arrivals } = scene.ledger;
      expect(arrivals).toHaveLength(2);
      expect(new Set(arrivals.map((a) => a.reference)).size).toBe(1);
    }));

  test('20: between the last check and the bytes (lookup): nothing here can prevent the second effect, and it is told of', () =>
    staged(async () => {
      await using scene = await openScene({
        store: P,
        postgres,
        first: [`at_fence:${ASLEEP}`],
        reconcile: { effects_at: '/count', recheck_ms: 6_000 },
      });
      const history = await scene.call({ key: 'k1', tool: 'lookup' });
      expect(scene.hits).toEqual(['at_fence']);
      expect(lastWord(history)).toBe('completed');
      await awake(scene);
      expect(scene.ledger.effectsOf('k1')).toHaveLength(2);
      expect(await contradictionsOf(scene, history, 15_000)).toEqual([
        expect.stringContaining('a second look found 2 effects where 1 is recorded'),
      ]);
      // Nothing else is wrong, and what was answered stays.
      expect((await scene.judge({ completed: 1 })).violations.map((v) => v.kind)).toEqual(['doubled']);
    }));

  test('20: between the last check and the bytes (blind): nobody sends again, so there is one effect at most', () =>
    staged(async () => {
      await using scene = await openScene({ store: P, postgres, first: [`at_fence:${ASLEEP}`] });
      const history = await scene.call({ key: 'k1', tool: 'blind' });
      expect(scene.hits).toEqual(['at_fence']);
      expect(lastWord(history)).toBe('needs_review');
      await awake(scene);
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 1 });
    }));

  test('21: before it records its outcome: the write of the old one finds no row, and is traced', () =>
    staged(async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'invoke-zombie-'));
      const log = join(folder.path, 'log.jsonl');
      await using scene = await openScene({
        store: P,
        postgres,
        first: [`before_outcome_commit:${ASLEEP}`],
        env: { INVOKE_LOG_FILE: log },
      });
      const history = await scene.call({ key: 'k1', tool: 'lookup' });
      expect(scene.hits).toEqual(['before_outcome_commit']);
      expect(lastWord(history)).toBe('outcome_reconciled');
      await awake(scene);
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 1 });
      const { versions } = await scene.database.evidence();
      expect(versions.at(-1)).toMatchObject({ state: 'completed', epoch: 2 });
      expect(versions.filter((v) => v.state === 'completed')).toHaveLength(1);
      const said = (await readFile(log, 'utf8')).split('\n');
      expect(said.filter((line) => line.includes('execution_lost'))).toHaveLength(1);
    }));
});

const AWAKE_AFTER_MS = ASLEEP_MS + 4_000;

/** The sleeper has woken up, and done whatever it still does. */
async function awake({ histories }: Scene): Promise<void> {
  const calledAt = Math.min(...histories.map((h) => h.startedAt));
  await sleep(Math.max(0, calledAt + AWAKE_AFTER_MS - Date.now()));
}
