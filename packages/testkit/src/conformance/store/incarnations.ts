import { EXECUTION_STATE } from '@invoke/contract';
import type { DurationMs, EpochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { execution, incarnation, move } from './records.js';
import type { OpenStore, StoreUnderTest } from './store-under-test.js';

const HOUR = 3_600_000 as DurationMs;

export function describeIncarnations(open: OpenStore): void {
  describe('incarnations', () => {
    test('a lease is renewed while it lasts, and never again after it is over', async () => {
      await using it = await open();
      const { incarnations } = it.store;
      expect(await incarnations.renew('a', HOUR)).toBe(false);
      await incarnations.enlist(incarnation('a'), 60 as DurationMs);
      await it.elapse(120);
      expect(await incarnations.renew('a', HOUR)).toBe(false);
      await incarnations.enlist(incarnation('b'), HOUR);
      expect(await incarnations.renew('b', HOUR)).toBe(true);
      await incarnations.retire('b');
      expect(await incarnations.renew('b', HOUR)).toBe(false);
    });

    test('where one process owns the data, whoever enlists ends all others; elsewhere nobody', async () => {
      await using it = await open();
      await it.store.incarnations.enlist(incarnation('a'), HOUR);
      await it.store.incarnations.enlist(incarnation('b'), HOUR);
      expect(await it.store.incarnations.renew('a', HOUR)).toBe(!it.soleOwner);
      expect(await it.store.incarnations.renew('b', HOUR)).toBe(true);
    });
  });

  test('ownedBy: what an owner has open, oldest first, and nothing of others', async () => {
    await using it = await open();
    const { executions } = it.store;
    for (const [id, owner] of [
      ['a', 'me'],
      ['b', 'other'],
      ['c', 'me'],
      ['d', 'me'],
    ] as const) {
      await executions.claim(execution({ id, keyDigest: id, owner }));
    }
    await executions.transition(move(execution({ id: 'c', keyDigest: 'c', owner: 'me' }), 'completed'));
    expect((await executions.ownedBy('me', 10)).map((r) => r.id)).toEqual(['a', 'd']);
    expect((await executions.ownedBy('me', 1)).map((r) => r.id)).toEqual(['a']);
  });

  describe('takeOver', () => {
    test('takes what an unknown, retired or late owner left behind, and raises epoch and seq', async () => {
      await using it = await open();
      await it.store.incarnations.enlist(incarnation('me'), HOUR);
      await it.store.incarnations.enlist(incarnation('gone'), HOUR);
      await it.store.incarnations.retire('gone');
      await it.store.incarnations.enlist(incarnation('late'), 40 as DurationMs);
      await it.elapse(80);
      for (const owner of ['late', 'gone', 'never-seen', null]) {
        await it.store.executions.claim(
          execution({ id: `of-${owner}`, owner, state: 'unknown', epoch: 3, seq: 7 }),
        );
      }
      const taken = await it.store.executions.takeOver('me', 'sweep-1', 10);
      expect(taken).toEqual(
        ['late', 'gone', 'never-seen', null].map((owner) =>
          execution({ id: `of-${owner}`, owner: 'me', token: 'sweep-1', state: 'unknown', epoch: 4, seq: 8 }),
        ),
      );
      expect(await it.store.executions.takeOver('me', 'sweep-2', 10)).toEqual([]);
    });

    test('a write of the old owner is lost from then on', async () => {
      await using it = await open();
      const record = execution({ id: 'exec_1', owner: 'dead' });
      await it.store.executions.claim(record);
      await it.store.executions.takeOver('me', 'sweep', 10);
      expect(await it.store.executions.transition(move(record, 'completed'))).toEqual({ kind: 'lost' });
      const taken = { ...record, epoch: 1, seq: 1 };
      expect(await it.store.executions.transition(move(taken, 'completed'))).toEqual({ kind: 'moved' });
    });

    test('leaves the living alone, however old or new their rows seem to be', async () => {
      await using it = await open();
      await it.store.incarnations.enlist(incarnation('alive'), HOUR);
      for (const at of [1, 9_999_999_999_999] as const) {
        const written = { createdAt: at as EpochMs, updatedAt: at as EpochMs };
        await it.store.executions.claim(execution({ id: `exec_${at}`, owner: 'alive', ...written }));
      }
      expect(await it.store.executions.takeOver('me', 'sweep', 10)).toEqual([]);
    });

    test('leaves alone an owner that enlisted in this very moment', async () => {
      await using it = await open();
      for (let round = 0; round < 20; round += 1) await expectNewcomerLeftAlone(it, `newcomer-${round}`);
    });

    test('takes what a gateway has to drive on, not what is finished or waits for people', async () => {
      await using it = await open();
      for (const state of Object.values(EXECUTION_STATE)) {
        await it.store.executions.claim(execution({ id: state, state, owner: 'dead' }));
      }
      const taken = await it.store.executions.takeOver('me', 'sweep', 50);
      expect(taken.map((record) => record.id)).toEqual([
        'accepted',
        'running',
        'retry_wait',
        'unknown',
        'reconciling',
      ]);
    });

    test('of several that sweep at once, each orphan goes to one', async () => {
      await using it = await open();
      const ids = Array.from({ length: 40 }, (_, i) => `exec_${i}`);
      await Promise.all(ids.map((id) => it.store.executions.claim(execution({ id, owner: 'dead' }))));
      for (const me of ['a', 'b', 'c']) await it.store.incarnations.enlist(incarnation(me), HOUR);
      if (it.soleOwner) return;
      const sweeps = await Promise.all(
        ['a', 'b', 'c'].map((me) => it.store.executions.takeOver(me, `sweep-${me}`, 40)),
      );
      const taken = sweeps.flat().map((record) => record.id);
      expect(new Set(taken).size).toBe(taken.length);
      const rest = await it.store.executions.takeOver('a', 'sweep-again', 40);
      expect([...taken, ...rest.map((record) => record.id)].toSorted()).toEqual(ids.toSorted());
    });

    test('takes the oldest first, as many as it is told', async () => {
      await using it = await open();
      for (const id of ['a', 'b', 'c']) await it.store.executions.claim(execution({ id, owner: 'dead' }));
      const first = await it.store.executions.takeOver('me', 'sweep-1', 2);
      const second = await it.store.executions.takeOver('me', 'sweep-2', 2);
      expect([first, second].map((sweep) => sweep.map((record) => record.id))).toEqual([['a', 'b'], ['c']]);
    });
  });
}

/** Recovery that judges by age or by a list read a moment ago adopts the row of a gateway that has just come up. */
async function expectNewcomerLeftAlone({ store }: StoreUnderTest, owner: string): Promise<void> {
  const record = execution({ id: `of-${owner}`, owner });
  let arrived = false;
  const arrival = store.incarnations
    .enlist(incarnation(owner), HOUR)
    .then(() => store.executions.claim(record))
    .finally(() => {
      arrived = true;
    });
  for (let sweep = 0; !arrived; sweep += 1) {
    expect(await store.executions.takeOver('me', `${owner}-${sweep}`, 10)).toEqual([]);
  }
  await arrival;
  expect(await store.executions.takeOver('me', `${owner}-after`, 10)).toEqual([]);
  expect(await store.executions.transition(move(record, 'completed'))).toEqual({ kind: 'moved' });
}
