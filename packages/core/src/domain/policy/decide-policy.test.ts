import type { Effect, PolicyRule } from '@invoke/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExpressionLanguage } from '../../engine/expression/cel-language.js';
import { aTool } from '../test-tools.js';
import { epochMs } from '../time.js';
import { compileRules, Mistakes } from './compile-policy.js';
import type { CompiledRule } from './compiled-policy.js';
import { decidePolicy } from './decide-policy.js';
import type { PolicyFacts, PolicyVerdict, RuleSource } from './policy-verdict.js';
import { indexRules } from './rule-index.js';
import { toPolicyFacts, type JudgedCall } from './to-policy-facts.js';

const language = createExpressionLanguage();

function facts(call: Partial<JudgedCall> = {}): PolicyFacts {
  return toPolicyFacts({
    tool: aTool({ name: 'git.push' }, { riskLevel: 'high' }),
    action: 'git_push',
    agentId: 'dev_agent_v1',
    workflow: null,
    env: 'prod',
    intent: null,
    params: { branch: 'main', amount: 5 },
    executionState: null,
    entityResolution: null,
    state: null,
    frozen: null,
    now: epochMs(1_795_428_000_000),
    ...call,
  });
}

type Written = Partial<PolicyRule> & Pick<PolicyRule, 'when' | 'effect'>;

function compile(rules: readonly Written[], source: RuleSource = 'tenant'): readonly CompiledRule[] {
  const mistakes = new Mistakes(language);
  const compiled = compileRules(
    rules.map((rule) => ({ priority: 0, ...rule })),
    source,
    mistakes,
  );
  expect(mistakes.found).toEqual([]);
  return compiled;
}

const TRUE = 'action == git_push';
const FALSE = 'action == send_mail';
const UNKNOWN = 'params.gone > 5';
const CONFLICT = 'branch == main';
const CONFLICTING = { executionState: { variables: { branch: 'dev' } } };

const SINGLE: readonly {
  cell: string;
  source: RuleSource;
  effect: Effect;
  when: string;
  expected: PolicyVerdict['kind'];
  undecided?: string;
  why: string;
}[] = [
  { cell: 'deny, true', source: 'operator', effect: 'deny', when: TRUE, expected: 'deny', why: 'it applies' },
  {
    cell: 'deny, false',
    source: 'operator',
    effect: 'deny',
    when: FALSE,
    expected: 'allow',
    why: 'it does not',
  },
  {
    cell: 'deny, unknown',
    source: 'operator',
    effect: 'deny',
    when: UNKNOWN,
    expected: 'deny',
    undecided: 'params.gone is missing',
    why: 'fails closed',
  },
  {
    cell: 'deny, conflict',
    source: 'operator',
    effect: 'deny',
    when: CONFLICT,
    expected: 'conflict',
    why: 'no rule can be trusted',
  },
  {
    cell: 'ask, true',
    source: 'operator',
    effect: 'require_approval',
    when: TRUE,
    expected: 'require_approval',
    why: 'it applies',
  },
  {
    cell: 'ask, false',
    source: 'operator',
    effect: 'require_approval',
    when: FALSE,
    expected: 'allow',
    why: 'it does not',
  },
  {
    cell: 'ask, unknown',
    source: 'operator',
    effect: 'require_approval',
    when: UNKNOWN,
    expected: 'require_approval',
    undecided: 'params.gone is missing',
    why: 'fails closed',
  },
  {
    cell: 'ask, conflict',
    source: 'operator',
    effect: 'require_approval',
    when: CONFLICT,
    expected: 'conflict',
    why: 'no rule can be trusted',
  },
  {
    cell: 'allow, true',
    source: 'operator',
    effect: 'allow',
    when: TRUE,
    expected: 'allow',
    why: 'it applies',
  },
  {
    cell: 'allow, false',
    source: 'operator',
    effect: 'allow',
    when: FALSE,
    expected: 'allow',
    why: 'no rule has a say',
  },
  {
    cell: 'allow, unknown',
    source: 'operator',
    effect: 'allow',
    when: UNKNOWN,
    expected: 'allow',
    why: 'it allows nothing, but forbids nothing either',
  },
  {
    cell: 'allow, conflict',
    source: 'operator',
    effect: 'allow',
    when: CONFLICT,
    expected: 'conflict',
    why: 'no rule can be trusted',
  },
  {
    cell: "a tenant's deny",
    source: 'tenant',
    effect: 'deny',
    when: TRUE,
    expected: 'deny',
    why: 'all sources restrict',
  },
  {
    cell: "a call's deny",
    source: 'call',
    effect: 'deny',
    when: TRUE,
    expected: 'deny',
    why: 'all sources restrict',
  },
  {
    cell: "a call's ask, unknown",
    source: 'call',
    effect: 'require_approval',
    when: UNKNOWN,
    expected: 'require_approval',
    undecided: 'params.gone is missing',
    why: 'fails closed',
  },
  {
    cell: "a call's allow, conflict",
    source: 'call',
    effect: 'allow',
    when: CONFLICT,
    expected: 'allow',
    why: 'it is without effect',
  },
];

