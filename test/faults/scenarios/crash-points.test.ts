import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callOnce } from '../kit/client.js';
import { FATES, READ_OK } from '../kit/fates.js';
import { APPROVER, CALLER } from '../kit/fleet.js';
import { byRef, FOUND_OUT, inTurn, lastWord, openScene, STORES, type Scene } from './support/scene.js';
import { staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '250' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const LIMITS = { timeout: 150_000 };

describe.concurrent.each(STORES)('%s: kill -9', LIMITS, (store) => {
  test('1: after the checks, before the attempt is durable: nothing is there, and the retry runs it once', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres, first: ['before_claim_commit:kill@1'] });
      const history = await scene.call({ key: 'k1', tool: 'keyed' });
      expect(scene.hits).toEqual(['before_claim_commit']);
      expect(history.told[0]?.executionId).toBeNull();
      expect(lastWord(history)).toBe('completed');
      await scene.ends({ executions: 1, effects: 1, takeovers: 0 });
    }));

  test.each([
    { tool: 'lookup', word: 'completed', effects: 1, attempts: 2 },
    { tool: 'keyed', word: 'completed', effects: 1, attempts: 2 },
    { tool: 'blind', word: 'needs_review', effects: 0, attempts: 1 },
  ] as const)(
    '2: after the attempt is durable, before it connects ($tool): $word',
    ({ tool, word, effects, attempts }) =>
      staged(async () => {
        await using scene = await openScene({ store, postgres, first: ['after_claim_commit:kill@1'] });
        const history = await scene.call({ key: 'k1', tool });
        expect(scene.hits).toEqual(['after_claim_commit']);
        expect(lastWord(history)).toBe(word);
        await scene.ends({ executions: 1, effects, attempts, takeovers: 1 });
      }),
  );

  test('3: after the request is sent, before the tool acts: found, and not sent again', () =>
    staged(async () => {
      const killed: Promise<void>[] = [];
      await using scene = await openScene({
        store,
        postgres,
        // A second absent look would make up for one that is believed too early.
        reconcile: { min_absent_reads: 1 },
        fortune: {
          write() {
            if (killed.length === 0) killed.push(scene.fleet.kill(scene.firstGateway));
            return { ...FATES.late, reply: 'silence' };
          },
          read: () => READ_OK,
        },
      });
      const history = await scene.call({ key: 'k1', tool: 'lookup' });
      expect(killed).toHaveLength(1);
      expect(lastWord(history)).toBe('outcome_reconciled');
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 1 });
    }));

  test.each(['keyed', 'lookup', 'blind'] as const)(
    '4: after the effect, before the outcome is durable (%s)',
    (tool) =>
      staged(async () => {
        await using scene = await openScene({ store, postgres, first: ['before_outcome_commit:kill@1'] });
        const history = await scene.call({ key: 'k1', tool });
        expect(scene.hits).toEqual(['before_outcome_commit']);
        expect(lastWord(history)).toBe(FOUND_OUT[tool].word);
        expect(new Set(history.told.flatMap((t) => t.executionId ?? [])).size).toBe(1);
        await scene.ends({ executions: 1, effects: 1, attempts: tool === 'keyed' ? 2 : 1, takeovers: 1 });
      }),
  );

  test('5: after the outcome is durable, before the answer: replayed byte for byte, nothing is attempted', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres, first: ['after_outcome_commit:kill@1'] });
      const plan = { key: 'k1', tool: 'blind', gateway: () => null, until: 0 } as const;
      const unheard = await callOnce(plan, scene.fleet.url(scene.firstGateway) ?? '');
      expect(unheard.status).toBeNull();
      const first = await replay(scene);
      expect([first.status, first.replayed]).toEqual([200, 'true']);
      expect(await replay(scene)).toEqual(first);
      const done = await replay(scene);
      expect(JSON.parse(done.text)).toMatchObject({
        status: 'completed',
        result: { receipt: expect.any(String) as string },
      });
      expect(scene.ledger.arrivals).toHaveLength(1);
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 0 });
    }));

  test('6: while it looks up what happened, and again while the next one does: the third one ends it', () =>
    staged(async () => {
      await using scene = await openScene({
        store,
        postgres,
        fortune: inTurn('reply_lost'),
        first: ['before_lookup:kill@1', 'before_lookup:kill@1'],
        others: ['before_lookup:kill@1'],
      });
      const history = await scene.call({ key: 'k1', tool: 'lookup' });
      // Over Postgres it may meet all three that die of it.
      expect(scene.hits.length).toBeGreaterThanOrEqual(2);
      expect(lastWord(history)).toBe('outcome_reconciled');
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: scene.hits.length });
      const [execution] = (await scene.database.evidence()).executions;
      expect(execution?.epoch).toBe(1 + scene.hits.length);
      const { lookups } = JSON.parse(execution?.journal ?? '') as { lookups: readonly unknown[] };
      expect(lookups.length).toBeLessThanOrEqual(12);
    }));

  test.each(['before_attempt_commit', 'after_attempt_commit'] as const)(
    '7: between the proof of absence and the next attempt (%s): both are recorded, or neither',
    (at) =>
      staged(async () => {
        await using scene = await openScene({
          store,
          postgres,
          fortune: inTurn('lost_before', 'ok'),
          first: [`${at}:kill@1`],
        });
        const history = await scene.call({ key: 'k1', tool: 'lookup' });
        expect(scene.hits).toEqual([at]);
        expect(lastWord(history)).toBe('completed');
        // After its second attempt was recorded and before it was sent, that one has to be found absent, too.
        await scene.ends({ executions: 1, effects: 1, attempts: at === 'before_attempt_commit' ? 2 : 3 });
        const { versions } = await scene.database.evidence();
        expect(versions.map((v) => v.state)).not.toContain('retry_wait');
        for (const [i, version] of versions.entries()) {
          if (version.attempts > (versions[i - 1]?.attempts ?? 0)) expect(version.state).toBe('running');
        }
      }),
  );

  test('8: after the yes of a human is durable, before the call is made: made once, nobody is asked again', () =>
    staged(async () => {
      // The first commit of an approval is the freezing of the call, the second one the decision.
      await using scene = await openScene({ store, postgres, first: ['after_approval_commit:kill@2'] });
      const gateway = scene.fleet.url(scene.firstGateway) ?? '';
      const frozen = await callOnce({ key: 'k1', tool: 'approved', gateway: () => null, until: 0 }, gateway);
      expect(frozen.word).toBe('pending_approval');
      const [waiting] = (await scene.database.evidence()).approvals;
      const approve = () =>
        fetch(`${gateway}/v1/approvals/${waiting?.id}/approve`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': APPROVER },
          body: '{}',
        });
      await expect(approve()).rejects.toThrow();
      expect(scene.hits).toEqual(['after_approval_commit']);
      const history = await scene.call({ key: 'k1', tool: 'approved' });
      expect(lastWord(history)).toBe('completed');
      await scene.ends({ executions: 1, effects: 1, takeovers: 1 });
      const { approvals } = await scene.database.evidence();
      expect(approvals.map((a) => [a.kind, a.state])).toEqual([['approval', 'executed']]);
    }));
});

