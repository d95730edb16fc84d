import { expect, test } from 'vitest';
import { longestOutage } from './outages.js';

test.each([
  {
    cell: 'the longest of several',
    times: [0, 10, 40, 50],
    from: 0,
    to: 100,
    expected: { ms: 30, endedAt: 40 },
  },
  { cell: 'begun before the kill', times: [8, 30], from: 10, to: 100, expected: { ms: 22, endedAt: 30 } },
  {
    cell: 'over before the kill',
    times: [0, 9, 11, 12],
    from: 10,
    to: 100,
    expected: { ms: 2, endedAt: 11 },
  },
  {
    cell: 'that of the next kill',
    times: [10, 12, 99, 200],
    from: 10,
    to: 100,
    expected: { ms: 87, endedAt: 99 },
  },
  {
    cell: 'not over before the next kill',
    times: [8, 150],
    from: 10,
    to: 100,
    expected: { ms: 142, endedAt: 150 },
  },
  { cell: 'nothing worked afterwards', times: [1, 2], from: 10, to: 100, expected: null },
])('longest outage: $cell', ({ times, from, to, expected }) => {
  expect(longestOutage(times, from, to)).toEqual(expected);
});