test.each(SINGLE)('$cell: $expected, $why', ({ source, effect, when, expected, undecided }) => {
  const verdict = decidePolicy(compile([{ id: 'r', when, effect }], source), facts(CONFLICTING));
  expect(verdict.kind).toBe(expected);
  if (verdict.kind === 'deny' || verdict.kind === 'require_approval') {
    expect(verdict.by).toMatchObject({ rule: 'r', source, effect, undecided: undecided ?? null });
  }
});

const PAIRS: readonly {
  cell: string;
  effects: readonly [Effect, Effect];
  expected: PolicyVerdict['kind'];
}[] = [
  { cell: 'deny over allow', effects: ['allow', 'deny'], expected: 'deny' },
  { cell: 'deny over ask', effects: ['require_approval', 'deny'], expected: 'deny' },
  { cell: 'ask over allow', effects: ['allow', 'require_approval'], expected: 'require_approval' },
  { cell: 'allow and allow', effects: ['allow', 'allow'], expected: 'allow' },
];

test.each(PAIRS)(
  '$cell, in both orders, whatever their priorities',
  ({ effects: [weak, strong], expected }) => {
    const rules = compile([
      { when: TRUE, effect: weak, priority: 1_000 },
      { when: TRUE, effect: strong, priority: -1_000 },
    ]);
    expect(decidePolicy(rules, facts()).kind).toBe(expected);
    expect(decidePolicy(rules.toReversed(), facts()).kind).toBe(expected);
  },
);

test('a definite denial is told before a conflict, and a conflict before an approval', () => {
  const [deny, conflict, ask] = compile([
    { when: TRUE, effect: 'deny' },
    { when: CONFLICT, effect: 'require_approval' },
    { when: TRUE, effect: 'require_approval' },
  ]) as [CompiledRule, CompiledRule, CompiledRule];
  expect(decidePolicy([ask, conflict], facts(CONFLICTING))).toEqual({ kind: 'conflict', name: 'branch' });
  expect(decidePolicy([ask, conflict, deny], facts(CONFLICTING)).kind).toBe('deny');
});

test("priority says whose reason is told, then the operator's before the tenant's, then the order", () => {
  const ask = { when: TRUE, effect: 'require_approval' } as const;
  const operator = compile([{ ...ask, id: 'o' }], 'operator');
  const tenant = compile([
    { ...ask, id: 't1' },
    { ...ask, id: 't2' },
    { ...ask, id: 't3', priority: 5 },
  ]);
  const by = (rules: readonly CompiledRule[]) => {
    const verdict = decidePolicy(rules, facts());
    return verdict.kind === 'require_approval' ? verdict.hits.map((h) => h.rule) : verdict.kind;
  };
  expect(by([...tenant, ...operator])).toEqual(['t3', 'o', 't1', 't2']);
  expect(by([...operator, ...tenant].toReversed())).toEqual(['t3', 'o', 't1', 't2']);
});

test('the most approvers that any matching rule asks for; rules that do not ask have no say', () => {
  const rules = compile([
    { when: 'amount > 1', effect: 'require_approval' },
    { when: 'amount > 4', effect: 'require_approval', approvers: 3 },
    { when: 'amount > 100', effect: 'require_approval', approvers: 5 },
    { when: 'amount > 1', effect: 'allow', approvers: 9 },
  ]);
  expect(decidePolicy(rules, facts())).toMatchObject({
    kind: 'require_approval',
    approvers: 3,
    by: { rule: 'rules[0]' },
  });
});

