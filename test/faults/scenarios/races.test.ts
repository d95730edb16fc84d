import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callOnce, type Told } from '../kit/client.js';
import { FATES, READ_OK } from '../kit/fates.js';
import { inTurn, lastWord, openScene, STORES, type Scene } from './support/scene.js';
import { staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '120' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const SLOW = inTurn({ ...FATES.ok, replyMs: 400 });

/** The same call, or one with other params, so many times at once, at all gateways in turn. */
function atOnce(scene: Scene, count: number, refOf: (i: number) => string): Promise<readonly Told[]> {
  const urls = scene.fleet.urls();
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      callOnce(
        {
          key: 'k1',
          tool: 'blind',
          body: { params: { ref: refOf(i) } },
          gateway: () => null,
          until: 0,
          requestMs: 30_000,
        },
        urls[i % urls.length] ?? '',
      ),
    ),
  );
}

const finalsOf = (told: readonly Told[]) => new Set(told.flatMap((t) => t.final ?? []));

describe.concurrent.each(STORES)('%s: many callers', { timeout: 150_000 }, (store) => {
  test('11: a hundred with one key at three gateways: one effect, and one answer for all', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres, gateways: 3, fortune: SLOW });
      const told = await atOnce(scene, 100, () => 'k1');
      const words = new Set(told.map((t) => `${t.status} ${t.word}`));
      expect([...words].filter((w) => !['200 completed', '409 idempotency_in_progress'].includes(w))).toEqual(
        [],
      );
      const later = await atOnce(scene, 6, () => 'k1');
      expect(new Set(later.map((t) => t.word))).toEqual(new Set(['completed']));
      expect(finalsOf([...told, ...later]).size).toBe(1);
      await scene.ends({ executions: 1, effects: 1, attempts: 1 });
    }));

  test('12: forty with one key and two sets of params: one set is taken, the other one refused', () =>
    staged(async () => {
      await using scene = await openScene({ store, postgres, fortune: SLOW });
      const told = await atOnce(scene, 40, (i) => (i % 4 < 2 ? 'k1' : 'other'));
      const [taken] = new Set(scene.ledger.arrivals.map((a) => a.ref));
      const isTaken = (i: number) => (i % 4 < 2 ? 'k1' : 'other') === taken;
      const refused = told.filter((_, i) => !isTaken(i));
      expect(new Set(refused.map((t) => `${t.status} ${t.word}`))).toEqual(
        new Set(['422 idempotency_key_reused']),
      );
      expect(refused.every((t) => t.executionId === null && t.final === null)).toBe(true);
      expect(told.filter((_, i) => isTaken(i)).map((t) => t.word)).toContain('completed');
      expect(scene.ledger.arrivals).toHaveLength(1);
      expect((await scene.database.evidence()).executions).toHaveLength(1);
    }));
});

/**
 * Holds what a gateway that is gone has left behind until two others are about to take it over, and then lets both go on at
 * the same instant. Resolves with how many there were.
 */
async function untilTwoSweep(pid: number, database: string): Promise<number> {
  await postgres.query(
    `do $$ begin
       perform 1 from invoke_executions
         where owner = (select id from invoke_incarnations where pid = ${pid}) and finished_at is null for update;
       for i in 1..300 loop
         perform pg_stat_clear_snapshot();
         exit when (${WAITING}) >= 2;
         perform pg_sleep(0.05);
       end loop;
       create table faults_swept as ${WAITING};
     end $$`,
    database,
  );
  const [row] = await postgres.query('select count from faults_swept', database);
  return Number(row?.['count']);
}

/** Those that wait for the rows, and not for what others did to theirs. */
const WAITING = `select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%orphan%'`;

describe.concurrent('P: several that sweep', { timeout: 150_000 }, () => {
  test('15: two gateways find the same orphans at the same moment: each is taken over once', () =>
    staged(async () => {
      let sweeping: Promise<number> | null = null;
      await using scene = await openScene({
        store: 'P',
        postgres,
        gateways: 3,
        fortune: {
          write() {
            if (scene.sentByFirst() >= 10) sweeping ??= killAndHold(scene);
            return { ...FATES.ok, replyMs: 900 };
          },
          read: () => READ_OK,
        },
      });
      const histories = await Promise.all(
        Array.from({ length: 36 }, (_, i) => scene.call({ key: `k${i}`, tool: 'lookup' })),
      );
      expect(new Set(histories.map(lastWord))).toEqual(new Set(['completed', 'outcome_reconciled']));
      await scene.ends({ executions: 36, effects: 36 });
      expect(await sweeping).toBeGreaterThanOrEqual(2);
      const { executions } = await scene.database.evidence();
      const takenOver = executions.filter(({ epoch }) => epoch > 1);
      expect(takenOver.length).toBeGreaterThanOrEqual(5);
      // Nobody else has died: whatever was taken over twice, both have taken.
      expect(new Set(takenOver.map(({ epoch }) => epoch))).toEqual(new Set([2]));
    }));
});

async function killAndHold({ fleet, firstGateway, database }: Scene): Promise<number> {
  const pid = fleet.gateway(firstGateway)?.pid ?? 0;
  await fleet.kill(firstGateway);
  return untilTwoSweep(pid, database.env['DATABASE_URL'] ?? '');
}
