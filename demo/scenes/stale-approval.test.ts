import { describe, expect, it } from 'vitest';
import { answer, broken, entries, sceneOf, type FactsCell } from '../testing/scene-facts.ts';
import type { InvokeBody, LedgerEntry, SceneFacts } from '../types.ts';

describe('stale-approval', () => {
  const reminded = (invoice_status: string): LedgerEntry[] =>
    entries('reminder_sent', 'inv_77', 1).map((e) => ({ ...e, detail: { invoice_status } }));
  const drift = [
    { field: 'invoice_status', frozen: 'overdue', live: 'paid', condition: 'overdue', verdict: 'fails' },
    { field: 'balance', frozen: 125, live: 0, condition: '> 0', verdict: 'fails' },
  ] as const;
  const approval = { digest: 'sha256:1', frozen_state: null };
  const bodies = {
    frozen: { status: 'pending_approval', approval_id: 'appr_1', execution_id: 'exec_1' },
    own: { code: 'self_approval_denied' },
    shown: { approval: { ...approval, id: 'appr_1', status: 'pending', previous_id: null } },
    requeued: { status: 'requeued', next_approval_id: 'appr_2', drift },
    old: { approval: { ...approval, id: 'appr_1', status: 'invalidated', previous_id: null } },
    fresh: {
      approval: {
        ...approval,
        id: 'appr_2',
        status: 'pending',
        previous_id: 'appr_1',
        frozen_state: { invoice_status: 'paid', balance: 0 },
      },
    },
    rejected: { status: 'rejected' },
  } as const satisfies Record<string, InvokeBody>;
  const told = (other: Partial<Record<keyof typeof bodies, InvokeBody>> = {}) =>
    Object.values({ ...bodies, ...other }).map((body) => answer(200, body));
  const executions = (status: string) => [{ status }] as unknown as SceneFacts['executions'];
  const asClaimed = {
    naive: reminded('paid'),
    invoke: [],
    answers: told(),
    executions: executions('rejected'),
  };
  const cells: readonly FactsCell[] = [
    { cell: 'as claimed', facts: {}, expected: [], why: 'requeued, then rejected' },
    {
      cell: 'sent in the end',
      facts: { invoke: reminded('paid') },
      expected: ['through Invoke no reminder is sent'],
      why: "the ledger counts, whatever the gateway's word",
    },
    {
      cell: 'sent at once',
      facts: { invoke: reminded('overdue') },
      expected: ['through Invoke no reminder is sent'],
      why: 'a call that waits for a human is not made before one has said yes',
    },
    {
      cell: 'no story',
      facts: { naive: reminded('overdue') },
      expected: ['without Invoke a customer who has paid is reminded'],
      why: 'a reminder that is due does no harm',
    },
    {
      cell: 'approved by the agent',
      facts: { answers: told({ own: { status: 'executed' } }) },
      expected: ['the call waits for a human, and the agent is none'],
      why: 'an agent that approves its own call has no approval',
    },
    {
      cell: 'no drift',
      facts: { answers: told({ requeued: { ...bodies.requeued, drift: drift.slice(0, 1) } }) },
      expected: ['the yes is requeued, with the drift of each field'],
      why: 'a human has to see what has changed, all of it',
    },
    {
      cell: 'still good',
      facts: { answers: told({ old: bodies.shown }) },
      expected: ['the old approval is spent, the fresh one has live state'],
      why: 'an old approval that stays open can be approved again',
    },
    {
      cell: 'stale again',
      facts: {
        answers: told({
          fresh: {
            approval: {
              ...bodies.fresh.approval,
              frozen_state: { invoice_status: 'overdue', balance: 125 },
            },
          },
        }),
      },
      expected: ['the old approval is spent, the fresh one has live state'],
      why: 'the same old state, asked once more, is no news',
    },
    {
      cell: 'left open',
      facts: { executions: executions('awaiting_approval') },
      expected: ['what the human rejects then is over'],
      why: 'a rejected call must not wait on',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('stale-approval'), { ...asClaimed, ...facts })).toEqual(expected);
  });
});
