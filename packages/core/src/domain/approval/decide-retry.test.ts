import { expect, test } from 'vitest';
import { PROCEED, refuse } from '../decision.js';
import type { PolicyVerdict, RuleHit } from '../policy/policy-verdict.js';
import { decideRetry, type Retry, type RetryFacts } from './decide-retry.js';

const by: RuleHit = {
  rule: 'r1',
  source: 'tenant',
  effect: 'deny',
  reason: 'frozen',
  intent: null,
  allowedAction: null,
  approvers: 1,
  priority: 0,
  undecided: null,
};
const deny: PolicyVerdict = { kind: 'deny', by, hits: [by] };
const two: PolicyVerdict = { kind: 'require_approval', by, approvers: 2, hits: [by] };
const facts = (given: Partial<RetryFacts>): RetryFacts => ({
  scope: PROCEED,
  entity: PROCEED,
  unusable: null,
  unread: null,
  verdict: { kind: 'allow', hits: [] },
  contract: PROCEED,
  approvers: 1,
  ...given,
});
const words = (retry: Retry) => (retry.kind === 'refused' ? retry.refusal.code : retry.kind);

const CELLS: readonly { cell: string; given: Partial<RetryFacts>; expected: string; why: string }[] = [
  { cell: 'R1', given: {}, expected: 'attempt', why: 'nothing speaks against it' },
  { cell: 'R2', given: { scope: null }, expected: 'policy_denied', why: 'nobody is left who asks' },
  {
    cell: 'R3',
    given: { scope: refuse('context_denied', 'Not here.') },
    expected: 'policy_denied',
    why: 'it is the key that asked which may not, not that of the reviewer',
  },
  {
    cell: 'R4',
    given: { entity: refuse('entity_quarantined', 'Held.') },
    expected: 'entity_quarantined',
    why: 'another write to it is in doubt',
  },
  { cell: 'R5', given: { verdict: deny }, expected: 'policy_denied', why: 'a rule forbids it now' },
  {
    cell: 'R6',
    given: { verdict: { kind: 'conflict', name: 'amount' } },
    expected: 'context_conflict',
    why: 'no rule can be trusted',
  },
  {
    cell: 'R7',
    given: { unusable: 'm' },
    expected: 'replan_required',
    why: 'it must not look like no policy',
  },
  { cell: 'R8', given: { unread: 'm' }, expected: 'replan_required', why: 'what is not known does not hold' },
  {
    cell: 'R9',
    given: { contract: refuse('replan_required', 'Changed.') },
    expected: 'replan_required',
    why: 'the world has moved on',
  },
  { cell: 'R10', given: { verdict: two }, expected: 'more_approvers', why: 'one of two' },
  { cell: 'R11', given: { verdict: two, approvers: 2 }, expected: 'attempt', why: 'both have said so' },
  {
    cell: 'R12',
    given: { verdict: two, contract: refuse('replan_required', 'Changed.') },
    expected: 'replan_required',
    why: 'nobody votes for what cannot be done',
  },
];

test.each(CELLS)('$cell: $expected, because $why', ({ given, expected }) => {
  expect(words(decideRetry(facts(given)))).toBe(expected);
});

test('a refusal says why, and what can be said instead', () => {
  const retry = decideRetry(facts({ verdict: deny }));
  expect(retry.kind === 'refused' && retry.refusal.message).toBe(
    'This call cannot be tried again: frozen. Nothing was sent; say applied or not_applied.',
  );
});