test('no action is not the action of a rule, and a rule on it is false, not unknown', () => {
  const rules = compile([{ when: 'action == git_push', effect: 'deny' }]);
  expect(decidePolicy(rules, facts({ action: null })).kind).toBe('allow');
});

test('the action of the card stands in for one that the caller leaves out', () => {
  const rules = compile([{ when: 'action == git_push', effect: 'deny' }]);
  const tool = aTool({ name: 'git.push', action: 'git_push' });
  expect(decidePolicy(rules, facts({ action: null, tool })).kind).toBe('deny');
});

const STRICTNESS: Readonly<Record<PolicyVerdict['kind'], number>> = {
  allow: 0,
  require_approval: 1,
  conflict: 2,
  deny: 3,
};

const whens = fc.constantFrom(
  TRUE,
  FALSE,
  UNKNOWN,
  CONFLICT,
  'tool == "git.push" and amount > 3',
  'tool in ["git.push", x] and params.gone',
  'tool == x and amount > 3',
  'agent_id == dev_agent_v1 or action == y',
  'action in [git_push, y] and env == prod',
  'action in [y, z] or risk == high',
  'risk == low or env == dev',
  'workflow == nightly',
  'not (action == git_push)',
  'env == prod and branch == main and action == git_push',
);
const written = fc.record({
  when: whens,
  effect: fc.constantFrom<Effect>('allow', 'deny', 'require_approval'),
  approvers: fc.integer({ min: 1, max: 4 }),
  source: fc.constantFrom<RuleSource>('operator', 'tenant', 'call'),
});
/** Distinct priorities, so that there is one reason to tell. */
const documents = fc
  .array(written, { maxLength: 12 })
  .map((rules) =>
    rules.flatMap(({ source, ...rule }, i) => compile([{ ...rule, id: `r${i}`, priority: i }], source)),
  );
const calls = fc.record({
  action: fc.constantFrom('git_push', 'y', null),
  agentId: fc.constantFrom('dev_agent_v1', null),
  env: fc.constantFrom('prod', 'dev'),
  workflow: fc.constantFrom('nightly', null),
  params: fc.constantFrom({ branch: 'main', amount: 5 }, { branch: 'dev' }, {}),
  executionState: fc.constantFrom(null, { variables: { branch: 'main' } }),
});

test('the order of rules does not matter', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(documents, calls, fc.infiniteStream(fc.nat()), (rules, call, randoms) => {
      const shuffled = rules
        .map((rule) => ({ rule, at: randoms.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ rule }) => rule);
      const verdict = decidePolicy(rules, facts(call));
      seen.add(verdict.kind);
      expect(decidePolicy(shuffled, facts(call))).toEqual(verdict);
    }),
    { numRuns: 1_000 },
  );
  expect([...seen].sort()).toEqual(['allow', 'conflict', 'deny', 'require_approval']);
});

test('one more rule never loosens', () => {
  fc.assert(
    fc.property(documents, documents, calls, (rules, more, call) => {
      const before = decidePolicy(rules, facts(call));
      const after = decidePolicy([...rules, ...more], facts(call));
      expect(STRICTNESS[after.kind]).toBeGreaterThanOrEqual(STRICTNESS[before.kind]);
      if (before.kind === 'require_approval' && after.kind === 'require_approval')
        expect(after.approvers).toBeGreaterThanOrEqual(before.approvers);
    }),
    { numRuns: 1_000 },
  );
});

test('the index finds what a look at every rule finds, and looks at fewer', () => {
  let looked = 0;
  let all = 0;
  fc.assert(
    fc.property(documents, calls, (rules, call) => {
      const candidates = indexRules(rules).candidates(facts(call));
      looked += candidates.length;
      all += rules.length;
      expect(decidePolicy(candidates, facts(call))).toEqual(decidePolicy(rules, facts(call)));
    }),
    { numRuns: 2_000 },
  );
  expect(looked).toBeLessThan(all * 0.8);
});
