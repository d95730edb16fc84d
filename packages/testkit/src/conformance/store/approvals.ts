import { NEVER, type ApprovalRecord, type EpochMs, type ExecutionRecord } from '@invoke/core/domain';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { approval, message } from './control-records.js';
import { execution, move, NOW, page } from './records.js';
import type { OpenStore } from './store-under-test.js';

const FROZEN = execution({ id: 'exec_1', state: 'awaiting_approval', owner: null });

export function describeApprovals(open: OpenStore): void {
  describeFreeze(open);
  describeEscalate(open);
  describeWaiting(open);
}

/** What can be seen of an attempt to write an approval: all of it, or nothing. */
async function written({ executions, approvals, outbox }: Store, id: string): Promise<unknown> {
  const taken = await outbox.take(10, 1);
  return {
    execution: (await executions.find('acme', 'exec_1'))?.state ?? null,
    approval: (await approvals.find('acme', id))?.state ?? null,
    messages: taken.map(({ message: { id: messageId } }) => messageId),
  };
}

function describeFreeze(open: OpenStore): void {
  describe('freeze', () => {
    test('claims the key together with the approval and the messages', async () => {
      await using it = await open();
      const { approvals, executions } = it.store;
      const record = approval({ id: 'appr_1' });
      expect(await approvals.freeze(FROZEN, record, [message('msg_1'), message('msg_2')])).toEqual({
        kind: 'claimed',
      });
      expect(await approvals.find('acme', 'appr_1')).toEqual(record);
      expect(await executions.recall('digest-of-exec_1')).toEqual({ kind: 'execution', record: FROZEN });
      expect(executions.foresee('digest-of-exec_1')).not.toBe('absent');
      expect(await written(it.store, 'appr_1')).toEqual({
        execution: 'awaiting_approval',
        approval: 'pending',
        messages: ['msg_1', 'msg_2'],
      });
    });

    test('against a key that is taken nothing is written, and its holder is shown', async () => {
      await using it = await open();
      const { approvals, executions } = it.store;
      const holder = execution({ id: 'exec_0', keyDigest: 'digest-of-exec_1' });
      await executions.claim(holder);
      expect(await approvals.freeze(FROZEN, approval({ id: 'appr_1' }), [message('msg_1')])).toEqual({
        kind: 'execution',
        record: holder,
      });
      expect(await written(it.store, 'appr_1')).toEqual({ execution: null, approval: null, messages: [] });
    });

    test('against the key of a pruned execution its tombstone is shown', async () => {
      await using it = await open();
      const { approvals, executions } = it.store;
      const old = {
        id: 'exec_0',
        keyDigest: 'digest-of-exec_1',
        state: 'completed',
        finishedAt: 1 as EpochMs,
      } as const;
      await executions.claim(execution(old));
      await executions.prune({ now: NEVER, keptMs: 0, tombstoneMs: 1_000, limit: 10 });
      expect(await approvals.freeze(FROZEN, approval({ id: 'appr_1' }), [])).toMatchObject({
        kind: 'tombstone',
        tombstone: { executionId: 'exec_0' },
      });
    });

    test('of twenty for one key at once, one is claimed, and there is one approval', async () => {
      await using it = await open();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          it.store.approvals.freeze(
            { ...FROZEN, id: `exec_${i}`, token: `t${i}` },
            approval({ id: `appr_${i}`, executionId: `exec_${i}` }),
            [message(`msg_${i}`)],
          ),
        ),
      );
      const winner = results.findIndex((result) => result.kind === 'claimed');
      expect(results.filter((result) => result.kind === 'claimed')).toHaveLength(1);
      for (const result of results) {
        if (result.kind === 'execution') expect(result.record.id).toBe(`exec_${winner}`);
      }
      const list = await it.store.approvals.list({ ...EVERYTHING, tenant: 'acme' });
      expect(list.map((record) => record.id)).toEqual([`appr_${winner}`]);
      const taken = await it.store.outbox.take(30, 1000);
      expect(taken.map((one) => one.message.id)).toEqual([`msg_${winner}`]);
    });

    test('an approval id that is taken is refused loudly, and the key stays free', async () => {
      await using it = await open();
      const { approvals, executions } = it.store;
      await approvals.freeze(FROZEN, approval({ id: 'appr_1' }), []);
      const other = execution({ id: 'exec_2', state: 'awaiting_approval', owner: null });
      const twice = approvals.freeze(other, approval({ id: 'appr_1', executionId: 'exec_2' }), [
        message('m'),
      ]);
      await expect(twice).rejects.toThrow(StorageUnavailable);
      expect(await executions.find('acme', 'exec_2')).toBeNull();
      expect(await it.store.outbox.take(10, 1)).toEqual([]);
    });
  });
}

