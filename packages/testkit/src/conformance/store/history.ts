import { describe, expect, test } from 'vitest';
import { execution, move } from './records.js';
import type { OpenStore } from './store-under-test.js';

export function describeHistory(open: OpenStore): void {
  describe('history', () => {
    test('a store that goes on has the same past at every look', async () => {
      await using it = await open();
      const { history } = it.store;
      const first = await history.look(null);
      expect(first).toMatchObject({ changedAt: null, quarantined: false });
      for (const seen of [first.mark, null]) {
        const next = await history.look(seen);
        expect(next).toMatchObject({ changedAt: null, quarantined: false });
        expect(next.mark.line).toBe(first.mark.line);
        expect(next.mark.position).toBeGreaterThanOrEqual(first.mark.position);
      }
    });

    test('a store that has not come as far as it was seen has gone back, and all are told', async () => {
      await using it = await open();
      const { history } = it.store;
      const { mark } = await history.look(null);
      const { changedAt, now } = await history.look({ ...mark, position: mark.position + 1_000_000_000 });
      expect(changedAt).toBe(now);
      // Whoever cannot forget by itself was put back from a copy.
      expect(await history.look(null)).toMatchObject({ changedAt, quarantined: !history.mayForget });
    });

    test('where nothing is in quarantine there is nothing to confirm', async () => {
      await using it = await open();
      const { history } = it.store;
      await history.confirm();
      await history.look(null);
      await history.confirm();
      expect(await history.look(null)).toMatchObject({ changedAt: null, quarantined: false });
    });

    test('claims and transitions go on after a look', async () => {
      await using it = await open();
      const { history, executions } = it.store;
      history.watch(() => undefined);
      await history.look(null);
      history.resume();
      const record = execution({ id: 'exec_1' });
      expect(await executions.claim(record)).toEqual({ kind: 'claimed' });
      expect(await executions.transition(move(record, 'completed'))).toEqual({ kind: 'moved' });
    });
  });

  describe('reinstate', () => {
    test('what is not there is put there to the letter', async () => {
      await using it = await open();
      const { executions } = it.store;
      const lost = execution({ id: 'exec_1', state: 'unknown', epoch: 4, seq: 9, resultText: '{}' });
      expect(await executions.reinstate(lost, null)).toEqual({ kind: 'reinstated' });
      expect(await executions.find('acme', 'exec_1')).toEqual(lost);
      expect(await executions.recall('digest-of-exec_1')).toEqual({ kind: 'execution', record: lost });
      expect(await executions.reinstate(lost, null)).toEqual({ kind: 'lost' });
    });

    test('an older version gives way, if it is the one that was seen', async () => {
      await using it = await open();
      const { executions } = it.store;
      const old = execution({ id: 'exec_1', epoch: 1, seq: 2 });
      await executions.claim(old);
      const newer = execution({ id: 'exec_1', state: 'completed', epoch: 3, seq: 7, token: 'put back' });
      for (const over of [
        { epoch: 1, seq: 1 },
        { epoch: 2, seq: 2 },
      ]) {
        expect(await executions.reinstate(newer, over)).toEqual({ kind: 'lost' });
      }
      expect(await executions.find('acme', 'exec_1')).toEqual(old);
      expect(await executions.reinstate(newer, { epoch: 1, seq: 2 })).toEqual({ kind: 'reinstated' });
      expect(await executions.find('acme', 'exec_1')).toEqual(newer);
      expect(await executions.transition(move(old, 'failed'))).toEqual({ kind: 'lost' });
    });

    test('a key that names another execution by now stays with it', async () => {
      await using it = await open();
      const { executions } = it.store;
      const other = execution({ id: 'exec_2', keyDigest: 'the key' });
      await executions.claim(other);
      const lost = execution({ id: 'exec_1', keyDigest: 'the key' });
      expect(await executions.reinstate(lost, null)).toEqual({ kind: 'key_taken' });
      expect(await executions.find('acme', 'exec_1')).toBeNull();
      expect(await executions.recall('the key')).toEqual({ kind: 'execution', record: other });
      expect(await executions.reinstate({ ...lost, keyDigest: null }, null)).toEqual({ kind: 'reinstated' });
    });
  });
}
