import type { RiskLevel, ToolClass } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { NO_HISTORY } from './call-history.js';
import { scoreRisk, type RiskFacts } from './score-risk.js';

const tool = (riskLevel: RiskLevel, toolClass: ToolClass, namesEntities = false) => ({
  riskLevel,
  toolClass,
  namesEntities,
});
const safe: RiskFacts = {
  tool: tool('medium', 'A'),
  hasKey: true,
  hasResolution: true,
  approvalRequired: false,
  refused: false,
  history: NO_HISTORY,
};

interface Cell {
  readonly cell: string;
  readonly input: Partial<RiskFacts>;
  readonly expected: readonly [string, number];
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  { cell: 'K1', input: { tool: tool('low', 'R') }, expected: ['low', 3], why: 'a read' },
  { cell: 'K2', input: {}, expected: ['low', 25], why: 'a write whose repeats are harmless' },
  {
    cell: 'K3',
    input: { tool: tool('medium', 'B') },
    expected: ['medium', 30],
    why: 'one that can be looked up',
  },
  { cell: 'K4', input: { tool: tool('medium', 'C') }, expected: ['medium', 40], why: 'one that cannot' },
  { cell: 'K5', input: { hasKey: false }, expected: ['medium', 35], why: 'no idempotency key' },
  {
    cell: 'K6',
    input: { tool: tool('medium', 'A', true), hasResolution: false },
    expected: ['medium', 35],
    why: 'entities that nobody resolved',
  },
  { cell: 'K7', input: { approvalRequired: true }, expected: ['medium', 35], why: 'a human has to look' },
  { cell: 'K8', input: { refused: true }, expected: ['medium', 45], why: 'it would be refused' },
  {
    cell: 'K9',
    input: { history: { seen: 10, completed: 5, failed: 0, unknown: 5 } },
    expected: ['medium', 35],
    why: 'half of such calls are unknown',
  },
  {
    cell: 'K10',
    input: { history: { seen: 10, completed: 0, failed: 10, unknown: 0 } },
    expected: ['medium', 35],
    why: 'all of such calls failed',
  },
  { cell: 'K11', input: { tool: null }, expected: ['high', 60], why: 'nobody knows what it does' },
  { cell: 'K12', input: { tool: null, refused: true }, expected: ['critical', 80], why: 'and it is refused' },
  {
    cell: 'K13',
    input: {
      tool: tool('critical', 'C', true),
      hasKey: false,
      hasResolution: false,
      refused: true,
      history: { seen: 1, completed: 0, failed: 0, unknown: 1 },
    },
    expected: ['critical', 100],
    why: 'never more than 100',
  },
  {
    cell: 'K14',
    input: { tool: tool('medium', 'R'), hasKey: false, hasResolution: false },
    expected: ['low', 10],
    why: 'a read needs neither key nor entity',
  },
];

describe('risk', () => {
  test.each(CELLS)('$cell $why', ({ input, expected }) => {
    const { level, numeric } = scoreRisk({ ...safe, ...input });
    expect([level, numeric]).toEqual(expected);
  });
});
