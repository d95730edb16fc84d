import type { CallPolicy, CallRequestInput } from '@invoke/contract';
import { ResolveRequest, type ApproveRequest } from '@invoke/contract';
import type { Decided } from '@invoke/core';
import { after, durationMs, fullAccess } from '@invoke/core/domain';
import { answered, createManualClock, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told, toDefinition, type Harness } from './harness.js';

const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;
const RULE: CallPolicy = {
  rules: [
    {
      when: 'action == git_push and branch == main',
      effect: 'require_approval',
      intent: 'push_to_main',
      allowed_action: 'git_push',
      reason: 'Human approval required for pushes to main',
      priority: 0,
    },
  ],
};
const PUSH: CallRequestInput = {
  tool: 'blind',
  params: { branch: 'main' },
  action: 'git_push',
  idempotency_key: 'k',
  policy: RULE,
};
const CONTRACT: CallRequestInput = {
  tool: 'blind',
  params: { invoice_id: 'inv_1' },
  idempotency_key: 'k',
  policy: {
    intent: 'send_invoice_reminder',
    conditions: { invoice_status: 'overdue', customer_balance: '> 0' },
    threshold: 'strict',
    state_refetch: { tool: 'look', params: {} },
  },
};
const OVERDUE = { invoice_status: 'overdue', customer_balance: 10 };

async function pending(h: Harness, request: CallRequestInput): Promise<string> {
  const [answer] = await Promise.all([h.call(request), h.clock.advance(10)]);
  expect(told(answer)).toBe('pending_approval');
  return recordOf(answer).outcome?.approvalId ?? '';
}

async function approve(
  h: Harness,
  id: string,
  request: ApproveRequest = {},
  keyId = 'approver',
): Promise<Decided> {
  const decided = h.engine.approve({ principal: fullAccess(keyId), id, request, waitMs: 5_000 });
  await h.clock.advance(20);
  return decided;
}

/** `executed`, or the code of a refusal. */
function words(decided: Decided): string {
  return decided.kind === 'refused' ? decided.refusal.code : `${decided.outcome} ${decided.execution.state}`;
}

async function approvalOf(h: Harness, id: string) {
  const approval = await h.engine.approval(fullAccess('approver'), id);
  if (approval === null) throw new Error('no such approval');
  return approval;
}

describe('freeze', () => {
  test('a rule freezes the call: nothing is sent, and a repeat gets the same approval', async () => {
    const h = await createHarness();
    const id = await pending(h, PUSH);
    expect(await pending(h, PUSH)).toBe(id);
    expect(h.invoker.calls).toHaveLength(0);
    const { checkpoint, reason, state } = await approvalOf(h, id);
    expect({ state, reason, intent: checkpoint.contract.intent, params: checkpoint.params }).toEqual({
      state: 'pending',
      reason: 'Human approval required for pushes to main',
      intent: 'push_to_main',
      params: { branch: 'main' },
    });
  });

  test('a tool that is registered so, or a contract, freezes too', async () => {
    const tools = [toDefinition({ name: 'risky', input_schema: {} }, { approvalRequired: true })];
    const h = await createHarness({ tools });
    h.invoker.script('look', { reply: answered(OVERDUE) });
    const risky = await pending(h, { tool: 'risky', idempotency_key: 'a' });
    const contract = await pending(h, { ...CONTRACT, idempotency_key: 'b' });
    expect((await approvalOf(h, risky)).reason).toContain('registered');
    expect((await approvalOf(h, contract)).reason).toContain('send_invoice_reminder');
  });

  test('the same call without a key is shown what waits already', async () => {
    const h = await createHarness();
    const { idempotency_key: _, ...keyless } = PUSH;
    expect(await pending(h, keyless)).toBe(await pending(h, keyless));
    expect(await pending(h, { ...keyless, env: 'dev' })).not.toBe(await pending(h, keyless));
  });

  test('the 21st call that waits for a human is refused', async () => {
    const h = await createHarness();
    for (let i = 0; i < 20; i++) await pending(h, { ...PUSH, idempotency_key: `k${i}` });
    expect(told(await h.call({ ...PUSH, idempotency_key: 'one more' }))).toBe('refused rate_limited');
  });
});

