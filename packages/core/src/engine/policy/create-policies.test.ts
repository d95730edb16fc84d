import { CallPolicy, PolicyDocument, type PolicyDocumentInput } from '@invoke/contract';
import { expect, test } from 'vitest';
import type { PolicyRecord } from '../../domain/policy/policy-record.js';
import { toPolicyFacts } from '../../domain/policy/to-policy-facts.js';
import { aTool } from '../../domain/test-tools.js';
import { epochMs } from '../../domain/time.js';
import { createExpressionLanguage } from '../expression/cel-language.js';
import { createPolicies } from './create-policies.js';

const NOW = 1_795_428_000_000; // 2026-11-23T10:00:00Z

function record(tenant: string, document: PolicyDocumentInput): PolicyRecord {
  return {
    tenant,
    document: PolicyDocument.parse(document),
    updatedBy: 'key_1',
    updatedAt: epochMs(NOW),
  };
}

function setUp() {
  const language = createExpressionLanguage();
  let compiled = 0;
  let records: readonly PolicyRecord[] = [];
  const logged: string[] = [];
  const policies = createPolicies({
    language: {
      ...language,
      compile(...args) {
        compiled += 1;
        return language.compile(...args);
      },
    },
    tools: { policies: () => records },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (event) => void logged.push(event),
    },
  });
  return {
    policies,
    logged,
    store: (...stored: readonly PolicyRecord[]) => void (records = stored),
    compiled: () => compiled,
  };
}

const FACTS = toPolicyFacts({
  tool: aTool({ name: 'git.push' }),
  action: 'git_push',
  agentId: null,
  workflow: null,
  env: 'prod',
  intent: null,
  params: { branch: 'main' },
  executionState: null,
  entityResolution: null,
  state: null,
  frozen: null,
  now: epochMs(NOW),
});

const DENY: PolicyDocumentInput = { rules: [{ id: 'no-push', when: 'action == git_push', effect: 'deny' }] };
const ASK: PolicyDocumentInput = {
  rules: [{ id: 'ask', when: 'branch == main', effect: 'require_approval' }],
};

function own(policies: ReturnType<typeof setUp>['policies'], policy: unknown) {
  const result = policies.compileCall(CallPolicy.parse(policy), NOW);
  if (result.kind === 'refused') throw new Error(result.refusal.message);
  return result.policy;
}

test('no rules allow', () => {
  const { policies } = setUp();
  expect(policies.judge('a', FACTS, null)).toEqual({ kind: 'allow', hits: [] });
});

test("a tenant's rules judge its own calls, and no others", () => {
  const { policies, store } = setUp();
  store(record('a', DENY));
  expect(policies.judge('a', FACTS, null)).toMatchObject({
    kind: 'deny',
    by: { rule: 'no-push', source: 'tenant' },
  });
  expect(policies.judge('b', FACTS, null).kind).toBe('allow');
});

test("the operator's rules judge everybody's", () => {
  const { policies, store } = setUp();
  store(record('a', ASK));
  expect(policies.setOperatorDocument(PolicyDocument.parse(DENY))).toEqual({ kind: 'ok' });
  for (const tenant of ['a', 'b'])
    expect(policies.judge(tenant, FACTS, null)).toMatchObject({ kind: 'deny', by: { source: 'operator' } });
});

test('what a tenant stores counts at once, and is compiled once', () => {
  const { policies, store, compiled } = setUp();
  store(record('a', ASK));
  for (let i = 0; i < 5; i++) expect(policies.judge('a', FACTS, null).kind).toBe('require_approval');
  expect(compiled()).toBe(1);
  store(record('a', DENY));
  for (let i = 0; i < 5; i++) expect(policies.judge('a', FACTS, null).kind).toBe('deny');
  expect(compiled()).toBe(2);
});

test('what else is registered, or stored by others, compiles nothing again', () => {
  const { policies, store, compiled } = setUp();
  store(record('a', ASK));
  policies.judge('a', FACTS, null);
  store(record('b', DENY), record('a', ASK));
  expect(policies.judge('a', FACTS, null).kind).toBe('require_approval');
  expect(compiled()).toBe(1);
  store(record('b', DENY));
  expect(policies.judge('a', FACTS, null).kind).toBe('allow');
});

test('a stored document of another shape denies everything of its tenant', () => {
  const { policies, store } = setUp();
  store({ ...record('a', {}), document: { rules: [{ if: 'x' }] } as never });
  expect(policies.judge('a', FACTS, null)).toMatchObject({ kind: 'deny', by: { rule: 'document' } });
});

test('a stored document that does not compile any more denies everything of its tenant, and is logged', () => {
  const { policies, store, logged } = setUp();
  store(record('a', { rules: [{ when: 'branch = main', effect: 'allow' }] }), record('b', ASK));
  expect(policies.judge('a', FACTS, null)).toMatchObject({
    kind: 'deny',
    by: { rule: 'document', source: 'tenant', undecided: '/rules/0/when: use "==" to compare' },
  });
  expect(policies.judge('a', FACTS, null).kind).toBe('deny');
  expect(policies.judge('b', FACTS, null).kind).toBe('require_approval');
  expect(logged).toEqual(['stored_policy_broken']);
});

test('a budget without a limit, which earlier versions took, does not stop the tenant that has stored it', () => {
  const { policies, logged, store } = setUp();
  const limitless = { id: 'b', per: 'key', window: 'day' } as const;
  const { document, ...rest } = record('acme', { rules: [] });
  store({ ...rest, document: { ...document, budgets: [limitless] } });
  expect(policies.judge('acme', FACTS, null).kind).toBe('allow');
  expect(logged).toEqual([]);
});

