import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Attempt, StoredRequest } from '../execution/execution-record.js';
import { EMPTY_JOURNAL } from '../execution/journal.js';
import { epochMs } from '../time.js';
import { chargesToGiveBack } from './charges-to-give-back.js';

const CHARGES = [
  {
    tenant: 'default',
    budget: 'b1',
    subject: 'key_1',
    windowStart: epochMs(1_795_392_000_000),
    windowEnd: epochMs(1_795_478_400_000),
    amount: 25,
    maxCalls: null,
    maxAmount: 100,
  },
];

describe('what an execution gives back', () => {
  const expected: Record<ExecutionState, 'given back' | 'kept'> = {
    accepted: 'kept',
    awaiting_approval: 'kept',
    running: 'kept',
    retry_wait: 'kept',
    unknown: 'kept',
    reconciling: 'kept',
    needs_review: 'kept',
    completed: 'kept',
    failed: 'given back',
    blocked: 'given back',
    denied: 'given back',
    rejected: 'given back',
    cancelled: 'given back',
    expired: 'given back',
    replan_required: 'given back',
  };
  test.each(Object.values(EXECUTION_STATE))('%s', (state) => {
    const request = { charges: CHARGES } as unknown as StoredRequest;
    const given = chargesToGiveBack({ state, request, journal: EMPTY_JOURNAL });
    expect(given).toEqual(expected[state] === 'given back' ? CHARGES : []);
  });
});

describe('what one that took effect gives back of what was taken for either of its tools', () => {
  const CASES: readonly {
    case: string;
    attempts: readonly (readonly [Attempt['role'], Attempt['state']])[];
    expected: readonly string[];
  }[] = [
    { case: 'the tool did it', attempts: [['primary', 'ok']], expected: ['fallback'] },
    {
      case: 'its retry did it',
      attempts: [
        ['primary', 'rejected'],
        ['retry', 'confirmed_applied'],
      ],
      expected: ['fallback'],
    },
    {
      case: 'the fallback did it',
      attempts: [
        ['primary', 'not_sent'],
        ['retry', 'confirmed_absent'],
        ['fallback', 'ok'],
      ],
      expected: ['primary'],
    },
    {
      case: 'the fallback did it, and of the tool nobody knows',
      attempts: [
        ['primary', 'unresolved'],
        ['fallback', 'ok'],
      ],
      expected: [],
    },
  ];
  test.each(CASES)('$case', ({ attempts, expected }) => {
    const charges = [undefined, 'primary', 'fallback'].map((only) => ({ ...CHARGES[0], only }));
    const request = { charges } as unknown as StoredRequest;
    const journal = {
      ...EMPTY_JOURNAL,
      attempts: attempts.map(([role, state]) => ({ role, state }) as Attempt),
    };
    const given = chargesToGiveBack({ state: EXECUTION_STATE.completed, request, journal });
    expect(given.map(({ only }) => only)).toEqual(expected);
  });
});
