import { CallPolicy, PolicyDocument, type PolicyDocumentInput } from '@invoke/contract';
import { expect, test } from 'vitest';
import { createExpressionLanguage } from '../../engine/expression/cel-language.js';
import { compileCallPolicy } from './compile-call-policy.js';
import { compilePolicy } from './compile-policy.js';

const language = createExpressionLanguage();

function mistakes(document: PolicyDocumentInput): readonly string[] {
  const compiled = compilePolicy(PolicyDocument.parse(document), 'operator', language);
  return compiled.kind === 'ok' ? [] : compiled.mistakes.map((m) => `${m.pointer}: ${m.message}`);
}

const WRONG: readonly { cell: string; when: string; message: string }[] = [
  { cell: 'a single =', when: 'branch = main', message: 'use "==" to compare' },
  {
    cell: 'JS regular expressions',
    when: "branch matches '^(a+)+$'",
    message: 'write re2(text, "pattern") instead of "text matches pattern"',
  },
  {
    cell: 'matches() as well',
    when: 'branch.matches("^(a+)+$")',
    message: 'matches() is not offered, because it may take for ever; use re2(text, "pattern")',
  },
  {
    cell: 'nested macros',
    when: 'params.l.all(x, params.l.all(y, x == y))',
    message: 'all() cannot stand inside of another macro',
  },
  {
    cell: 'calls of values',
    when: 'action["constructor"]("return 1")()',
    message: "unexpected character: '('",
  },
  { cell: 'a type that does not fit', when: '"a" > 1', message: '">" does not apply to string and int' },
  {
    cell: 'nothing that is true or false',
    when: '1 + 1',
    message: 'expected something that is true or false, got int',
  },
  {
    cell: 'functions that there are not',
    when: 'siz(params.l) > 1',
    message: 'there is no function siz(); did you mean size()?',
  },
];

test.each(WRONG)('refuses $cell', ({ when, message }) => {
  expect(mistakes({ rules: [{ when, effect: 'deny' }] })).toEqual([`/rules/0/when: ${message}`]);
});

test('tells all mistakes, each with a caret', () => {
  const document = PolicyDocument.parse({
    rules: [
      { id: 'a', when: 'action == x and branch = main', effect: 'deny' },
      { id: 'a', when: 'true', effect: 'allow' },
    ],
    budgets: [
      { id: 'b', per: 'key', window: 'day', max_calls: 1, when: 'tool ==' },
      { id: 'b', per: 'key', window: 'day', max_calls: 1 },
    ],
  });
  expect(compilePolicy(document, 'operator', language)).toEqual({
    kind: 'invalid',
    mistakes: [
      {
        pointer: '/rules/0/when',
        message: 'use "==" to compare',
        caret: 'use "==" to compare\n  action == x and branch = main\n                         ^',
      },
      {
        pointer: '/budgets/0/when',
        message: 'expected a value, got the end',
        caret: 'expected a value, got the end\n  tool ==\n         ^',
      },
      {
        pointer: '/rules/1/id',
        message: 'a is the id of another one already',
        caret: 'a is the id of another one already',
      },
      {
        pointer: '/budgets/1/id',
        message: 'b is the id of another one already',
        caret: 'b is the id of another one already',
      },
    ],
  });
});

test('compiles every root, bare names, and the description as it stands', () => {
  const whens = [
    'action == git_push and branch == main',
    'tool == "git.push" or agent_id == a or workflow == w or env == prod or intent == i or risk == high',
    'params.a == 1 and variables.b == 2 and tool_outputs.c == 3 and state.d == 4 and frozen.e == 5',
    'now - timestamp(entity.resolved_at) > duration("1h")',
  ];
  const document = PolicyDocument.parse({ rules: whens.map((when) => ({ when, effect: 'deny' })) });
  const compiled = compilePolicy(document, 'operator', language);
  expect(compiled.kind).toBe('ok');
  if (compiled.kind !== 'ok') return;
  expect(compiled.policy.rules.map((r) => [r.rule, r.reason, r.when.openNames])).toEqual([
    ['rules[0]', 'Not allowed, because action == git_push and branch == main', [{ name: 'branch', at: 23 }]],
    ['rules[1]', `Not allowed, because ${whens[1]}`, []],
    ['rules[2]', `Not allowed, because ${whens[2]}`, []],
    ['rules[3]', `Not allowed, because ${whens[3]}`, []],
  ]);
});

const CALL_POLICIES: readonly { cell: string; policy: unknown; mistakes: readonly string[] }[] = [
  {
    cell: 'rules',
    policy: { rules: [{ when: 'branch = main', effect: 'deny' }] },
    mistakes: ['/rules/0/when: use "==" to compare'],
  },
  {
    cell: 'a condition',
    policy: { intent: 'x', condition: 'status is paid' },
    mistakes: ['/condition: use "==" to compare'],
  },
  {
    cell: 'more than an operator and a literal',
    policy: { intent: 'x', conditions: { balance: '> 0; process.exit()' } },
    mistakes: ['/conditions/balance: a condition is one operator and its literals, nothing after them'],
  },
  {
    cell: 'a number that is not finite',
    policy: { intent: 'x', conditions: { 'a/b': 1, balance: '> 1e400' } },
    mistakes: ['/conditions/balance: the number 1e400 is out of range'],
  },
  { cell: 'nothing', policy: { intent: 'x', condition: 'invoice_status == overdue' }, mistakes: [] },
];

test.each(CALL_POLICIES)('a call policy with a mistake in $cell', ({ policy, mistakes: expected }) => {
  const compiled = compileCallPolicy(CallPolicy.parse(policy), language);
  const found = compiled.kind === 'ok' ? [] : compiled.mistakes.map((m) => `${m.pointer}: ${m.message}`);
  expect(found).toEqual(expected);
});

test('in the condition of an intent policy, the state that is so now comes before what was known', () => {
  const policy = CallPolicy.parse({ intent: 'x', condition: 'invoice_status == overdue' });
  const compiled = compileCallPolicy(policy, language);
  if (compiled.kind !== 'ok') throw new Error('it compiles');
  const params = { invoice_status: 'overdue' };
  const evaluate = (state: object) =>
    compiled.policy.condition?.evaluate({ params, variables: params, state }).kind;
  expect([evaluate({}), evaluate({ invoice_status: 'paid' })]).toEqual(['true', 'false']);
});
