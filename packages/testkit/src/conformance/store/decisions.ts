import type { EpochMs, ExecutionRecord } from '@invoke/core/domain';
import { StorageUnavailable, type ApprovalMove, type Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { approval, decided, message } from './control-records.js';
import { execution, move } from './records.js';
import type { OpenStore } from './store-under-test.js';

const FROZEN = execution({ id: 'exec_1', state: 'awaiting_approval', owner: null });
const PENDING = approval({ id: 'appr_1' });

export function describeDecisions(open: OpenStore): void {
  describe('decide', () => {
    test('ends the approval together with the move of the execution and the messages', async () => {
      await using it = await openFrozen(open);
      const ended = decided(PENDING, { comment: 'go ahead ü€𝄞' });
      const step = move(FROZEN, 'accepted', { owner: 'inc-1', finishedAt: null });
      const decision = decisionOf({ approval: ended, move: step, messages: [message('msg_1')] });
      expect(await it.store.approvals.decide(decision)).toEqual({ kind: 'moved' });
      expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(ended);
      expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({
        state: 'accepted',
        owner: 'inc-1',
        seq: 1,
      });
      expect(await messagesOf(it.store)).toEqual(['msg_1']);
    });

    test('requeued: the fresh approval takes the place of the old one', async () => {
      await using it = await openFrozen(open);
      const { approvals } = it.store;
      const old = decided(PENDING, { state: 'invalidated', outcome: 'requeued', nextId: 'appr_2' });
      const fresh = approval({ id: 'appr_2', previousId: 'appr_1' });
      const step = move(FROZEN, 'awaiting_approval', { finishedAt: null });
      expect(await approvals.decide(decisionOf({ approval: old, move: step, fresh }))).toEqual({
        kind: 'moved',
      });
      expect(await approvals.ofExecution('acme', 'exec_1')).toEqual(fresh);
      const list = { tenant: 'acme', limit: 10, before: null, agentId: null } as const;
      expect(await approvals.list({ ...list, state: null })).toEqual([fresh, old]);
      expect(await approvals.list({ ...list, state: 'pending' })).toEqual([fresh]);
      expect(await approvals.countPending('acme', { agentId: 'agent-1', keyId: 'key_1' })).toBe(1);
      const waiting = { ...FROZEN, seq: 1 };
      const next = decisionOf({ approval: decided(fresh), move: move(waiting, 'accepted') });
      expect(await approvals.decide(next)).toEqual({ kind: 'moved' });
    });

    test('a vote changes the approval alone, and the next one counts from there', async () => {
      await using it = await openFrozen(open);
      const { approvals } = it.store;
      const voted = decided(PENDING, { state: 'pending', outcome: null, approversNeeded: 2 });
      const vote = decisionOf({ approval: voted, move: null });
      expect(await approvals.decide(vote)).toEqual({ kind: 'moved' });
      expect(await approvals.decide(vote)).toEqual({ kind: 'lost' });
      expect(await approvals.decide(decisionOf({ approval: decided(voted) }))).toEqual({ kind: 'moved' });
      expect(await approvals.find('acme', 'appr_1')).toMatchObject({ state: 'executed', version: 3 });
    });
  });

  describeLostDecisions(open);
  describeTimelyDecisions(open);
}

function describeLostDecisions(open: OpenStore): void {
  const fresh = approval({ id: 'appr_2', previousId: 'appr_1' });
  const sheet: readonly { cell: string; part: Partial<ApprovalMove> }[] = [
    { cell: 'older version', part: { approval: decided(PENDING, { version: 1 }) } },
    { cell: 'newer version', part: { approval: decided(PENDING, { version: 3 }) } },
    { cell: 'another tenant', part: { approval: decided(PENDING, { tenant: 'other' }) } },
    { cell: 'no such approval', part: { approval: decided(approval({ id: 'appr_9' })) } },
    { cell: 'the execution has moved', part: { move: move({ ...FROZEN, seq: 4 }, 'accepted') } },
    { cell: 'the execution is of another epoch', part: { move: move({ ...FROZEN, epoch: 1 }, 'accepted') } },
    { cell: 'no such execution', part: { move: move({ ...FROZEN, id: 'exec_9' }, 'accepted') } },
  ];

  describe('a decision that is lost writes nothing at all', () => {
    for (const { cell, part } of sheet) {
      test(cell, async () => {
        await using it = await openFrozen(open);
        const decision = decisionOf({ fresh, messages: [message('msg_1')], ...part });
        expect(await it.store.approvals.decide(decision)).toEqual({ kind: 'lost' });
        await expectUntouched(it.store);
      });
    }

    test('after the decision: a second one', async () => {
      await using it = await openFrozen(open);
      const { approvals, executions } = it.store;
      await approvals.decide(decisionOf({}));
      const second = { approval: decided(PENDING, { version: 3, state: 'rejected' }), fresh } as const;
      const step = move({ ...FROZEN, state: 'accepted', seq: 1 }, 'rejected');
      expect(await approvals.decide(decisionOf({ ...second, move: step }))).toEqual({ kind: 'lost' });
      expect(await approvals.find('acme', 'appr_1')).toEqual(decided(PENDING));
      expect(await executions.find('acme', 'exec_1')).toMatchObject({ state: 'accepted', seq: 1 });
    });

    test('a fresh approval whose id is taken: refused loudly', async () => {
      await using it = await openFrozen(open);
      const taken = decisionOf({ fresh: approval({ id: 'appr_1' }), messages: [message('msg_1')] });
      await expect(it.store.approvals.decide(taken)).rejects.toThrow(StorageUnavailable);
      await expectUntouched(it.store);
    });
  });

  test('of twenty decisions at once, one is made', async () => {
    await using it = await openFrozen(open);
    const { approvals, executions } = it.store;
    const decisions = Array.from({ length: 20 }, (_, i) =>
      decisionOf({
        approval: decided(PENDING, { decidedBy: `key_${i}` }),
        move: move(FROZEN, i % 2 === 0 ? 'accepted' : 'rejected', { token: `t${i}` }),
        messages: [message(`msg_${i}`)],
      }),
    );
    const results = await Promise.all(decisions.map((decision) => approvals.decide(decision)));
    const winner = results.findIndex((result) => result.kind === 'moved');
    expect(results.filter((result) => result.kind === 'moved')).toHaveLength(1);
    expect(await approvals.find('acme', 'appr_1')).toMatchObject({ decidedBy: `key_${winner}`, version: 2 });
    expect(await executions.find('acme', 'exec_1')).toMatchObject({ token: `t${winner}`, seq: 1 });
    expect(await messagesOf(it.store)).toEqual([`msg_${winner}`]);
  });
}

/** Which side of its end an approval is on is told by the clock of the store, whatever the gateway believes. */
function describeTimelyDecisions(open: OpenStore): void {
  const far = (ms: number) => approval({ id: 'appr_1', expiresAt: (Date.now() + ms) as EpochMs });
  const sheet = [
    { when: 'in_time', expires: 'later', expected: 'moved' },
    { when: 'in_time', expires: 'before', expected: 'untimely' },
    { when: 'overdue', expires: 'later', expected: 'untimely' },
    { when: 'overdue', expires: 'before', expected: 'moved' },
    { when: undefined, expires: 'before', expected: 'moved' },
  ] as const;

  describe('a decision that has its time', () => {
    test.each(sheet)('$when, and it expires $expires: $expected', async ({ when, expires, expected }) => {
      await using it = await open();
      const pending = far(expires === 'later' ? 1e12 : -1e12);
      await it.store.approvals.freeze(FROZEN, pending, []);
      const decision = decisionOf({ approval: decided(pending), messages: [message('msg_1')] });
      const result = await it.store.approvals.decide(when === undefined ? decision : { ...decision, when });
      expect(result).toEqual({ kind: expected });
      if (expected === 'moved') return;
      expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(pending);
      expect(await it.store.executions.find('acme', 'exec_1')).toEqual(FROZEN);
      expect(await messagesOf(it.store)).toEqual([]);
    });

    test('what somebody else has decided is lost, not untimely', async () => {
      await using it = await open();
      const pending = far(-1e12);
      await it.store.approvals.freeze(FROZEN, pending, []);
      await it.store.approvals.decide(decisionOf({ approval: decided(pending) }));
      const late = { ...decisionOf({ approval: decided(pending) }), when: 'in_time' } as const;
      expect(await it.store.approvals.decide(late)).toEqual({ kind: 'lost' });
    });
  });
}

async function openFrozen(open: OpenStore) {
  const it = await open();
  await it.store.approvals.freeze(FROZEN, PENDING, []);
  return it;
}

/** Approves, and lets the execution go on. */
function decisionOf(fields: Partial<ApprovalMove>): ApprovalMove {
  return {
    approval: decided(PENDING),
    move: move(FROZEN as ExecutionRecord, 'accepted', { finishedAt: null }),
    fresh: null,
    messages: [],
    ...fields,
  };
}

async function expectUntouched(store: Store): Promise<void> {
  expect(await store.approvals.find('acme', 'appr_1')).toEqual(PENDING);
  expect(await store.approvals.find('acme', 'appr_2')).toBeNull();
  expect(await store.executions.find('acme', 'exec_1')).toEqual(FROZEN);
  expect(await messagesOf(store)).toEqual([]);
}

async function messagesOf({ outbox }: Store): Promise<readonly string[]> {
  return (await outbox.take(50, 1)).map((taken) => taken.message.id);
}
