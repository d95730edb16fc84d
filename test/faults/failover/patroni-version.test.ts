import { expect, test } from 'vitest';
import { takesLeadBack } from './patroni-version.js';

test.each([
  { version: '3.0.2', expected: true },
  { version: '2.1.7', expected: true },
  { version: '3.0', expected: true },
  { version: '3.0.3', expected: false },
  { version: '3.0.10', expected: false },
  { version: '3.1.0', expected: false },
  { version: '4.0.2', expected: false },
])('whether Patroni $version takes the lead back: $expected', ({ version, expected }) => {
  expect(takesLeadBack(version)).toBe(expected);
});
