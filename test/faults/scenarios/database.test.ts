import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callOnce } from '../kit/client.js';
import { crashPostgres } from '../kit/crash-postgres.js';
import { FATES, READ_OK } from '../kit/fates.js';
import { sleep } from '../kit/sleep.js';
import { byRef, inTurn, lastWord, openScene, STORES } from './support/scene.js';
import { expectKept, staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '120' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const LIMITS = { timeout: 150_000 };
const once = (key: string, tool: 'keyed' | 'lookup' | 'blind') => ({
  key,
  tool,
  gateway: () => null,
  until: 0,
});

describe.concurrent.each(STORES)('%s: commits whose answer is lost, or that are refused', LIMITS, (store) => {
  test.each([
    { tool: 'keyed', word: 'completed', effects: 1 },
    { tool: 'lookup', word: 'completed', effects: 1 },
    { tool: 'blind', word: 'needs_review', effects: 0 },
  ] as const)(
    '33: the attempt is committed, and the store will not say so ($tool): not sent before that is certain',
    ({ tool, word, effects }) =>
      staged(async () => {
        await using scene = await openScene({
          store,
          postgres,
          first: ['before_claim_commit:commit_lost@1'],
        });
        const gateway = scene.fleet.url(scene.firstGateway) ?? '';
        const refused = await callOnce(once('k1', tool), gateway);
        expect(scene.hits).toEqual(['before_claim_commit']);
        expect([refused.status, refused.word]).toEqual([503, 'storage_unavailable']);
        expect(scene.ledger.arrivals).toEqual([]);
        expect(lastWord(await scene.call({ key: 'k1', tool }))).toBe(word);
        await scene.ends({ executions: 1, effects });
      }),
  );

  test.each(
    (['keyed', 'lookup', 'blind'] as const).flatMap((tool) => [
      { tool, how: 'commit_lost', is: 'committed' },
      { tool, how: 'throw', is: 'not committed' },
    ]),
  )(
    '34: the outcome is $is, and the store will not say so ($tool): asked again, and answered then',
    ({ tool, how }) =>
      staged(async () => {
        await using scene = await openScene({ store, postgres, first: [`before_outcome_commit:${how}@1`] });
        const history = await scene.call({ key: 'k1', tool });
        expect(scene.hits[0]).toBe('before_outcome_commit');
        expect(lastWord(history)).toBe('completed');
        await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 0 });
        const { versions } = await scene.database.evidence();
        expect(versions.filter((v) => v.state === 'completed')).toHaveLength(1);
      }),
  );

  test('40: the store refuses the attempt: 503 before any byte, and the retry runs it once', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres, first: ['before_claim_commit:throw@1'] });
      const refused = await callOnce(once('k1', 'blind'), scene.fleet.url(scene.firstGateway) ?? '');
      expect([refused.status, refused.word, refused.executionId]).toEqual([503, 'storage_unavailable', null]);
      expect(scene.ledger.arrivals).toEqual([]);
      expect(lastWord(await scene.call({ key: 'k1', tool: 'blind' }))).toBe('completed');
      await scene.ends({ executions: 1, effects: 1, attempts: 1 });
    }));
});

