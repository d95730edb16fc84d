import { expect, test } from 'vitest';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { epochMs } from '../domain/time.js';
import { createSettledExecutions } from './settled-executions.js';

const record = (more: Partial<ExecutionRecord>) =>
  ({ id: 'e', state: 'completed', resultText: '{}', finishedAt: epochMs(1_000), ...more }) as ExecutionRecord;

test('a terminal execution is found until its record may be pruned', () => {
  const settled = createSettledExecutions(500);
  settled.keep('k', record({}));
  expect(settled.find('k', epochMs(1_499))?.id).toBe('e');
  expect(settled.find('k', epochMs(1_500))).toBeNull();
  expect(settled.find('k', epochMs(1_400))).toBeNull();
});

test.each([
  'accepted',
  'awaiting_approval',
  'running',
  'retry_wait',
  'unknown',
  'reconciling',
  'needs_review',
] as const)('%s is never kept: it will change', (state) => {
  const settled = createSettledExecutions(500);
  settled.keep('k', record({ state, finishedAt: null }));
  expect(settled.find('k', epochMs(1_000))).toBeNull();
});

test('long results are not kept, and at most a thousand are', () => {
  const settled = createSettledExecutions(500);
  settled.keep('long', record({ resultText: 'x'.repeat(16_385) }));
  expect(settled.find('long', epochMs(1_000))).toBeNull();
  for (let i = 0; i < 1_001; i++) settled.keep(`k${i}`, record({ id: `e${i}` }));
  expect([settled.find('k0', epochMs(1_000)), settled.find('k1000', epochMs(1_000))?.id]).toEqual([
    null,
    'e1000',
  ]);
});
