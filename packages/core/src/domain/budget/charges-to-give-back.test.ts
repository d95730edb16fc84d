import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { StoredRequest } from '../execution/execution-record.js';
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
    expect(chargesToGiveBack({ state, request })).toEqual(expected[state] === 'given back' ? CHARGES : []);
  });
});