describe.concurrent('P: a gateway without its database', LIMITS, () => {
  const SLOW = { ...FATES.ok, replyMs: 400 };

  test('38: cut off for less than its lease: what the tool answered is kept, and recorded when the line is back', () =>
    staged(async () => {
      await using scene = await openScene({
        store: 'P',
        postgres,
        leaseMs: 8_000,
        fortune: {
          write() {
            scene.databaseLines[scene.firstGateway]?.set({ kind: 'hold' });
            return SLOW;
          },
          read: () => READ_OK,
        },
      });
      const calling = scene.call({ key: 'k1', tool: 'blind' });
      while (scene.ledger.effects.length === 0) await sleep(20);
      await sleep(1_500);
      expect((await scene.database.evidence()).executions.map((e) => e.state)).toEqual(['running']);
      scene.databaseLines[scene.firstGateway]?.set({ kind: 'pass' });
      expect(lastWord(await calling)).toBe('completed');
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 0 });
    }));

  test('38: cut off when the attempt is durable and not sent: it lets its lease run out, and never sends it', () =>
    staged(async () => {
      await using scene = await openScene({
        store: 'P',
        postgres,
        // It is alive all the time, and its attempt has time left: only its own view of its lease can stop it.
        first: ['before_send:delay=9000@1'],
        timeoutMs: 14_000,
        onHit: () => scene.databaseLines[scene.firstGateway]?.set({ kind: 'drop' }),
        fortune: inTurn('ok'),
      });
      const calling = scene.call({ key: 'k1', tool: 'keyed' });
      await sleep(12_000);
      expect(scene.hits).toEqual(['before_send']);
      expect(scene.sentByFirst()).toBe(0);
      scene.databaseLines[scene.firstGateway]?.set({ kind: 'pass' });
      expect(lastWord(await calling)).toBe('completed');
      expect(scene.ledger.arrivals).toHaveLength(1);
      await scene.ends({ executions: 1, effects: 1, attempts: 2, takeovers: 1 });
    }));

  test('38: cut off for longer than its lease: it sends nothing more, and another one ends what it had begun', () =>
    staged(async () => {
      await using scene = await openScene({
        store: 'P',
        postgres,
        fortune: {
          write({ ref }) {
            if (ref === 'k1') scene.databaseLines[scene.firstGateway]?.set({ kind: 'drop' });
            return SLOW;
          },
          read: () => READ_OK,
        },
      });
      const calling = scene.call({ key: 'k1', tool: 'lookup' });
      while (scene.ledger.effects.length === 0) await sleep(20);
      const cutOff = scene.fleet.url(scene.firstGateway) ?? '';
      const refused = await callOnce({ ...once('k2', 'blind'), requestMs: 40_000 }, cutOff);
      expect(refused.word).toBe('storage_unavailable');
      expect(scene.ledger.arrivals.map((a) => a.ref)).toEqual(['k1']);
      expect(lastWord(await calling)).toBe('outcome_reconciled');
      scene.databaseLines[scene.firstGateway]?.set({ kind: 'pass' });
      await sleep(2_000);
      // It is back, and works again.
      expect(lastWord(await scene.call({ key: 'k3', tool: 'blind' }))).toBe('completed');
      await scene.ends({ executions: 2, effects: 2, takeovers: 1 });
    }));
});

describe('P: the server crashes', LIMITS, () => {
  test('35: twice under load, and comes back: nothing is lost, nothing is done twice', () =>
    staged(async () => {
      // A server of its own: it takes all its connections with it.
      await using server = await startPostgres({ max_connections: '60' });
      await using scene = await openScene({
        store: 'P',
        postgres: server,
        latestEffectMs: 1_400,
        fortune: byRef({
          a: inTurn('ok'),
          b: inTurn('reply_lost', 'ok'),
          c: inTurn('lost_before', 'ok'),
          d: inTurn('applied_500', 'ok'),
        }),
      });
      let wanted = 80;
      const callers = Array.from({ length: 12 }, async () => {
        while (wanted > 0) {
          wanted -= 1;
          const key = `${'abcd'.charAt(wanted % 4)}${wanted}`;
          const tool = (['keyed', 'lookup', 'blind', 'lookup'] as const)[(wanted >> 2) % 4] ?? 'lookup';
          await scene.call({ key, tool, withinMs: 60_000 });
          await sleep(100);
        }
      });
      for (let crash = 0; crash < 2; crash += 1) {
        await sleep(700);
        await crashPostgres(server, 300);
      }
      await Promise.all(callers);
      await scene.ends({ executions: 80 }, 60_000);
      expectKept((await scene.judge({ completed: 60 })).violations);
      expect(scene.histories.every((h) => h.ended)).toBe(true);
    }));
});
