import { PolicyDocument, ResolveRequest, type CallRequestInput } from '@invoke/contract';
import type { Decided } from '@invoke/core';
import { epochMs, fullAccess, type Principal } from '@invoke/core/domain';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { answered, createManualClock, LOST_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told, toDefinition, type Harness, type HarnessOptions } from './harness.js';

const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;
const LOST = { effect: true, reply: LOST_CONNECTION } as const;
const CALL: CallRequestInput = { tool: 'blind', params: {}, action: 'pay', idempotency_key: 'k' };

/** A blind call that took effect, of which nobody has heard. */
async function inReview(options: HarnessOptions = {}, more: Partial<CallRequestInput> = {}) {
  const h = await createHarness(options);
  h.invoker.script('blind', LOST, DONE);
  const [answer] = await Promise.all([h.call({ ...CALL, ...more }), h.clock.advance(5_000)]);
  expect(told(answer)).toBe('unknown upstream_unavailable');
  const review = await h.store.approvals.ofExecution('default', recordOf(answer).id);
  expect(review).toMatchObject({ kind: 'review', state: 'pending' });
  return { h, id: review?.id ?? '', executionId: recordOf(answer).id };
}

async function resolve(
  h: Pick<Harness, 'engine' | 'clock'>,
  id: string,
  resolution: ResolveRequest['resolution'],
  by = 'reviewer',
): Promise<Decided> {
  const principal = fullAccess(by);
  const request = ResolveRequest.parse({ resolution });
  const deciding = h.engine.resolve({ principal, id, request, waitMs: 5_000 });
  deciding.catch(() => undefined);
  await h.clock.advance(20);
  return deciding;
}

/** `executed completed`, or the code of a refusal. */
function words(decided: Decided): string {
  return decided.kind === 'refused' ? decided.refusal.code : `${decided.outcome} ${decided.execution.state}`;
}

function message(decided: Decided): string {
  return decided.kind === 'refused' ? decided.refusal.message : '';
}

describe('a review of an unknown outcome is resolved, and neither approved nor rejected', () => {
  test.each(['approve', 'reject'] as const)('%s is refused, and says what to do instead', async (verb) => {
    const { h, id, executionId } = await inReview();
    const decided = await h.engine[verb]({
      principal: fullAccess('reviewer'),
      id,
      request: {},
      waitMs: 0,
    });
    expect(words(decided)).toBe('approval_conflict');
    expect(message(decided)).toContain(`POST /v1/approvals/${id}/resolve`);
    expect((await h.store.executions.find('default', executionId))?.state).toBe('needs_review');
    expect(h.invoker.effects('blind')).toBe(1);
    expect(words(await resolve(h, id, 'applied'))).toBe('resolved completed');
  });
});

describe('another attempt is held against rights and rules as they are now', () => {
  const limited = (more: Partial<Principal>) => ({ ...fullAccess('key_1'), ...more });

  test.each([
    { cell: 'the key that asked is gone', key: null, why: 'is gone or has expired' },
    { cell: 'it has expired', key: limited({ expiresAt: epochMs(1) }), why: 'is gone or has expired' },
    { cell: 'it may not do this any more', key: limited({ actions: new Set(['look']) }), why: 'any more' },
  ])('$cell: nothing is sent, and the review stays', async ({ key, why }) => {
    const { h, id } = await inReview({ keyById: () => key });
    const decided = await resolve(h, id, 'retry');
    expect(words(decided)).toBe('policy_denied');
    expect(message(decided)).toContain(why);
    expect(message(decided)).toContain('say applied or not_applied');
    expect(h.invoker.effects('blind')).toBe(1);
    expect(words(await resolve(h, id, 'not_applied'))).toBe('resolved failed');
  });

  test('a rule forbids it now', async () => {
    const { h, id } = await inReview();
    const rule = { when: 'tool == blind', effect: 'deny', reason: 'payments are frozen' } as const;
    await h.engine.savePolicy(fullAccess('admin'), PolicyDocument.parse({ rules: [rule] }));
    const decided = await resolve(h, id, 'retry');
    expect(words(decided)).toBe('policy_denied');
    expect(message(decided)).toContain('payments are frozen');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('a rule forbids the fallback now, which would be called if it fails again', async () => {
    const { h, id } = await inReview({}, { failure_policy: { retry: 0, fallback: 'fallback' } });
    const rule = { when: 'tool == fallback', effect: 'deny', reason: 'no more detours' } as const;
    await h.engine.savePolicy(fullAccess('admin'), PolicyDocument.parse({ rules: [rule] }));
    const decided = await resolve(h, id, 'retry');
    expect(words(decided)).toBe('policy_denied');
    expect(message(decided)).toContain('no more detours');
  });

  test('the state that its contract stands on has changed', async () => {
    const h = await createHarness();
    h.invoker.script('blind', LOST, DONE);
    h.invoker.script('look', { reply: answered({ open: true }) });
    const policy = {
      intent: 'pay_invoice',
      conditions: { open: true },
      state_refetch: { tool: 'look', params: {} },
    };
    const [asked] = await Promise.all([h.call({ ...CALL, policy }), h.clock.advance(20)]);
    const id = recordOf(asked).outcome?.approvalId ?? '';
    const yes = h.engine.approve({ principal: fullAccess('approver'), id, request: {}, waitMs: 0 });
    await h.clock.advance(5_000);
    expect(words(await yes)).toBe('executed running');
    const review = await h.store.approvals.ofExecution('default', recordOf(asked).id);
    h.invoker.script('look', { reply: answered({ open: false }) });
    expect(words(await resolve(h, review?.id ?? '', 'retry'))).toBe('replan_required');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test('the rules ask for two people: two have to say so, and nobody counts twice', async () => {
    const { h, id } = await inReview();
    const rule = { when: 'tool == blind', effect: 'require_approval', reason: 'two', approvers: 2 } as const;
    await h.engine.savePolicy(fullAccess('admin'), PolicyDocument.parse({ rules: [rule] }));
    expect(words(await resolve(h, id, 'retry'))).toBe('pending needs_review');
    expect(words(await resolve(h, id, 'retry'))).toBe('approval_conflict');
    expect(h.invoker.effects('blind')).toBe(1);
    expect(words(await resolve(h, id, 'retry', 'another'))).toBe('executed completed');
  });
});

test('what has to be read is read before the decision: where that fails, nothing is decided', async () => {
  const clock = createManualClock();
  const oldFallback = toDefinition({ name: 'other', input_schema: {} }, { version: 'old' });
  const { h, id, executionId } = await inReview(
    { clock, tools: [oldFallback] },
    { failure_policy: { retry: 0, fallback: 'other' } },
  );
  let down = true;
  const registry: Store['registry'] = {
    ...h.store.registry,
    toolVersion: () => (down ? Promise.reject(new StorageUnavailable('away')) : Promise.resolve(null)),
  };
  const newFallback = toDefinition({ name: 'other', input_schema: {} }, { version: 'new' });
  const later = await createHarness({
    clock,
    tools: [newFallback],
    wrapStore: () => ({ ...h.store, registry }),
  });
  later.invoker.script('blind', DONE);
  await expect(resolve(later, id, 'retry')).rejects.toThrow(StorageUnavailable);
  expect((await h.store.executions.find('default', executionId))?.state).toBe('needs_review');
  down = false;
  expect(words(await resolve(later, id, 'retry'))).toBe('executed completed');
  expect(later.invoker.effects('blind')).toBe(1);
});
