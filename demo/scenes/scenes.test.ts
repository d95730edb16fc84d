import { describe, expect, it } from 'vitest';
import { answer, broken, entries, sceneOf, type FactsCell } from '../testing/scene-facts.ts';
import type { SceneFacts } from '../types.ts';
import { createScenes } from './index.mjs';

describe('timeout', () => {
  const requests = (rate: number, history: number) => [
    ...entries('request', 'exchange_rate', rate),
    ...entries('request', 'rate_history', history),
  ];
  const answers = (rate: 'completed' | 'failed') => [
    answer(200, { status: rate }),
    answer(502, { status: 'failed' }),
  ];
  const cells: {
    cell: string;
    failFirst: number;
    facts: Partial<SceneFacts>;
    expected: string[];
    why: string;
  }[] = [
    {
      cell: 'recovered',
      failFirst: 2,
      facts: { naive: requests(3, 8), invoke: requests(3, 3), answers: answers('completed') },
      expected: [],
      why: 'two failures, two retries',
    },
    {
      cell: 'given up',
      failFirst: 5,
      facts: { naive: requests(6, 8), invoke: requests(3, 3), answers: answers('failed') },
      expected: [],
      why: 'more failures than retries: n + 1 attempts and no more',
    },
    {
      cell: 'one attempt too many',
      failFirst: 5,
      facts: { naive: requests(6, 8), invoke: requests(4, 3), answers: answers('failed') },
      expected: ['the flaky tool is given up after exactly 3 attempts'],
      why: 'bounded means counted',
    },
    {
      cell: 'an outage hammered',
      failFirst: 2,
      facts: { naive: requests(3, 8), invoke: requests(3, 4), answers: answers('completed') },
      expected: ['the dead tool is given up after exactly 3 attempts'],
      why: 'as above, for the tool that is down',
    },
    {
      cell: 'not recovered',
      failFirst: 2,
      facts: { naive: requests(3, 8), invoke: requests(3, 3), answers: answers('failed') },
      expected: ['the flaky tool is recovered in 3 attempts'],
      why: 'the agent has to get its answer',
    },
  ];
  it.each(cells)('$cell: $why', ({ failFirst, facts, expected }) => {
    expect(broken(sceneOf('timeout', failFirst), facts)).toEqual(expected);
  });
});

describe('payment', () => {
  const charged = (n: number) => entries('charge', 'pay_42', n);
  const reconciled = [answer(200, { status: 'outcome_reconciled' })];
  const cells: readonly FactsCell[] = [
    {
      cell: 'as claimed',
      facts: { naive: charged(2), invoke: charged(1), answers: reconciled },
      expected: [],
      why: 'one charge',
    },
    {
      cell: 'charged twice',
      facts: { naive: charged(2), invoke: charged(2), answers: reconciled },
      expected: ['through Invoke the customer is charged once'],
      why: "the ledger counts, whatever the gateway's word",
    },
    {
      cell: 'never charged',
      facts: { naive: charged(2), invoke: [], answers: reconciled },
      expected: ['through Invoke the customer is charged once'],
      why: 'doing nothing is no way to pass',
    },
    {
      cell: 'not told',
      facts: { naive: charged(2), invoke: charged(1), answers: [answer(504, { status: 'unknown' })] },
      expected: ['the agent learns that the payment went through'],
      why: 'an agent that is left in doubt charges again',
    },
    {
      cell: 'no story',
      facts: { naive: charged(1), invoke: charged(1), answers: reconciled },
      expected: ['without Invoke the customer is charged twice'],
      why: 'a demo whose naive side does no harm shows nothing',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('payment'), facts)).toEqual(expected);
  });
});

describe('wrong-entity', () => {
  const updated = (subject: string) => entries('crm_update', subject, 1);
  const answers = [answer(409, { code: 'entity_mismatch' }), answer(200, { status: 'completed' })];
  const cells: readonly FactsCell[] = [
    {
      cell: 'as claimed',
      facts: { naive: updated('cust_999'), invoke: updated('cust_123'), answers },
      expected: [],
      why: 'refused, then corrected',
    },
    {
      cell: 'touched',
      facts: {
        naive: updated('cust_999'),
        invoke: [...updated('cust_999'), ...updated('cust_123')],
        answers,
      },
      expected: ['through Invoke the wrong call is refused and the record is not touched'],
      why: 'a refusal after the fact is none',
    },
    {
      cell: 'refuses everything',
      facts: { naive: updated('cust_999'), invoke: [], answers: [answers[0]!, answers[0]!] },
      expected: ['the corrected call goes through, once'],
      why: 'a gateway that blocks all is no use',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('wrong-entity'), facts)).toEqual(expected);
  });
});

describe('duplicate', () => {
  const issues = (n: number) => entries('issue_created', 'ISS-101', n);
  const first = answer(200, { status: 'completed' }, '{"result":{"issue_id":"ISS-101"},"trace_id":"t"}');
  const replay = answer(
    200,
    { replayed: true },
    '{"result":{"issue_id":"ISS-101"},"replayed":true,"trace_id":"t"}',
  );
  const other = answer(
    200,
    { replayed: true },
    '{"result":{"issue_id":"ISS-102"},"replayed":true,"trace_id":"t"}',
  );
  const cells: readonly FactsCell[] = [
    {
      cell: 'as claimed',
      facts: { naive: issues(2), invoke: issues(1), answers: [first, replay] },
      expected: [],
      why: 'replayed',
    },
    {
      cell: 'second issue',
      facts: { naive: issues(2), invoke: issues(2), answers: [first, replay] },
      expected: ['through Invoke there is one issue'],
      why: 'the mark alone proves nothing',
    },
    {
      cell: 'another answer',
      facts: { naive: issues(2), invoke: issues(1), answers: [first, other] },
      expected: ['the second answer is the first one byte for byte, but for the mark'],
      why: 'a recorded answer never changes',
    },
    {
      cell: 'no mark',
      facts: { naive: issues(2), invoke: issues(1), answers: [first, first] },
      expected: ['the mark says that it is a replay'],
      why: 'the agent is told that nothing new has happened',
    },
  ];
  it.each(cells)('$cell: $why', ({ facts, expected }) => {
    expect(broken(sceneOf('duplicate'), facts)).toEqual(expected);
  });
});

it('has the six failures of the demo in their order, and kills the gateway last', () => {
  expect(createScenes({ failFirst: 2 }).map((s) => s.id)).toEqual([
    'timeout',
    'payment',
    'wrong-entity',
    'duplicate',
    'stale-approval',
    'webhook',
    'kill',
  ]);
});
