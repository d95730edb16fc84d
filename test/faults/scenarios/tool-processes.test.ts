import { freePort, startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FATES } from '../kit/fates.js';
import { APPROVER, CALLER } from '../kit/fleet.js';
import { byRef, contradictionsOf, FOUND_OUT, inTurn, lastWord, openScene, STORES } from './support/scene.js';
import { TIMEOUT_MS } from './support/patient-tools.js';
import { staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '120' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const CLASSES = ['keyed', 'lookup', 'blind'] as const;
const AFTER_TIMEOUT = { ...FATES.late_silent, effectMs: TIMEOUT_MS + 300 };

describe.concurrent.each(STORES)('%s: tools that misbehave', { timeout: 150_000 }, (store) => {
  test('23: done after the timeout and within the settle time; 25: done, and the answer lost or a 500; 31: never the fallback', () =>
    staged(async () => {
      await using scene = await openScene({
        store,
        postgres,
        // A second absent look would make up for one that is believed too early.
        reconcile: { min_absent_reads: 1 },
        fortune: byRef({
          timeout: inTurn(AFTER_TIMEOUT, 'ok'),
          lost: inTurn('reply_lost', 'ok'),
          broken: inTurn('applied_500', 'ok'),
          absent: inTurn('lost_before'),
        }),
      });
      const cells = [
        ...CLASSES.flatMap((tool) =>
          ['timeout', 'lost', 'broken'].map((key) => ({
            key: `${key} ${tool}`,
            tool,
            expected: FOUND_OUT[tool],
          })),
        ),
        // With a fallback that is ready: used where the first tool certainly did nothing, and nowhere else.
        ...['timeout', 'lost', 'broken'].map((key) => ({
          key: `${key} primary`,
          tool: 'primary' as const,
          expected: { word: 'outcome_reconciled', effects: 1 },
        })),
        { key: 'absent primary', tool: 'primary' as const, expected: { word: 'needs_review', effects: 0 } },
      ];
      const told = await Promise.all(
        cells.map(async ({ key, tool, expected }) => {
          const body = tool === 'primary' ? { failure_policy: { retry: 0, fallback: 'backup' } } : {};
          return { key, word: lastWord(await scene.call({ key, tool, body })), expected };
        }),
      );
      await scene.ends({ executions: cells.length, failed: 0 });
      const found = told.map(({ key, word }) => ({ key, word, effects: scene.ledger.effectsOf(key).length }));
      expect(found).toEqual(told.map(({ key, expected }) => ({ key, ...expected })));
      // The fallback was asked once: where absence was proven. It lost that request, too, and is blind.
      expect(scene.ledger.arrivals.filter((a) => a.tool === 'backup').map((a) => a.ref)).toEqual([
        'absent primary',
      ]);
    }));

  test('24: done later than the settle time allows: told of as a breach', () =>
    staged(async () => {
      const tooLate = { ...FATES.late, effectMs: 5_000 };
      await using scene = await openScene({
        store,
        postgres,
        fortune: inTurn(tooLate, 'ok'),
        reconcile: { effects_at: '/count', recheck_ms: 6_000 },
      });
      const history = await scene.call({ key: 'k1', tool: 'lookup' });
      expect(lastWord(history)).toBe('completed');
      expect(await contradictionsOf(scene, history, 20_000)).toEqual([
        expect.stringContaining('a second look found 2 effects where 1 is recorded'),
      ]);
      expect(scene.ledger.effectsOf('k1')).toHaveLength(2);
    }));

  test('26: refused connections and names that do not exist: not sent, tried again without a look', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres });
      const gateway = scene.fleet.url(scene.firstGateway) ?? '';
      const ask = async (path: string, key: string, body: object) => {
        const response = await fetch(gateway + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key },
          body: JSON.stringify(body),
        });
        return (await response.json()) as Record<string, unknown>;
      };
      const addresses = {
        closed: `http://127.0.0.1:${await freePort()}/`,
        unnamed: 'https://invoke.invalid/',
      };
      for (const [name, url] of Object.entries(addresses)) {
        await ask('/v1/providers/ledger/tools', APPROVER, {
          name,
          capability_card: {
            name,
            input_schema: {},
            retry: { max_attempts: 3, backoff_ms: 10 },
            reconcile: { state_refetch: { tool: 'find', params: {} }, conditions: { done: true } },
          },
          http: { method: 'POST', url },
        });
        const answer = await ask('/v1/call', CALLER, { tool: name, params: {} });
        expect([name, answer['status']]).toEqual([name, 'failed']);
        const id = String(answer['execution_id']);
        const response = await fetch(`${gateway}/v1/executions/${id}`, { headers: { 'x-api-key': CALLER } });
        const { execution } = (await response.json()) as {
          execution: { attempts: readonly { state: string }[]; lookups: readonly unknown[] };
        };
        expect(execution.attempts.map((a) => a.state)).toEqual(['not_sent', 'not_sent', 'not_sent']);
        expect(execution.lookups).toEqual([]);
      }
      expect(scene.ledger.arrivals).toEqual([]);
    }));

  test('29: a line that delivers each request twice: a key makes it one effect, a second look tells of two', () =>
    staged(async () => {
      await using scene = await openScene({
        store,
        postgres,
        reconcile: { effects_at: '/count', recheck_ms: 3_000 },
      });
      scene.toolLine.set({ kind: 'pass', duplicate: true });
      expect(lastWord(await scene.call({ key: 'k1', tool: 'keyed' }))).toBe('completed');
      const history = await scene.call({ key: 'k2', tool: 'lookup' });
      expect(lastWord(history)).toBe('completed');
      expect(await contradictionsOf(scene, history, 15_000)).toEqual([
        expect.stringContaining('a second look found 2 effects where 1 is recorded'),
      ]);
      const { ledger } = scene;
      expect(['k1', 'k2'].map((ref) => ledger.arrivals.filter((a) => a.ref === ref).length)).toEqual([2, 2]);
      expect(['k1', 'k2'].map((ref) => ledger.effectsOf(ref).length)).toEqual([1, 2]);
      const { executions } = await scene.database.evidence();
      expect(executions.map((e) => e.attempts)).toEqual([1, 1]);
    }));

  test('39: cut off from the tools alone, and then killed: whoever takes over finds out when the line is back', () =>
    staged(async () => {
      await using scene = await openScene({
        store,
        postgres,
        fortune: {
          write() {
            scene.toolLine.set({ kind: 'drop' });
            return FATES.ok;
          },
          read: () => ({ reply: 'ok', replyMs: 1 }),
        },
      });
      const calling = scene.call({ key: 'k1', tool: 'lookup' });
      while (scene.ledger.effects.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await scene.fleet.kill(scene.firstGateway);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      scene.toolLine.set({ kind: 'pass' });
      expect(lastWord(await calling)).toBe('outcome_reconciled');
      await scene.ends({ executions: 1, effects: 1, attempts: 1, takeovers: 1 });
    }));
});
