import type { ExecutionState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Attempt, Journal } from '../execution/execution-record.js';
import { epochMs } from '../time.js';
import { decideKept } from './decide-kept.js';

function attempt(n: number, tool: string): Attempt {
  return {
    n,
    role: tool === 'fallback' ? 'fallback' : 'primary',
    tool,
    toolVersion: 'v1',
    downstreamKey: `key of ${tool}`,
    state: 'unknown',
    certainty: 'unknown',
    reason: null,
    startedAt: epochMs(n * 1_000),
    sendBy: epochMs(n * 1_000 + 500),
    endedAt: null,
  };
}

function journal(...tools: readonly string[]): Journal {
  return { attempts: tools.map((tool, i) => attempt(i + 1, tool)), lookups: [], steps: [] };
}

const CELLS = [
  {
    cell: 'K1',
    tools: ['pay'],
    event: { tool: 'pay', verdict: 'not_applied' },
    expected: { kind: 'settle', as: 'not_applied' },
    why: 'it is about the only request there was',
  },
  {
    cell: 'K2',
    tools: ['pay', 'fallback'],
    event: { tool: 'pay', verdict: 'not_applied' },
    expected: { kind: 'confirm' },
    why: 'that the first tool did nothing is known, and says nothing of the fallback',
  },
  {
    cell: 'K3',
    tools: ['pay', 'fallback'],
    event: { tool: 'fallback', verdict: 'not_applied' },
    expected: { kind: 'settle', as: 'not_applied' },
    why: 'it is about the fallback',
  },
  {
    cell: 'K4',
    tools: ['pay', 'fallback'],
    event: { tool: 'fallback', verdict: 'applied' },
    expected: { kind: 'settle', as: 'applied' },
    why: 'it is about the fallback',
  },
  {
    cell: 'K5',
    tools: ['pay', 'fallback'],
    event: { tool: null, verdict: 'not_applied' },
    expected: { kind: 'confirm' },
    why: 'kept by a version that did not write down the tool: then it never ends a fallback',
  },
] as const;

describe('what a kept event comes to', () => {
  test.each(CELLS)('$cell $why', ({ tools, event, expected }) => {
    const state: ExecutionState = 'unknown';
    expect(decideKept(event, { tool: 'pay', state, journal: journal(...tools) })).toEqual(expected);
  });
});