test("an operator's document that does not compile leaves the one before in force", () => {
  const { policies } = setUp();
  policies.setOperatorDocument(PolicyDocument.parse(DENY));
  const broken = PolicyDocument.parse({ rules: [{ when: 'branch = main', effect: 'allow' }] });
  expect(policies.setOperatorDocument(broken)).toEqual({
    kind: 'refused',
    refusal: {
      code: 'policy_invalid',
      message: 'The policy cannot be used: /rules/0/when: use "==" to compare',
      errors: [{ pointer: '/rules/0/when', message: 'use "==" to compare' }],
      details: { caret: '/rules/0/when: use "==" to compare\n  branch = main\n         ^' },
    },
  });
  expect(policies.judge('a', FACTS, null).kind).toBe('deny');
});

test("a caller's own rules tighten, and its allow is without effect", () => {
  const { policies, store } = setUp();
  const deny = own(policies, { rules: [{ when: 'branch == main', effect: 'deny' }] });
  const allow = own(policies, { rules: [{ when: 'true', effect: 'allow' }] });
  expect(policies.judge('a', FACTS, deny)).toMatchObject({ kind: 'deny', by: { source: 'call' } });
  store(record('a', ASK));
  expect(policies.judge('a', FACTS, allow)).toMatchObject({
    kind: 'require_approval',
    hits: [{ rule: 'ask' }],
  });
});

test('many dear rules of a caller take no longer than one: those that are left over restrict', () => {
  const { policies } = setUp();
  const rule = { when: 'params.l.all(x, x == 1 or x != 1)', effect: 'require_approval' };
  const policy = own(policies, { rules: Array.from({ length: 100 }, () => rule) });
  const facts = { ...FACTS, params: { l: Array.from({ length: 9_000 }, (_, i) => i) } };
  const verdict = policies.judge('a', facts, policy);
  const undecided = verdict.kind === 'require_approval' ? verdict.hits.map((h) => h.undecided) : [];
  expect([undecided.length, undecided[0], undecided[99]]).toEqual([
    100,
    null,
    'given up: it takes too many steps',
  ]);
});

test('the same policy of a call is compiled once, however its keys are ordered', () => {
  const { policies, compiled } = setUp();
  own(policies, { rules: [{ when: 'branch == main', effect: 'deny' }], intent: 'i' });
  own(policies, { intent: 'i', rules: [{ effect: 'deny', when: 'branch == main' }] });
  expect(compiled()).toBe(1);
  own(policies, { intent: 'j', rules: [{ effect: 'deny', when: 'branch == main' }] });
  expect(compiled()).toBe(2);
});

test('policies of calls that were not used for longest are forgotten', () => {
  const { policies, compiled } = setUp();
  const attach = (i: number) => own(policies, { rules: [{ when: `branch == b${i}`, effect: 'deny' }] });
  for (let i = 0; i <= 1_000; i++) attach(i);
  expect(compiled()).toBe(1_001);
  attach(1_000);
  attach(1);
  expect(compiled()).toBe(1_001);
  attach(0);
  expect(compiled()).toBe(1_002);
});

const EXPIRIES: readonly { cell: string; expires: string; refused: string | null }[] = [
  { cell: 'in an hour', expires: '2026-11-23T11:00:00Z', refused: null },
  { cell: 'in 366 days, to the second', expires: '2027-11-24T10:00:00Z', refused: null },
  { cell: 'a second later', expires: '2027-11-24T10:00:01Z', refused: 'expected an instant within 366 days' },
  { cell: 'now', expires: '2026-11-23T10:00:00Z', refused: 'expected an instant in the future' },
  {
    cell: 'in the past, by its zone',
    expires: '2026-11-23T10:30:00+01:00',
    refused: 'expected an instant in the future',
  },
  { cell: 'never', expires: '9999-12-31T23:59:59Z', refused: 'expected an instant within 366 days' },
];

test.each(EXPIRIES)('expiry $cell', ({ expires, refused }) => {
  const { policies } = setUp();
  const policy = CallPolicy.parse({ intent: 'x', conditions: { a: 1 }, expires_at: expires });
  const result = policies.compileCall(policy, NOW);
  expect(result.kind === 'refused' ? result.refusal.errors : null).toEqual(
    refused === null ? null : [{ pointer: '/policy/expires_at', message: refused }],
  );
});

test('what was compiled before is refused once it has expired', () => {
  const { policies } = setUp();
  const policy = CallPolicy.parse({ intent: 'x', conditions: { a: 1 }, expires_at: '2026-11-23T11:00:00Z' });
  const kinds = [NOW, NOW + 3_599_999, NOW + 3_600_000].map((now) => policies.compileCall(policy, now).kind);
  expect(kinds).toEqual(['ok', 'ok', 'refused']);
});

test("budgets are the operator's and the tenant's", () => {
  const { policies, store } = setUp();
  const budget = { id: 'b', per: 'key', window: 'day', max_calls: 1 } as const;
  policies.setOperatorDocument(PolicyDocument.parse({ budgets: [budget] }));
  store(record('a', { budgets: [{ ...budget, id: 't', when: 'action == git_push' }] }));
  const told = (tenant: string) =>
    policies.budgets(tenant).map((b) => [b.budget.id, b.source, b.when?.source]);
  expect(told('a')).toEqual([
    ['b', 'operator', undefined],
    ['t', 'tenant', 'action == git_push'],
  ]);
  expect(told('b')).toEqual([['b', 'operator', undefined]]);
});
