import type { AttemptState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../execution/execution-record.js';
import { isDisproved } from './is-disproved.js';

const attempts = (...list: [tool: string, state: AttemptState][]) => ({
  attempts: list.map(([tool, state], i) => ({ n: i + 1, tool, state }) as Attempt),
});

describe('a late "done" about the first attempt', () => {
  test.each([
    {
      cell: 'D1',
      list: [['pay', 'confirmed_absent']],
      honoursKey: false,
      expected: true,
      why: 'it was denied',
    },
    {
      cell: 'D2',
      list: [['pay', 'confirmed_applied']],
      honoursKey: false,
      expected: false,
      why: 'it was known',
    },
    {
      cell: 'D3',
      list: [['pay', 'unknown']],
      honoursKey: false,
      expected: false,
      why: 'nothing was decided',
    },
    {
      cell: 'D4',
      list: [
        ['pay', 'confirmed_absent'],
        ['pay', 'ok'],
      ],
      honoursKey: false,
      expected: true,
      why: 'it was done twice',
    },
    {
      cell: 'D5',
      list: [
        ['pay', 'confirmed_absent'],
        ['pay', 'ok'],
      ],
      honoursKey: true,
      expected: false,
      why: 'both were one, by the same key',
    },
    {
      cell: 'D6',
      list: [
        ['pay', 'confirmed_absent'],
        ['fallback', 'ok'],
      ],
      honoursKey: true,
      expected: true,
      why: 'a fallback has a key of its own',
    },
    { cell: 'D7', list: [], honoursKey: false, expected: false, why: 'nothing is recorded of it' },
  ] as const)('$cell $why', ({ list, honoursKey, expected }) => {
    expect(
      isDisproved(attempts(...list.map(([t, s]) => [t, s] as [string, AttemptState])), { n: 1, honoursKey }),
    ).toBe(expected);
  });
});
