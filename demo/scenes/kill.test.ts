import { describe, expect, it } from 'vitest';
import { answer, broken, entries, sceneOf, type FactsCell } from '../testing/scene-facts.ts';
import type { SceneFacts } from '../types.ts';

describe('kill', () => {
  const charged = (n: number) => entries('charge', 'pay_77', n);
  const taken = {
    trace: [{ step: 'taken_over', status: 'noted', at: 0 }],
    lookups: [{ verdict: 'applied' }],
  };
  const executions = (of: object[]) => of as unknown as SceneFacts['executions'];
  const reconciled = [answer(200, { status: 'outcome_reconciled' })];
  const asClaimed = {
    naive: charged(2),
    invoke: charged(1),
    answers: reconciled,
    executions: executions([taken]),
  };
  const cells: readonly FactsCell[] = [
    { cell: 'as claimed', facts: {}, expected: [], why: 'one charge, and a story that can be read' },
    {
      cell: 'charged again',
      facts: { invoke: charged(2) },
      expected: ['through Invoke the customer is charged once'],
      why: 'a restart is no reason to charge',
    },
    {
      cell: 'not told',
      facts: { answers: [answer(200, { status: 'failed' })] },
      expected: ['the agent learns that the payment went through'],
      why: 'an agent that hears of a failure charges again',
    },
    {
      cell: 'forgotten',
      facts: { executions: executions([{ trace: [], lookups: [] }]) },
      expected: ['the execution tells that it was taken over and looked up'],
      why: 'somebody will ask what happened',
    },
    {
      cell: 'a second execution',
      facts: { executions: executions([taken, taken]) },
      expected: ['the execution tells that it was taken over and looked up'],
      why: 'a key names one execution, also across a restart',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('kill'), { ...asClaimed, ...facts })).toEqual(expected);
  });
});
