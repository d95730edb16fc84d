import { expect, test } from 'vitest';
import { riskiest } from './riskiest.js';

test.each([
  [['low'], 'low'],
  [['low', 'critical'], 'critical'],
  [['high', 'medium'], 'high'],
] as const)('what may reach tools of risk %j is of risk %s', (levels, expected) => {
  expect(riskiest(levels)).toBe(expected);
});
