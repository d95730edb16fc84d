import { PolicyDocument, type Budget, type CallRequestInput, type PolicyRule } from '@invoke/contract';
import type { CallAnswer } from '@invoke/core';
import { epochMs, fullAccess, type Principal } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { answered, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, told, type Harness, type HarnessOptions } from './harness.js';

type Rule = Partial<PolicyRule> & Pick<PolicyRule, 'when' | 'effect' | 'reason'>;

const ME = fullAccess('key_1');
const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;
const RISKY = toDefinition(
  { name: 'risky', input_schema: {} },
  { approvalRequired: true, riskLevel: 'critical' },
);
const BACKUP = { tool: 'blind', failure_policy: { retry: 0, fallback: 'fallback' } } as const;

/** Tools that take effect, and a first one that cannot be reached, so that its fallback is next. */
async function open(options: HarnessOptions = {}): Promise<Harness> {
  const h = await createHarness(options);
  h.invoker.script('blind', { reply: REFUSED_CONNECTION });
  for (const { name } of [{ name: 'fallback' }, ...(options.tools ?? [])]) h.invoker.script(name, DONE);
  return h;
}

async function call(h: Harness, request: CallRequestInput, principal = ME): Promise<CallAnswer> {
  const [answer] = await Promise.all([h.call(request, { principal }), h.clock.advance(5_000)]);
  return answer;
}

async function save(h: Harness, document: { rules?: Rule[]; budgets?: Budget[] }): Promise<void> {
  await h.engine.savePolicy(ME, PolicyDocument.parse(document));
}

function refusalOf(answer: CallAnswer) {
  if (answer.kind !== 'refused') throw new Error(`expected a refusal, got ${answer.record.state}`);
  return answer.refusal;
}

