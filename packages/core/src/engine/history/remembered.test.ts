import { expect, test } from 'vitest';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { createRemembered } from './remembered.js';
import { roughSize } from './rough-size.js';

function record(
  id: string,
  more: { text?: string; seq?: number; resultText?: string } = {},
): ExecutionRecord {
  const { text = '', seq = 1, resultText = null } = more;
  return { id, seq, resultText, request: { params: { text } } } as unknown as ExecutionRecord;
}

test('the last version of each, newest last; the oldest go when there are too many', () => {
  const remembered = createRemembered();
  for (let i = 0; i < 1_005; i += 1) remembered.keep(record(`exec_${i}`));
  remembered.keep(record('exec_10', { seq: 2 }));
  const kept = remembered.executions();
  expect(kept).toHaveLength(1_000);
  expect(kept[0]?.id).toBe('exec_5');
  expect(kept.at(-1)).toMatchObject({ id: 'exec_10', seq: 2 });
  expect(remembered.find('exec_4')).toBeNull();
});

test('large ones push out more: params and results count', () => {
  const remembered = createRemembered();
  const megabyte = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 20; i += 1) remembered.keep(record(`params_${i}`, { text: megabyte }));
  expect(remembered.executions().length).toBeLessThanOrEqual(16);
  for (let i = 0; i < 20; i += 1) remembered.keep(record(`result_${i}`, { resultText: megabyte }));
  const kept = remembered.executions();
  expect(kept.length).toBeLessThanOrEqual(16);
  expect(kept.at(-1)?.id).toBe('result_19');
});

test('a rough size grows with what there is', () => {
  expect(roughSize('x'.repeat(100))).toBeGreaterThan(100);
  expect(roughSize({ a: ['x'.repeat(50), { b: 1 }] })).toBeGreaterThan(50);
  expect(roughSize(null)).toBeLessThan(20);
});