describe.each(STORES)('%s: kill -9', LIMITS, (store) => {
  test('9: with 200 calls in flight: all end, each effect once', () =>
    staged(async () => {
      let kill: Promise<void> | null = null;
      let sentAtKill = 0;
      const fates = byRef({
        a: inTurn('ok'),
        b: inTurn('reply_lost', 'ok'),
        c: inTurn('lost_before', 'ok'),
        d: inTurn('late', 'ok'),
      });
      await using scene = await openScene({
        store,
        postgres,
        gateways: 3,
        latestEffectMs: 1_400,
        timeoutMs: 4_000,
        fortune: {
          write(request) {
            if (kill === null && scene.ledger.arrivals.length >= IN_FLIGHT) {
              sentAtKill = scene.sentByFirst();
              kill = scene.fleet.kill(scene.firstGateway);
            }
            return { ...fates.write(request), replyMs: 2_000 };
          },
          read: () => READ_OK,
        },
      });
      const histories = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          scene.call({
            key: `${'abcd'.charAt(i % 4)}${i}`,
            tool: (['keyed', 'lookup', 'lookup', 'blind', 'lookup'] as const)[i % 5] ?? 'lookup',
          }),
        ),
      );
      expect(kill).not.toBeNull();
      expect(histories.filter((h) => !h.ended)).toEqual([]);
      await scene.ends({ executions: 200 });
      // Nobody was answered yet: what the first one had sent, others had to find out.
      expect(sentAtKill).toBeGreaterThanOrEqual(store === 'S' ? IN_FLIGHT : IN_FLIGHT / 5);
      const minimums = { completed: 100, takeovers: Math.floor(sentAtKill * 0.8) };
      expect((await scene.judge(minimums)).violations).toEqual([]);
    }));
});

/** So many of the two hundred have been sent, and the others are on their way to it. */
const IN_FLIGHT = 150;

describe.concurrent.each(STORES)('%s: SIGTERM', LIMITS, (store) => {
  test('10: with calls in flight: they are finished and answered, none of them is left unknown', () =>
    staged(async () => {
      let stopped: Promise<void> | null = null;
      await using scene = await openScene({
        store,
        postgres,
        fortune: {
          write() {
            if (scene.sentByFirst() >= 5) stopped ??= scene.fleet.stop(scene.firstGateway);
            return { ...FATES.ok, replyMs: 600 };
          },
          read: () => READ_OK,
        },
      });
      const url = scene.fleet.url(scene.firstGateway) ?? '';
      const told = await Promise.all(
        Array.from({ length: 5 }, (_, i) =>
          callOnce({ key: `k${i}`, tool: 'blind', gateway: () => null, until: 0 }, url),
        ),
      );
      await stopped;
      expect(told.map((t) => [t.status, t.word])).toEqual(told.map(() => [200, 'completed']));
      await scene.ends({ executions: 5, effects: 5, attempts: 5, completed: 5, takeovers: 0 });
    }));
});

/** Asks again, as soon as somebody listens. */
async function replay(scene: Scene): Promise<{ status: number; replayed: string | null; text: string }> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(`${scene.fleet.urls()[0]}/v1/call`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': CALLER, 'idempotency-key': 'k1' },
        body: JSON.stringify({ tool: 'blind', params: { ref: 'k1' } }),
      });
      const replayed = response.headers.get('idempotency-replayed');
      return { status: response.status, replayed, text: await response.text() };
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