describe('a fallback is judged like a call of its own, before anything is sent', () => {
  const refund = toDefinition({ name: 'refund', input_schema: {}, action: 'refund' });
  const payout = toDefinition({ name: 'payout', input_schema: {}, action: 'payout' });
  const broken = toDefinition({ name: 'broken', input_schema: { type: 'no such type' } });
  const strict = toDefinition({ name: 'strict', input_schema: { type: 'object', required: ['to'] } });
  const resolved = toDefinition({ name: 'resolved', input_schema: {}, entity_required: true });
  const keyed = toDefinition({ name: 'needs_key', input_schema: {}, idempotency: { required: true } });
  const account = toDefinition({ name: 'account', input_schema: {}, resources: [{ field: '/account' }] });
  const tools = [refund, payout, broken, strict, resolved, keyed, account];

  const CASES: readonly {
    case: string;
    fallback: string;
    tool?: string;
    params?: CallRequestInput['params'];
    rules?: Rule[];
    principal?: Partial<Principal>;
    expected: string;
  }[] = [
    {
      case: 'a rule of the tenant denies it',
      fallback: 'fallback',
      rules: [{ when: 'tool == fallback', effect: 'deny', reason: 'never' }],
      expected: 'policy_denied',
    },
    {
      case: 'a rule denies what it does',
      fallback: 'payout',
      rules: [{ when: 'action == payout', effect: 'deny', reason: 'never' }],
      expected: 'policy_denied',
    },
    {
      case: 'its action is not one of the key',
      tool: 'refund',
      fallback: 'payout',
      principal: { actions: new Set(['refund']) },
      expected: 'context_denied',
    },
    {
      case: 'it touches a resource that the key may not',
      fallback: 'account',
      params: { account: 'acc_2' },
      principal: { resources: new Set(['acc_1']) },
      expected: 'context_denied',
    },
    {
      case: 'it writes, and the key only reads',
      tool: 'look',
      fallback: 'fallback',
      principal: { readOnly: true },
      expected: 'read_only_token',
    },
    {
      case: 'it is not in the list of the key',
      fallback: 'fallback',
      principal: { allowedTools: new Set(['blind']) },
      expected: 'tool_not_allowed',
    },
    { case: 'it requires an entity', fallback: 'resolved', expected: 'entity_required' },
    { case: 'it requires a key', fallback: 'needs_key', expected: 'idempotency_key_required' },
    { case: 'the params are not its own', fallback: 'strict', expected: 'validation_failed' },
    { case: 'its schema cannot be compiled', fallback: 'broken', expected: 'schema_rejected' },
  ];
  test.each(CASES)('$case', async ({ fallback, tool = 'blind', params = {}, rules, principal, expected }) => {
    const h = await open({ tools });
    if (rules !== undefined) await save(h, { rules });
    h.invoker.script(tool, { reply: REFUSED_CONNECTION });
    const caller = { ...ME, ...principal };
    const answer = await call(h, { tool, params, failure_policy: { retry: 0, fallback } }, caller);
    expect(told(answer)).toBe(`refused ${expected}`);
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('the refusal says that it is about the fallback, and why', async () => {
    const h = await open();
    await save(h, { rules: [{ when: 'tool == fallback', effect: 'deny', reason: 'not on weekends' }] });
    expect(refusalOf(await call(h, BACKUP))).toMatchObject({
      code: 'policy_denied',
      message: 'fallback cannot be the fallback of this call: not on weekends',
      errors: [{ pointer: '/failure_policy/fallback', message: 'not on weekends' }],
    });
  });

  test('what is allowed of both is called', async () => {
    const h = await open();
    await save(h, { rules: [{ when: 'tool == other', effect: 'deny', reason: 'never' }] });
    expect(told(await call(h, BACKUP))).toBe('completed');
    expect(h.invoker.effects('fallback')).toBe(1);
  });
});

describe('a fallback that a human decides on', () => {
  const MAIL = toDefinition({ name: 'mail', input_schema: {} }, { approvalRequired: true });

  async function frozen(h: Harness, request: CallRequestInput) {
    const answer = await call(h, request);
    expect(told(answer)).toBe('pending_approval');
    expect(h.invoker.calls).toHaveLength(0);
    const { outcome } = recordOf(answer);
    const approval = await h.engine.approval(fullAccess('approver'), outcome?.approvalId ?? '');
    if (approval === null) throw new Error('no such approval');
    return approval;
  }
  async function approve(h: Harness, id: string) {
    const decided = h.engine.approve({ principal: fullAccess('approver'), id, request: {}, waitMs: 4_000 });
    await h.clock.advance(5_000);
    return decided.then((d) => (d.kind === 'refused' ? d.refusal.code : `${d.outcome} ${d.execution.state}`));
  }

  test('one that is registered so freezes the whole call, and the approver is shown it', async () => {
    const h = await open({ tools: [RISKY] });
    const approval = await frozen(h, { tool: 'blind', failure_policy: { retry: 0, fallback: 'risky' } });
    expect(approval).toMatchObject({
      reason: 'risky is registered so that a human approves each call',
      riskLevel: 'critical',
      checkpoint: {
        tool: 'blind',
        fallback: { tool: 'risky', version: 'v1 of risky', action: null },
        failurePolicy: { retry: 0, fallback: 'risky' },
      },
    });
    expect(await approve(h, approval.id)).toBe('executed completed');
    expect(h.invoker.effects('risky')).toBe(1);
  });

  test('a rule that asks about the fallback asks about the call, with as many approvers', async () => {
    const h = await open();
    const rule = {
      when: 'tool == fallback',
      effect: 'require_approval',
      reason: 'look',
      approvers: 2,
    } as const;
    await save(h, { rules: [rule] });
    expect(await frozen(h, BACKUP)).toMatchObject({ reason: 'look', approversNeeded: 2 });
  });

  test('a call that a human approves is shown with its fallback, and with another one it is another call', async () => {
    const h = await open({ tools: [MAIL, RISKY] });
    const with_ = (fallback: string) => ({ tool: 'mail', failure_policy: { retry: 0, fallback } });
    const first = await frozen(h, with_('fallback'));
    expect(first.checkpoint.fallback?.tool).toBe('fallback');
    expect((await frozen(h, with_('risky'))).id).not.toBe(first.id);
    expect((await frozen(h, with_('fallback'))).id).toBe(first.id);
  });

  test('the fallback is judged again when somebody says yes', async () => {
    const h = await open({ tools: [MAIL] });
    const { id } = await frozen(h, { tool: 'mail', failure_policy: { retry: 0, fallback: 'fallback' } });
    await save(h, { rules: [{ when: 'tool == fallback', effect: 'deny', reason: 'not any more' }] });
    expect(await approve(h, id)).toBe('cancelled denied');
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('a key that has lost the right to the fallback has lost the call', async () => {
    let mine: Principal = ME;
    const h = await open({ tools: [MAIL], keyById: () => mine });
    const { id } = await frozen(h, { tool: 'mail', failure_policy: { retry: 0, fallback: 'fallback' } });
    mine = { ...ME, allowedTools: new Set(['mail']) };
    expect(await approve(h, id)).toBe('cancelled denied');
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('a fallback with an action of its own is judged by that again, not by the action of the tool', async () => {
    const own = (name: string) => toDefinition({ name, input_schema: {}, action: name });
    const h = await open({ tools: [{ ...own('wire'), approvalRequired: true }, own('cash')] });
    h.invoker.script('wire', { reply: REFUSED_CONNECTION });
    const { id } = await frozen(h, { tool: 'wire', failure_policy: { retry: 0, fallback: 'cash' } });
    expect(await approve(h, id)).toBe('executed completed');
    expect(h.invoker.effects('cash')).toBe(1);
  });

  test('another version of the fallback than the one that was shown is not called', async () => {
    const h = await open({ tools: [MAIL] });
    const { id } = await frozen(h, { tool: 'mail', failure_policy: { retry: 0, fallback: 'fallback' } });
    const changed = { ...toDefinition({ name: 'fallback', input_schema: {} }), version: 'v2 of fallback' };
    const later = await createHarness({ tools: [MAIL, changed], clock: h.clock, wrapStore: () => h.store });
    expect(await approve(later, id)).toBe('replan_required replan_required');
    expect(later.invoker.calls).toHaveLength(0);
  });

  test('what was changed in the store after it was shown is not carried out', async () => {
    let swapped = false;
    const wrapStore = (store: Store): Store => ({
      ...store,
      executions: {
        ...store.executions,
        async find(tenant, id) {
          const record = await store.executions.find(tenant, id);
          if (record === null || !swapped) return record;
          const fallback = { tool: 'risky', version: 'v1 of risky', action: null };
          return { ...record, request: { ...record.request, fallback } };
        },
      },
    });
    const h = await open({ tools: [MAIL, RISKY], wrapStore });
    const { id } = await frozen(h, { tool: 'mail', failure_policy: { retry: 0, fallback: 'fallback' } });
    swapped = true;
    expect(await approve(h, id)).toBe('approval_digest_mismatch');
    expect(h.invoker.calls).toHaveLength(0);
  });
});

describe('budgets of a call with a fallback', () => {
  const once = (tool: string): Budget => {
    return { id: tool, per: 'tool', window: 'day', max_calls: 1, when: `tool == ${tool}` };
  };
  async function used(h: Harness): Promise<unknown> {
    const { budgets } = await h.engine.usage(ME, { per: 'tool', since: null, until: null });
    return Object.fromEntries(budgets.filter(({ calls }) => calls > 0).map((b) => [b.subject, b.calls]));
  }

  test('there has to be enough for either tool', async () => {
    const h = await open();
    await save(h, { budgets: [once('fallback')] });
    expect(told(await call(h, BACKUP))).toBe('completed');
    expect(told(await call(h, BACKUP))).toBe('refused budget_exceeded');
    expect(h.invoker.effects('fallback')).toBe(1);
  });

  test('what was taken for the tool that did nothing is given back', async () => {
    const h = await open();
    await save(h, { budgets: [once('fallback'), once('blind')] });
    expect(told(await call(h, BACKUP))).toBe('completed');
    expect(await used(h)).toEqual({ fallback: 1 });
  });

  test('what was taken for a fallback that was not called is given back', async () => {
    const h = await open();
    h.invoker.script('blind', DONE);
    await save(h, { budgets: [once('fallback'), once('blind')] });
    expect(told(await call(h, BACKUP))).toBe('completed');
    expect(await used(h)).toEqual({ blind: 1 });
  });

  test('a budget that counts both is charged once', async () => {
    const h = await open();
    await save(h, { budgets: [{ id: 'all', per: 'key', window: 'day', max_calls: 1 }] });
    expect(told(await call(h, BACKUP))).toBe('completed');
    expect(await used(h)).toEqual({ key_1: 1 });
  });
});

describe('a fallback that writes, of a call that reads', () => {
  const READS: CallRequestInput = { tool: 'look', failure_policy: { retry: 0, fallback: 'update' } };
  const tools = [toDefinition({ name: 'update', input_schema: {}, entities: [{ field: '/customer_id' }] })];

  test('is not begun while the database cannot be believed', async () => {
    const wrapStore = (store: Store): Store => ({
      ...store,
      history: {
        ...store.history,
        mayForget: true,
        look: async () => ({
          mark: { line: 'a', position: 1 },
          now: epochMs(10_000_000),
          changedAt: epochMs(9_999_000),
          quarantined: true,
        }),
      },
    });
    const h = await open({ tools, wrapStore });
    h.invoker.script('look', { reply: REFUSED_CONNECTION });
    await h.clock.advance(2_000);
    expect(told(await call(h, READS))).toBe('refused history_in_doubt');
    expect(h.invoker.calls).toHaveLength(0);
    expect(told(await call(h, { tool: 'look' }))).toBe('failed upstream_unavailable');
  });

  test('holds its entity while its outcome is unknown, and is held by others', async () => {
    const h = await open({ tools });
    h.invoker.script('look', { reply: REFUSED_CONNECTION });
    h.invoker.script('update', { effect: true, reply: LOST_CONNECTION });
    const params = { customer_id: 'cust_1' };
    const first = recordOf(await call(h, { ...READS, params }));
    expect([first.state, first.entityId]).toEqual(['needs_review', 'cust_1']);
    expect(told(await call(h, { tool: 'update', params }))).toBe('refused entity_quarantined');
    expect(told(await call(h, { ...READS, params }))).toBe('refused entity_quarantined');
    expect(told(await call(h, { tool: 'look', params }))).toBe('failed upstream_unavailable');
    expect(h.invoker.effects('update')).toBe(1);
  });

  test('may not act on another entity than a call that writes', async () => {
    const pay = toDefinition({ name: 'pay', input_schema: {}, entities: [{ field: '/account_id' }] });
    const h = await open({ tools: [...tools, pay] });
    const params = { account_id: 'acc_1', customer_id: 'cust_1' };
    const answer = await call(h, { tool: 'pay', params, failure_policy: { fallback: 'update' } });
    expect(refusalOf(answer)).toMatchObject({
      code: 'entity_mismatch',
      errors: [{ pointer: '/failure_policy/fallback' }],
    });
  });
});

describe('a lookup that a call brings along is judged like every other read', () => {
  const read = toDefinition({
    name: 'crm.read',
    effect: 'read',
    action: 'crm.look',
    input_schema: { type: 'object', properties: { customer_id: { type: 'string' } } },
    resources: [{ field: '/customer_id' }],
  });
  const looking = (customer_id: unknown, more: Partial<CallRequestInput> = {}): CallRequestInput => ({
    tool: 'blind',
    params: { customer_id: 'cust_1' },
    failure_policy: {
      reconcile: { state_refetch: { tool: 'crm.read', params: { customer_id } }, conditions: { n: 1 } },
    },
    ...more,
  });

  test.each([
    {
      case: 'a resource that the key may not touch',
      request: looking('cust_2'),
      principal: { resources: new Set(['cust_1']) },
      expected: 'context_denied',
      pointer: '/failure_policy/reconcile/state_refetch',
    },
    {
      case: 'an action that the key may not use',
      request: looking('cust_1', { action: 'pay' }),
      principal: { actions: new Set(['pay']) },
      expected: 'context_denied',
      pointer: '/failure_policy/reconcile/state_refetch',
    },
    {
      case: 'params that are not its own',
      request: looking(7),
      principal: {},
      expected: 'validation_failed',
      pointer: '/failure_policy/reconcile/state_refetch/params/customer_id',
    },
  ])('$case', async ({ request, principal, expected, pointer }) => {
    const h = await createHarness({ tools: [read] });
    const refusal = refusalOf(await call(h, request, { ...ME, ...principal }));
    expect([refusal.code, refusal.errors?.[0]?.pointer]).toEqual([expected, pointer]);
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('what the key may read is read, whatever action the call itself names', async () => {
    const h = await createHarness({ tools: [read] });
    h.invoker.script('blind', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('crm.read', { reply: answered({ n: 1 }) });
    const principal = { ...ME, resources: new Set(['cust_1']) };
    const answer = await call(h, looking('cust_1', { action: 'pay' }), principal);
    expect(told(answer)).toBe('outcome_reconciled');
  });
});
