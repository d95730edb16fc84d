import { expect, test } from 'vitest';
import { after, between, durationMs, epochMs } from './time.js';

test('instants and durations add up in milliseconds', () => {
  expect(after(epochMs(1_700_000_000_000), durationMs(1_500))).toBe(1_700_000_001_500);
  expect(between(epochMs(1_700_000_001_500), epochMs(1_700_000_000_000))).toBe(-1_500);
});
