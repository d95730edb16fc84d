import type { EpochMs } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { approval, approvalPage, decided } from './control-records.js';
import { execution, move } from './records.js';
import type { OpenStore } from './store-under-test.js';

/** On the real clock, whichever store it is. */
const ended = (offset: number) => offset as EpochMs;
const SOME_DAY = 9_000_000_000_000 as EpochMs;

type Fields = Partial<Parameters<typeof approval>[0]>;

/** Freezes an execution of its own for each approval. */
async function freezeAll(store: Store, rows: readonly (readonly [string, Fields])[]): Promise<void> {
  for (const [id, fields] of rows) {
    const executionId = fields.executionId ?? `exec_of_${id}`;
    const record = execution({ id: executionId, state: 'awaiting_approval', owner: null });
    await store.approvals.freeze(record, approval({ id, executionId, ...fields }), []);
  }
}

async function reject(store: Store, id: string, fields: Fields = {}): Promise<void> {
  const record = approval({ id, executionId: `exec_of_${id}`, ...fields });
  const waiting = { id: `exec_of_${id}`, state: 'awaiting_approval', epoch: 0, seq: 0 } as const;
  const ended = decided(record, { state: 'rejected', outcome: 'rejected' });
  const decision = { approval: ended, move: move(waiting, 'rejected'), fresh: null, messages: [] };
  expect(await store.approvals.decide(decision)).toEqual({ kind: 'moved' });
}

export function describeApprovalLists(open: OpenStore): void {
  describe('approvals', () => {
    test('are listed newest first, by tenant, state and agent', async () => {
      await using it = await open();
      const { approvals } = it.store;
      await freezeAll(it.store, [
        ['a1', {}],
        ['a2', { agentId: 'agent-2' }],
        ['a3', { tenant: 'other' }],
        ['a4', { agentId: null }],
        ['a5', {}],
      ]);
      await reject(it.store, 'a1');
      const ids = async (query: Parameters<typeof approvalPage>[0]) =>
        (await approvals.list(approvalPage(query))).map((record) => record.id);
      expect(await ids({})).toEqual(['a5', 'a4', 'a2', 'a1']);
      expect(await ids({ limit: 2 })).toEqual(['a5', 'a4']);
      expect(await ids({ before: 'a4' })).toEqual(['a2', 'a1']);
      expect(await ids({ before: 'nobody' })).toEqual([]);
      expect(await ids({ state: 'pending' })).toEqual(['a5', 'a4', 'a2']);
      expect(await ids({ state: 'rejected' })).toEqual(['a1']);
      expect(await ids({ state: 'expired' })).toEqual([]);
      expect(await ids({ agentId: 'agent-1' })).toEqual(['a5', 'a1']);
      expect(await ids({ agentId: 'agent-1', state: 'pending', before: 'a5' })).toEqual([]);
      expect(await ids({ tenant: 'other' })).toEqual(['a3']);
    });

    test('are found within their tenant only, by id and by execution', async () => {
      await using it = await open();
      const { approvals } = it.store;
      await freezeAll(it.store, [['a1', {}]]);
      const record = approval({ id: 'a1', executionId: 'exec_of_a1' });
      expect(await approvals.find('acme', 'a1')).toEqual(record);
      expect(await approvals.find('other', 'a1')).toBeNull();
      expect(await approvals.find('acme', 'a2')).toBeNull();
      expect(await approvals.ofExecution('acme', 'exec_of_a1')).toEqual(record);
      expect(await approvals.ofExecution('other', 'exec_of_a1')).toBeNull();
      expect(await approvals.ofExecution('acme', 'exec_9')).toBeNull();
    });

    test('expired names pending approvals whose time is over by the clock of the store, the one that waits longest first', async () => {
      await using it = await open();
      const { approvals } = it.store;
      await freezeAll(it.store, [
        ['late', { expiresAt: ended(30) }],
        ['early', { expiresAt: ended(10), tenant: 'other' }],
        ['same', { expiresAt: ended(10) }],
        ['later', { expiresAt: SOME_DAY }],
        ['review', { expiresAt: ended(5), kind: 'review' }],
        ['rejected', { expiresAt: ended(5) }],
      ]);
      await reject(it.store, 'rejected', { expiresAt: ended(5) });
      const ids = async (limit: number) => (await approvals.expired(limit)).map((record) => record.id);
      expect(await ids(10)).toEqual(['early', 'same', 'late']);
      expect(await ids(1)).toEqual(['early']);
    });

    test('countPending counts what waits for the agent, and for the key where there is no agent', async () => {
      await using it = await open();
      await freezeAll(it.store, [
        ['a1', {}],
        ['a2', { requestedBy: 'key_2' }],
        ['a3', { agentId: 'agent-2' }],
        ['a4', { agentId: null }],
        ['a5', { agentId: null, requestedBy: 'key_2' }],
        ['a6', { tenant: 'other' }],
        ['a7', {}],
        ['a8', { kind: 'review' }],
      ]);
      await reject(it.store, 'a7');
      const count = (agentId: string | null, keyId: string, tenant = 'acme') =>
        it.store.approvals.countPending(tenant, { agentId, keyId });
      expect(await count('agent-1', 'key_1')).toBe(2);
      expect(await count('agent-2', 'key_9')).toBe(1);
      expect(await count('agent-3', 'key_1')).toBe(0);
      expect(await count(null, 'key_1')).toBe(1);
      expect(await count(null, 'key_3')).toBe(0);
      expect(await count('agent-1', 'key_1', 'other')).toBe(1);
    });
  });
}
