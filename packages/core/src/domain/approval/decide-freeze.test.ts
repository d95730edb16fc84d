import type { CallPolicy } from '@invoke/contract';
import { expect, test } from 'vitest';
import type { PolicyVerdict, RuleHit } from '../policy/policy-verdict.js';
import { epochMs } from '../time.js';
import { decideFreeze } from './decide-freeze.js';

const NOW = epochMs(1_700_000_000_000);
const HIT: RuleHit = {
  rule: 'rules[0]',
  source: 'operator',
  effect: 'require_approval',
  reason: 'pushes to main',
  intent: 'push',
  allowedAction: 'git_push',
  approvers: 2,
  priority: 0,
  undecided: null,
};
const ALLOW: PolicyVerdict = { kind: 'allow', hits: [] };
const ASK: PolicyVerdict = { kind: 'require_approval', by: HIT, approvers: 2, hits: [HIT] };

const CELLS: readonly {
  cell: string;
  approvalRequired: boolean;
  policy: CallPolicy | null;
  verdict: PolicyVerdict;
  expected: object | null;
  why: string;
}[] = [
  {
    cell: 'F1',
    approvalRequired: false,
    policy: null,
    verdict: ALLOW,
    expected: null,
    why: 'nobody asks for it',
  },
  {
    cell: 'F2',
    approvalRequired: false,
    policy: null,
    verdict: ASK,
    expected: { reason: 'pushes to main', approversNeeded: 2, expiresAt: 1_700_086_400_000 },
    why: 'a rule asks; a day where nobody says',
  },
  {
    cell: 'F3',
    approvalRequired: true,
    policy: null,
    verdict: ALLOW,
    expected: { reason: 'pay is registered so that a human approves each call', approversNeeded: 1 },
    why: 'the tool is registered so',
  },
  {
    cell: 'F4',
    approvalRequired: false,
    policy: { intent: 'remind', conditions: { a: 1 }, expires_at: '2023-11-14T23:13:20Z' },
    verdict: ALLOW,
    expected: {
      reason: 'remind is only approved while its conditions hold',
      expiresAt: 1_700_003_600_000,
      contract: {
        intent: 'remind',
        condition: null,
        conditions: { a: 1 },
        threshold: 'strict',
        allowedAction: null,
        stateRefetch: null,
      },
    },
    why: 'a contract freezes a call that is harmless otherwise; strict where nobody says',
  },
  {
    cell: 'F5',
    approvalRequired: false,
    policy: { intent: 'remind', condition: 'a == 1', allowed_action: 'send' },
    verdict: ALLOW,
    expected: { contract: { intent: 'remind', condition: 'a == 1', allowedAction: 'send' } },
    why: 'an intent policy does too',
  },
  {
    cell: 'F6',
    approvalRequired: false,
    policy: { rules: [] },
    verdict: ALLOW,
    expected: null,
    why: 'rules alone speak through the verdict',
  },
  {
    cell: 'F7',
    approvalRequired: true,
    policy: { intent: 'own', condition: 'a == 1' },
    verdict: ASK,
    expected: { reason: 'pushes to main', contract: { intent: 'own', allowedAction: 'git_push' } },
    why: "the rule's words and action, the caller's intent",
  },
];

test.each(CELLS)('$cell: $why', ({ approvalRequired, policy, verdict, expected }) => {
  const freeze = decideFreeze({ tools: [{ name: 'pay', approvalRequired }], policy, verdict, now: NOW });
  if (expected === null) expect(freeze).toBeNull();
  else expect(freeze).toMatchObject(expected);
});

test('a fallback that is registered so freezes the whole call, and the reason names it', () => {
  const tools = [
    { name: 'pay', approvalRequired: false },
    { name: 'wire', approvalRequired: true },
  ];
  const freeze = decideFreeze({ tools, policy: null, verdict: ALLOW, now: NOW });
  expect(freeze?.reason).toBe('wire is registered so that a human approves each call');
});
