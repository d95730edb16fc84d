import { describe, expect, it } from 'vitest';
import { answer, broken, entries, sceneOf, type FactsCell } from '../testing/scene-facts.ts';
import type { SceneFacts } from '../types.ts';

describe('webhook', () => {
  const takenBack = entries('charge_returned', 'pay_88', 1);
  const shipped = entries('order_shipped', 'ord_9', 1);
  const field = { field: 'payment_status', assumed: 'paid', drifted: true, holds: false } as const;
  const charged = answer(200, { status: 'completed', execution_id: 'exec_1' });
  const verified = (current: string) =>
    answer(200, {
      status: 'replan_required',
      fields: [{ ...field, current, verdict: 'changed' }],
    });
  const event = (status: 'replan_required' | 'ignored', execution_id = 'exec_1') =>
    answer(200, { status, execution_id });
  const executions = (final_outcome: string) => [{ final_outcome }] as unknown as SceneFacts['executions'];
  const asClaimed = {
    naive: [...takenBack, ...shipped],
    invoke: takenBack,
    answers: [charged, verified('returned'), event('replan_required')],
    executions: executions('completed'),
  };
  const cells: readonly FactsCell[] = [
    { cell: 'as claimed', facts: {}, expected: [], why: 'verified, and not shipped' },
    {
      cell: 'shipped',
      facts: { invoke: [...takenBack, ...shipped] },
      expected: ['through Invoke it does not ship'],
      why: 'an order that is on its way cannot be planned again',
    },
    {
      cell: 'no story',
      facts: { naive: shipped },
      expected: ['without Invoke an order ships whose payment was taken back'],
      why: 'an order that is paid for may ship',
    },
    {
      cell: 'nothing was wrong',
      facts: { invoke: [] },
      expected: ['through Invoke it does not ship'],
      why: 'without the same fault there is nothing to compare',
    },
    {
      cell: 'refuses blindly',
      facts: { answers: [charged, verified('paid'), event('replan_required')] },
      expected: ['the agent is told to plan again, and which field has changed'],
      why: 'the answer has to come from live state',
    },
    {
      cell: 'event ignored',
      facts: { answers: [charged, verified('returned'), event('ignored')] },
      expected: ['a signed event against the record is replan_required, too'],
      why: 'a contradiction that nobody hears of is lost',
    },
    {
      cell: 'another execution',
      facts: { answers: [charged, verified('returned'), event('replan_required', 'exec_2')] },
      expected: ['a signed event against the record is replan_required, too'],
      why: 'the event is about that charge',
    },
    {
      cell: 'rewritten',
      facts: { executions: executions('failed') },
      expected: ['what was recorded stays as it was'],
      why: 'recorded answers never change',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('webhook'), { ...asClaimed, ...facts })).toEqual(expected);
  });
});
