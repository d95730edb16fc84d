import type { TraceRecord } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { toFailureReport } from './failure-report.js';

const trace = (trace_id: string, status: string, more: Partial<TraceRecord> = {}): TraceRecord => ({
  trace_id,
  execution_id: null,
  request_id: 'req_1',
  tenant: 'default',
  key_id: 'k',
  agent_id: null,
  tool: 'charge',
  action: null,
  env: null,
  workflow: null,
  status,
  code: null,
  replayed: false,
  entity: null,
  params: {},
  steps: [],
  started_at: 1,
  ended_at: 2,
  ...more,
});

const CELLS = [
  { cell: 'X1', traces: [], expected: [], why: 'nothing happened' },
  {
    cell: 'X2',
    traces: [
      trace('a', 'completed'),
      trace('b', 'outcome_reconciled'),
      trace('c', 'pending_approval'),
      trace('d', 'verified'),
    ],
    expected: [],
    why: 'all is well, or only waits',
  },
  {
    cell: 'X3',
    traces: [
      trace('a', 'failed', { started_at: 9 }),
      trace('b', 'unknown'),
      trace('c', 'needs_review', { started_at: 3 }),
    ],
    expected: ['c', 'b', 'a'],
    why: 'what nobody knows is worse than what failed; then the newest',
  },
  {
    cell: 'X4',
    traces: [trace('a', 'policy_denied', { code: 'policy_denied' }), trace('b', 'blocked')],
    expected: ['b', 'a'],
    why: 'a refused request is the least of it',
  },
  {
    cell: 'X5',
    traces: [trace('a', 'failed', { replayed: true })],
    expected: [],
    why: 'the repeat of a call is not another failure',
  },
];

describe('failures', () => {
  test.each(CELLS)('$cell $why', ({ traces, expected }) => {
    const report = toFailureReport(traces, 10);
    expect(report.failures.map((f) => f.trace_id)).toEqual(expected);
    expect(report.worst?.trace_id ?? null).toBe(expected[0] ?? null);
    expect(report.scanned).toBe(traces.length);
  });

  test('the list is bounded', () => {
    const many = Array.from({ length: 5 }, (_, i) => trace(`t${i}`, 'failed', { started_at: i }));
    expect(toFailureReport(many, 2).failures.map((f) => f.trace_id)).toEqual(['t4', 't3']);
  });
});