describe('approve', () => {
  test('executes what was frozen, once; the repeat of the call gets its result', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const id = await pending(h, PUSH);
    expect(words(await approve(h, id))).toBe('executed completed');
    expect(words(await approve(h, id))).toBe('approval_conflict');
    expect(h.invoker.calls.map((c) => c.params)).toEqual([{ branch: 'main' }]);
    expect(told(await h.call(PUSH))).toBe('completed replayed');
    expect((await approvalOf(h, id)).decidedBy).toBe('approver');
  });

  test('fifty at once: one executes', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const id = await pending(h, PUSH);
    const all = Array.from({ length: 50 }, (_, i) => approve(h, id, {}, `approver_${i}`));
    const outcomes = (await Promise.all(all)).map(words);
    expect(outcomes.filter((w) => w === 'executed completed')).toHaveLength(1);
    expect(outcomes.filter((w) => w === 'approval_conflict')).toHaveLength(49);
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test.each([
    ['the key that asked', {}, 'key_1', 'self_approval_denied'],
    ['another digest', { digest: 'sha256:0000' }, 'approver', 'approval_digest_mismatch'],
  ])('%s: refused, and it stays pending', async (_, request, key, code) => {
    const h = await createHarness();
    const id = await pending(h, PUSH);
    expect(words(await approve(h, id, request, key))).toBe(code);
    expect((await approvalOf(h, id)).state).toBe('pending');
  });

  test('another tenant cannot see it, let alone decide', async () => {
    const h = await createHarness();
    const id = await pending(h, PUSH);
    const principal = fullAccess('approver', 'other');
    expect(words(await h.engine.approve({ principal, id, request: {}, waitMs: 0 }))).toBe('not_found');
    expect(await h.engine.approval(principal, id)).toBeNull();
  });

  test('two approvers: the first only counts, and never twice', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const rules = [{ ...RULE.rules?.[0], approvers: 2 }] as CallPolicy['rules'];
    const id = await pending(h, { ...PUSH, policy: { rules } });
    expect(words(await approve(h, id, {}, 'a'))).toBe('pending awaiting_approval');
    expect(words(await approve(h, id, {}, 'a'))).toBe('approval_conflict');
    expect(words(await approve(h, id, {}, 'b'))).toBe('executed completed');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('too late: cancelled, nothing is sent; and the sweep ends what nobody decides', async () => {
    const h = await createHarness();
    const policy: CallPolicy = { ...RULE, expires_at: new Date(h.clock.now() + 60_000).toISOString() };
    const early = await pending(h, { ...PUSH, idempotency_key: 'a', policy });
    await h.clock.advance(61_000);
    expect(words(await approve(h, early))).toBe('cancelled expired');
    expect((await approvalOf(h, early)).state).toBe('expired');
    expect(told(await h.call({ ...PUSH, idempotency_key: 'a', policy }))).toBe('expired replayed');
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('an action that the rule does not permit is cancelled', async () => {
    const h = await createHarness();
    const policy: CallPolicy = { ...RULE, allowed_action: 'git_fetch' };
    const id = await pending(h, { ...PUSH, policy });
    expect(words(await approve(h, id))).toBe('cancelled cancelled');
  });
});

describe('revalidate', () => {
  test('unchanged state: executed', async () => {
    const h = await createHarness();
    h.invoker.script('look', { reply: answered(OVERDUE) });
    h.invoker.script('blind', DONE);
    const decided = await approve(h, await pending(h, CONTRACT));
    expect(words(decided)).toBe('executed completed');
    expect(decided.kind === 'decided' && decided.drift.map((d) => d.verdict)).toEqual([
      'unchanged',
      'unchanged',
    ]);
  });

  test('changed state: the old approval is invalidated, a fresh one carries live state; the key follows', async () => {
    const h = await createHarness();
    h.invoker.script(
      'look',
      { reply: answered(OVERDUE) },
      { reply: answered({ ...OVERDUE, customer_balance: 7 }) },
    );
    h.invoker.script('blind', DONE);
    const id = await pending(h, CONTRACT);
    const decided = await approve(h, id);
    expect(words(decided)).toBe('requeued awaiting_approval');
    const old = await approvalOf(h, id);
    const fresh = await approvalOf(h, old.nextId ?? '');
    expect([old.state, fresh.state, fresh.previousId]).toEqual(['invalidated', 'pending', id]);
    expect(fresh.checkpoint.state).toEqual({ invoice_status: 'overdue', customer_balance: 7 });
    expect(fresh.drift).toContainEqual({
      field: 'customer_balance',
      condition: '> 0',
      frozen: 10,
      live: 7,
      verdict: 'changed',
    });
    expect(await pending(h, CONTRACT)).toBe(fresh.id);
    expect(words(await approve(h, id))).toBe('approval_conflict');
    expect(words(await approve(h, fresh.id))).toBe('executed completed');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test.each([
    [
      'conditions: a new value that holds',
      'conditions',
      { ...OVERDUE, customer_balance: 7 },
      'executed completed',
    ],
    [
      'conditions: a value that fails',
      'conditions',
      { ...OVERDUE, customer_balance: 0 },
      'requeued awaiting_approval',
    ],
    ['strict: a field is gone', 'strict', { invoice_status: 'overdue' }, 'requeued awaiting_approval'],
    ['strict: another type', 'strict', { ...OVERDUE, customer_balance: '10' }, 'requeued awaiting_approval'],
  ] as const)('%s', async (_, threshold, live, expected) => {
    const h = await createHarness();
    h.invoker.script('look', { reply: answered(OVERDUE) }, { reply: answered(live) });
    h.invoker.script('blind', DONE);
    const id = await pending(h, { ...CONTRACT, policy: { ...CONTRACT.policy, threshold } });
    expect(words(await approve(h, id))).toBe(expected);
  });

  test('what a refetch reads counts, whatever the approver says', async () => {
    const h = await createHarness();
    h.invoker.script(
      'look',
      { reply: answered(OVERDUE) },
      { reply: answered({ ...OVERDUE, invoice_status: 'paid' }) },
    );
    const id = await pending(h, CONTRACT);
    expect(words(await approve(h, id, { state: OVERDUE }))).toBe('requeued awaiting_approval');
  });

  test('a refetch whose schema cannot be compiled any more is refused, and nothing is asked or asked for', async () => {
    const broken = toDefinition({ name: 'look.broken', effect: 'read', input_schema: { type: 'nonsense' } });
    const h = await createHarness({ tools: [broken] });
    const policy = { ...CONTRACT.policy, state_refetch: { tool: 'look.broken', params: {} } };
    const refused = await h.call({ ...CONTRACT, policy });
    expect(refused).toMatchObject({
      refusal: {
        code: 'schema_rejected',
        message: 'The schema of look.broken cannot be compiled: register it again.',
      },
    });
    expect(h.invoker.calls).toEqual([]);
  });

  test('without a refetch the approver has to say how things are', async () => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const { state_refetch: _, ...policy } = CONTRACT.policy ?? {};
    const id = await pending(h, { ...CONTRACT, policy });
    expect(words(await approve(h, id))).toBe('state_required');
    expect(words(await approve(h, id, { state: OVERDUE }))).toBe('executed completed');
  });

  test('live state that cannot be read: plan again', async () => {
    const h = await createHarness();
    h.invoker.script('look', { reply: answered(OVERDUE) }, { reply: REFUSED_CONNECTION });
    const id = await pending(h, CONTRACT);
    expect(words(await approve(h, id))).toBe('replan_required replan_required');
    expect(told(await h.call(CONTRACT))).toBe('replan_required replayed');
  });

  test.each([
    ['holds', 'overdue', 'executed completed'],
    ['does not hold, though the agent once noted that it did', 'paid', 'replan_required replan_required'],
  ])('an intent policy whose condition %s', async (_, status, expected) => {
    const h = await createHarness();
    h.invoker.script('blind', DONE);
    const id = await pending(h, {
      ...CONTRACT,
      action: 'send_email',
      execution_state: { variables: { invoice_status: 'overdue' } },
      policy: { intent: 'remind', condition: 'invoice_status == overdue', allowed_action: 'send_email' },
    });
    expect(words(await approve(h, id, { state: { invoice_status: status } }))).toBe(expected);
  });

  test('the entity has moved: blocked', async () => {
    const h = await createHarness();
    h.invoker.script(
      'look',
      { reply: answered(OVERDUE) },
      { reply: answered({ ...OVERDUE, customer_id: 'cust_9' }) },
    );
    const id = await pending(h, {
      ...CONTRACT,
      params: { customer_id: 'cust_1' },
      entity_resolution: { entity_id: 'cust_1', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
    });
    expect(words(await approve(h, id))).toBe('entity_mismatch');
    expect(
      told(
        await h.call({
          ...CONTRACT,
          params: { customer_id: 'cust_1' },
          entity_resolution: { entity_id: 'cust_1', source: 'crm', resolved_at: '2026-05-01T12:00:00Z' },
        }),
      ),
    ).toBe('blocked replayed');
    expect(h.invoker.effects('blind')).toBe(0);
  });

  test('the key that asked has expired meanwhile: nothing is executed in its name', async () => {
    const clock = createManualClock();
    const asker = { ...fullAccess('key_1'), expiresAt: after(clock.now(), durationMs(60_000)) };
    const h = await createHarness({ clock, keyById: () => asker });
    const id = await pending(h, PUSH);
    await clock.advance(60_000);
    expect(words(await approve(h, id))).toBe('cancelled denied');
    expect(h.invoker.calls).toHaveLength(0);
  });

  test('the key that asked is gone: nothing is executed in its name', async () => {
    const h = await createHarness({ keyById: () => null });
    const id = await pending(h, PUSH);
    expect(words(await approve(h, id))).toBe('cancelled denied');
    expect(h.invoker.calls).toHaveLength(0);
  });
});

test('the story of an execution tells what people decided', async () => {
  const h = await createHarness();
  h.invoker.script(
    'look',
    { reply: answered(OVERDUE) },
    { reply: answered({ ...OVERDUE, customer_balance: 7 }) },
  );
  h.invoker.script('blind', DONE);
  const first = await pending(h, CONTRACT);
  await approve(h, first);
  const { nextId, executionId } = await approvalOf(h, first);
  await approve(h, nextId ?? '');
  const record = await h.engine.execution(fullAccess('key_1'), executionId);
  expect(record?.journal.steps.map((s) => s.step)).toEqual([
    'approval_requested',
    'approval_requeued',
    'approval_granted',
  ]);
});

describe('reject', () => {
  test('nothing is executed; the repeat of the call says so', async () => {
    const h = await createHarness();
    const id = await pending(h, PUSH);
    const input = {
      principal: fullAccess('approver'),
      id,
      request: { comment: 'not on a Friday' },
      waitMs: 0,
    };
    expect(words(await h.engine.reject(input))).toBe('rejected rejected');
    expect(words(await h.engine.reject(input))).toBe('approval_conflict');
    expect(words(await approve(h, id))).toBe('approval_conflict');
    expect(told(await h.call(PUSH))).toBe('rejected replayed');
    expect(h.invoker.calls).toHaveLength(0);
  });
});

describe('review', () => {
  const LOST = { effect: true, reply: LOST_CONNECTION } as const;

  async function review(h: Harness, request: CallRequestInput): Promise<string> {
    await Promise.all([h.call(request), h.clock.advance(5_000)]);
    const {
      records: [found],
    } = await h.engine.approvals(fullAccess('approver'), {
      limit: 10,
      before: null,
      state: 'pending',
      agentId: null,
    });
    expect(found?.kind).toBe('review');
    return found?.id ?? '';
  }

  async function resolve(h: Harness, id: string, request: object): Promise<string> {
    const parsed = ResolveRequest.parse(request);
    const principal = fullAccess('approver');
    const decided = h.engine.resolve({ principal, id, request: parsed, waitMs: 5_000 });
    await h.clock.advance(20);
    return words(await decided);
  }

  test.each([
    ['applied', 'resolved completed', 'outcome_reconciled replayed', 1],
    ['not_applied', 'resolved failed', 'failed upstream_unavailable replayed', 1],
    ['retry', 'executed completed', 'completed replayed', 2],
  ])('an unknown outcome that a human calls %s', async (resolution, expected, repeat, calls) => {
    const h = await createHarness();
    h.invoker.script('blind', LOST, DONE);
    const id = await review(h, { tool: 'blind', idempotency_key: 'k' });
    expect(await resolve(h, id, { resolution })).toBe(expected);
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'k' }))).toBe(repeat);
    expect(h.invoker.calls).toHaveLength(calls);
    expect(await resolve(h, id, { resolution })).toBe('approval_conflict');
  });

  test('on_failure escalate: a failure without effect goes to a human, who may let it be tried again', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { reply: REFUSED_CONNECTION }, { reply: REFUSED_CONNECTION }, DONE);
    const request: CallRequestInput = {
      tool: 'blind',
      idempotency_key: 'k',
      failure_policy: { retry: 1, on_failure: 'escalate' },
    };
    const [answer] = await Promise.all([h.call(request), h.clock.advance(5_000)]);
    expect(told(answer)).toBe('needs_review');
    const id = recordOf(answer).outcome?.approvalId ?? '';
    expect((await approvalOf(h, id)).failure).toMatchObject({ effect: 'none', code: 'upstream_unavailable' });
    expect(words(await approve(h, id))).toBe('executed completed');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('a late answer of the tool closes the review that people were asked for', async () => {
    const h = await createHarness();
    h.invoker.script('blind', { effect: true, reply: answered({ id: 'x1' }), afterMs: 8_000 });
    const id = await review(h, { tool: 'blind', idempotency_key: 'k' });
    await h.clock.advance(10_000);
    expect((await approvalOf(h, id)).state).toBe('resolved');
    expect(told(await h.call({ tool: 'blind', idempotency_key: 'k' }))).toBe('completed replayed');
  });
});
