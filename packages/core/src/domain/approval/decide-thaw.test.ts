import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROCEED, refuse } from '../decision.js';
import type { PolicyVerdict } from '../policy/policy-verdict.js';
import { NEVER } from '../time.js';
import type { ApprovalRecord, FrozenContract } from './approval-record.js';
import { decideThaw, type Thaw, type ThawFacts } from './decide-thaw.js';

const CONTRACT: FrozenContract = {
  intent: null,
  condition: null,
  conditions: null,
  threshold: 'strict',
  allowedAction: null,
  stateRefetch: null,
};
const approval = (contract: Partial<FrozenContract> = {}) =>
  ({
    tool: 'pay',
    expiresAt: NEVER,
    checkpoint: { toolVersion: 'v1', contract: { ...CONTRACT, ...contract } },
  }) as ApprovalRecord;
const withFallback = (version: string): ApprovalRecord => {
  const { checkpoint, ...rest } = approval();
  return { ...rest, checkpoint: { ...checkpoint, fallback: { tool: 'wire', version } } };
};
const HIT = { reason: 'no pushes on Fridays', approvers: 1 };
const DENY = { kind: 'deny', by: HIT, hits: [] } as unknown as PolicyVerdict;
const ask = (approvers: number) =>
  ({ kind: 'require_approval', by: HIT, approvers, hits: [] }) as unknown as PolicyVerdict;
const drift = (verdict: 'unchanged' | 'changed' | 'fails') =>
  [{ field: 'x', condition: 1, frozen: 1, live: 2, verdict }] as ThawFacts['drift'];

const facts = (more: Partial<ThawFacts> = {}): ThawFacts => ({
  approval: approval(),
  actions: ['push'],
  toolVersion: 'v1',
  fallback: null,
  scope: PROCEED,
  entity: PROCEED,
  verdict: { kind: 'allow', hits: [] },
  unread: null,
  condition: null,
  drift: [],
  approvers: 1,
  ...more,
});
const words = (thaw: Thaw) => (thaw.kind === 'cancel' ? `cancel ${thaw.because}` : thaw.kind);

const CELLS: readonly { cell: string; given: Partial<ThawFacts>; expected: string; why: string }[] = [
  { cell: 'T1', given: {}, expected: 'execute', why: 'all is as it was' },
  { cell: 'T2', given: { scope: null }, expected: 'cancel denied', why: 'the key is gone' },
  {
    cell: 'T3',
    given: { scope: refuse('context_denied', 'no') },
    expected: 'cancel denied',
    why: 'the key has lost the right',
  },
  { cell: 'T4', given: { toolVersion: 'v2' }, expected: 'replan', why: 'another tool than the human saw' },
  {
    cell: 'T5',
    given: { entity: refuse('entity_mismatch', 'no') },
    expected: 'block',
    why: 'another entity',
  },
  { cell: 'T6', given: { verdict: DENY }, expected: 'cancel denied', why: 'rules may have become stricter' },
  {
    cell: 'T7',
    given: { verdict: { kind: 'conflict', name: 'branch' } },
    expected: 'replan',
    why: 'no rule can be trusted',
  },
  {
    cell: 'T8',
    given: { verdict: ask(1) },
    expected: 'execute',
    why: 'this approval is what the rule asks for',
  },
  { cell: 'T9', given: { verdict: ask(2) }, expected: 'more_approvers', why: 'the rule asks for two by now' },
  { cell: 'T10', given: { verdict: ask(2), approvers: 2 }, expected: 'execute', why: 'there are two' },
  {
    cell: 'T11',
    given: { approval: approval({ allowedAction: 'fetch' }) },
    expected: 'cancel cancelled',
    why: 'the human permitted another action',
  },
  {
    cell: 'T12',
    given: { approval: approval({ allowedAction: 'push' }) },
    expected: 'execute',
    why: 'the permitted one',
  },
  {
    cell: 'T13',
    given: { unread: 'no answer' },
    expected: 'replan',
    why: 'what cannot be read cannot be relied on',
  },
  { cell: 'T14', given: { condition: { kind: 'true' } }, expected: 'execute', why: 'the condition holds' },
  { cell: 'T15', given: { condition: { kind: 'false' } }, expected: 'replan', why: 'it does not' },
  {
    cell: 'T16',
    given: { condition: { kind: 'unknown', why: 'x is missing' } },
    expected: 'replan',
    why: 'nobody can tell',
  },
  { cell: 'T17', given: { drift: drift('unchanged') }, expected: 'execute', why: 'what the human saw' },
  { cell: 'T18', given: { drift: drift('changed') }, expected: 'requeue', why: 'not what the human saw' },
  {
    cell: 'T19',
    given: { drift: drift('fails') },
    expected: 'requeue',
    why: 'the human decides on the new state',
  },
  {
    cell: 'T20',
    given: { verdict: DENY, drift: drift('changed') },
    expected: 'cancel denied',
    why: 'the most restrictive first',
  },
  {
    cell: 'T21',
    given: { approval: withFallback('w1'), fallback: { tool: 'wire', version: 'w1' } },
    expected: 'execute',
    why: 'the fallback that the human saw',
  },
  {
    cell: 'T22',
    given: { approval: withFallback('w1'), fallback: { tool: 'wire', version: 'w2' } },
    expected: 'replan',
    why: 'another fallback than the human saw',
  },
  {
    cell: 'T23',
    given: { approval: withFallback('w1'), fallback: { tool: 'wire', version: null } },
    expected: 'replan',
    why: 'the fallback is gone',
  },
  {
    cell: 'T24',
    given: { fallback: { tool: 'wire', version: 'w2' } },
    expected: 'replan',
    why: 'nobody was shown the fallback',
  },
  {
    cell: 'T25',
    given: { approval: approval({ allowedAction: 'push' }), actions: ['push', 'wire'] },
    expected: 'cancel cancelled',
    why: 'the human permitted what the tool does, not what the fallback does',
  },
];

test.each(CELLS)('$cell: $why', ({ given, expected }) => {
  expect(words(decideThaw(facts(given)))).toBe(expected);
});

test('nothing that is wrong is ever made good by something else', () => {
  const wrong = CELLS.filter((c) => c.expected !== 'execute').map((c) => c.given);
  fc.assert(
    fc.property(fc.subarray(wrong, { minLength: 1 }), (chosen) => {
      const all = Object.assign({}, ...chosen) as Partial<ThawFacts>;
      // Two cells may set the same fact to different wrong values; the last one counts, and is wrong too (with whatever
      // the others set: T23 names the version that was shown, so T24 must not be the one that is there).
      expect(decideThaw(facts(all)).kind).not.toBe('execute');
    }),
  );
});