const EVERYTHING = { limit: 200, before: null, state: null, agentId: null } as const;

function describeEscalate(open: OpenStore): void {
  const running = execution({ id: 'exec_1' });
  const review = approval({ id: 'appr_1', kind: 'review', reason: 'the outcome is unknown' });

  describe('escalate', () => {
    test('moves the execution together with the review and the messages', async () => {
      await using it = await open();
      await it.store.executions.claim(running);
      const step = move(running, 'needs_review', { finishedAt: null });
      expect(await it.store.approvals.escalate(step, review, [message('msg_1')])).toEqual({ kind: 'moved' });
      expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({
        state: 'needs_review',
        seq: 1,
      });
      expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(review);
      expect(await written(it.store, 'appr_1')).toMatchObject({ messages: ['msg_1'] });
    });

    test('lost, nothing is written', async () => {
      await using it = await open();
      await it.store.executions.claim(running);
      const stale = move({ ...running, seq: 7 }, 'needs_review');
      expect(await it.store.approvals.escalate(stale, review, [message('msg_1')])).toEqual({ kind: 'lost' });
      expect(await written(it.store, 'appr_1')).toEqual({
        execution: 'running',
        approval: null,
        messages: [],
      });
    });

    test('of an answer and an escalation at once, one moves', async () => {
      await using it = await open();
      const { approvals, executions } = it.store;
      for (let round = 0; round < 10; round += 1) {
        const record = execution({ id: `exec_r${round}` });
        await executions.claim(record);
        const [answered, escalated] = await Promise.all([
          executions.transition(move(record, 'completed')),
          approvals.escalate(move(record, 'needs_review'), { ...review, id: `appr_r${round}` }, []),
        ]);
        expect([answered.kind, escalated.kind].toSorted()).toEqual(['lost', 'moved']);
        const found = await approvals.find('acme', `appr_r${round}`);
        expect(found === null).toBe(escalated.kind === 'lost');
      }
    });
  });
}

function describeWaiting(open: OpenStore): void {
  const claimedAt = { createdAt: 1 as EpochMs, updatedAt: 1 as EpochMs };
  const freeze = (store: Store, record: ExecutionRecord, waiting: ApprovalRecord) =>
    store.approvals.freeze(record, waiting, []);

  describe('an execution that waits for approval', () => {
    test('is nobody’s orphan, is never pruned, and holds no entity in doubt', async () => {
      await using it = await open();
      const { executions } = it.store;
      const record = { ...FROZEN, ...claimedAt, entityId: 'ent-1' };
      await freeze(it.store, record, approval({ id: 'appr_1' }));
      expect(await executions.takeOver('me', 'sweep', 10)).toEqual([]);
      expect(await executions.prune({ now: NEVER, keptMs: -NOW, tombstoneMs: 1_000, limit: 10 })).toBe(0);
      expect(await executions.unsettledWriteTo('acme', 'prod', 'ent-1')).toBeNull();
      expect(await executions.find('acme', 'exec_1')).toEqual(record);
    });

    test('is listed by its state', async () => {
      await using it = await open();
      await freeze(it.store, FROZEN, approval({ id: 'appr_1' }));
      await it.store.executions.claim(execution({ id: 'exec_2' }));
      const waiting = await it.store.executions.list(page({ state: 'awaiting_approval' }));
      expect(waiting.map((record) => record.id)).toEqual(['exec_1']);
    });
  });
}
