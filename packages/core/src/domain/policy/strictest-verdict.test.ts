import { expect, test } from 'vitest';
import type { PolicyVerdict, RuleHit } from './policy-verdict.js';
import { strictestVerdict } from './strictest-verdict.js';

const hit = (rule: string) => ({ rule }) as RuleHit;
const ALLOW: PolicyVerdict = { kind: 'allow', hits: [hit('a')] };
const DENY: PolicyVerdict = { kind: 'deny', by: hit('d'), hits: [hit('d')] };
const CONFLICT: PolicyVerdict = { kind: 'conflict', name: 'branch' };
const ask = (rule: string, approvers: number): PolicyVerdict => {
  return { kind: 'require_approval', by: hit(rule), approvers, hits: [hit(rule)] };
};

const CELLS: readonly { cell: string; given: readonly PolicyVerdict[]; expected: object }[] = [
  { cell: 'S1', given: [ALLOW], expected: ALLOW },
  { cell: 'S2', given: [ALLOW, DENY], expected: { kind: 'deny', by: hit('d'), hits: [hit('a'), hit('d')] } },
  { cell: 'S3', given: [CONFLICT, DENY], expected: DENY },
  { cell: 'S4', given: [ask('r', 1), CONFLICT], expected: CONFLICT },
  {
    cell: 'S5',
    given: [ALLOW, ask('r', 1)],
    expected: { kind: 'require_approval', by: hit('r'), approvers: 1 },
  },
  { cell: 'S6', given: [ask('r', 1), ask('s', 3)], expected: { by: hit('r'), approvers: 3 } },
];

test.each(CELLS)('$cell', ({ given, expected }) => {
  expect(strictestVerdict(given)).toMatchObject(expected);
});
