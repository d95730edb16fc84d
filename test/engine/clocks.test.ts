import { PolicyDocument, type CallPolicy } from '@invoke/contract';
import type { EngineConfig, ToolDefinition } from '@invoke/core';
import { durationMs, epochMs, fullAccess } from '@invoke/core/domain';
import { answered, createManualClock } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, told, type Harness } from './harness.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAGE = { tenant: 'default', limit: 1, before: null, state: null, tool: null, agentId: null } as const;

/** A gateway and a store that have the same time, until the clock of the gateway steps. */
async function openTwoClocks(tools: readonly ToolDefinition[] = [], config: Partial<EngineConfig> = {}) {
  const clock = createManualClock();
  const began = clock.now();
  const ofStore = { now: () => epochMs(began + clock.monotonic()) };
  const h = await createHarness({
    clock,
    tools,
    config,
    wrapStore: () => createMemoryStore({ clock: ofStore }),
  });
  h.invoker.script('blind', { effect: true, reply: answered({ ok: true }) });
  return h;
}

/** As where the database is a file: one clock, and it steps. */
async function openOneClock(tools: readonly ToolDefinition[] = [], config: Partial<EngineConfig> = {}) {
  const h = await createHarness({ tools, config });
  h.invoker.script('blind', { effect: true, reply: answered({ ok: true }) });
  return h;
}

/** A call that waits for an approval which ends in a minute. */
async function waiting(h: Harness, more: Partial<NonNullable<CallPolicy['rules']>[number]> = {}) {
  const rule = { when: 'action == push', effect: 'require_approval', priority: 0, ...more } as const;
  const policy: CallPolicy = {
    rules: [rule],
    expires_at: new Date(h.clock.now() + 60_000).toISOString(),
  };
  const calling = h.call({ tool: 'blind', action: 'push', idempotency_key: 'k', policy });
  const [answer] = await Promise.all([calling, h.clock.advance(10)]);
  expect(told(answer)).toBe('pending_approval');
  return recordOf(answer).outcome?.approvalId ?? '';
}

async function approve(h: Harness, id: string, keyId = 'approver') {
  const deciding = h.engine.approve({ principal: fullAccess(keyId), id, request: {}, waitMs: 5_000 });
  const [decided] = await Promise.all([deciding, h.clock.advance(50)]);
  return decided.kind === 'refused' ? decided.refusal.code : `${decided.outcome} ${decided.execution.state}`;
}

test('a gateway whose clock is fast approves what is in time by the clock of the store', async () => {
  const h = await openTwoClocks();
  const id = await waiting(h);
  h.clock.step(HOUR);
  expect(await approve(h, id)).toBe('executed completed');
  expect(h.invoker.effects('blind')).toBe(1);
});

test('the same where two have to say yes: neither vote is lost', async () => {
  const h = await openTwoClocks();
  const id = await waiting(h, { approvers: 2 });
  h.clock.step(HOUR);
  expect(await approve(h, id, 'one')).toBe('pending awaiting_approval');
  expect(await approve(h, id, 'two')).toBe('executed completed');
  expect(h.invoker.effects('blind')).toBe(1);
});

test('a gateway whose clock is slow approves nothing that has ended by the clock of the store', async () => {
  const h = await openTwoClocks();
  const id = await waiting(h);
  h.clock.step(-HOUR);
  await h.clock.advance(60_000);
  // What ends approvals that nobody decides has not come by yet.
  expect((await h.store.approvals.find('default', id))?.state).toBe('pending');
  expect(await approve(h, id)).toBe('cancelled expired');
  expect(h.invoker.calls).toEqual([]);
});

test('what nobody decides is ended by the clock of the store, whatever the gateway that looks believes', async () => {
  const slow = await openTwoClocks();
  const late = await waiting(slow);
  slow.clock.step(-HOUR);
  await slow.clock.advance(70_000);
  expect((await slow.store.approvals.find('default', late))?.state).toBe('expired');

  const fast = await openTwoClocks();
  const early = await waiting(fast);
  fast.clock.step(HOUR);
  await fast.clock.advance(40_000);
  expect((await fast.store.approvals.find('default', early))?.state).toBe('pending');
});

test.each([
  { why: 'the tool still knows it', windowMs: 2 * HOUR, stepMs: -HOUR, calls: 2, state: 'completed' },
  { why: 'the tool has forgotten it', windowMs: 60_000, stepMs: 0, calls: 1, state: 'needs_review' },
  { why: 'the same to a slow clock', windowMs: 60_000, stepMs: -HOUR, calls: 1, state: 'needs_review' },
])('a key is sent once more by who goes on, as long as its tool knows it: $why', async (cell) => {
  const { windowMs, stepMs, calls, state } = cell;
  const card = { name: 'short', input_schema: {}, retry: { max_attempts: 2, backoff_ms: 100 } };
  const idempotency = { header: 'Idempotency-Key', window_ms: windowMs };
  const h = await openTwoClocks([toDefinition({ ...card, idempotency })]);
  const done = { effect: true, reply: answered({ ok: true }) } as const;
  h.invoker.script('short', { ...done, afterMs: 10 * HOUR }, done);
  void h.call({ tool: 'short', idempotency_key: 'k', timeout_ms: 1 });
  await h.clock.advance(10);
  await Promise.all([h.engine.stop(0), h.clock.advance(10)]);
  await h.clock.advance(70_000);
  h.clock.step(stepMs);
  await Promise.all([h.another(), h.clock.advance(60_000)]);
  expect((await h.store.executions.list(PAGE)).map((record) => record.state)).toEqual([state]);
  expect(h.invoker.calls).toHaveLength(calls);
});

/** The answer to the same call, once more. */
async function again(h: Pick<Harness, 'call' | 'clock'>) {
  const calling = h.call({ tool: 'blind', idempotency_key: 'k' });
  await h.clock.advance(100);
  return told(await calling);
}

test('a key that a fast gateway has sent first is sent no longer than its tool knows it', async () => {
  const card = { name: 'short', input_schema: {}, retry: { max_attempts: 2, backoff_ms: 100 } };
  const idempotency = { header: 'Idempotency-Key', window_ms: 60_000 };
  const h = await openTwoClocks([toDefinition({ ...card, idempotency })]);
  const done = { effect: true, reply: answered({ ok: true }) } as const;
  h.invoker.script('short', { ...done, afterMs: 10 * HOUR }, done);
  h.clock.step(HOUR);
  void h.call({ tool: 'short', idempotency_key: 'k', timeout_ms: 1 });
  await h.clock.advance(10);
  await Promise.all([h.engine.stop(0), h.clock.advance(10)]);
  h.clock.step(-HOUR);
  await h.clock.advance(600_000);
  await Promise.all([h.another(), h.clock.advance(60_000)]);
  expect(h.invoker.calls).toHaveLength(1);
});

test.each([25 * HOUR, -25 * HOUR])(
  'no clock that is off by %d ms opens another window of a budget',
  async (ms) => {
    const h = await openTwoClocks();
    const me = fullAccess('key_1');
    const budget = { id: 'daily', per: 'key', window: 'day', max_calls: 1 } as const;
    await h.engine.savePolicy(me, PolicyDocument.parse({ budgets: [budget] }));
    const call = async () => {
      const [answer] = await Promise.all([h.call({ tool: 'blind' }), h.clock.advance(100)]);
      return told(answer);
    };
    expect(await call()).toBe('completed');
    h.clock.step(ms);
    expect(await call()).toBe('refused budget_exceeded');
    const { budgets } = await h.engine.usage(me, { per: 'tool', since: null, until: null });
    expect(budgets.map(({ calls }) => calls)).toEqual([1]);
  },
);

describe('what refuses a key', () => {
  test.each([
    { why: 'of the gateway', open: openTwoClocks },
    { why: 'of the gateway and of the store, which have the same one', open: openOneClock },
  ])('stays while the clock $why is far ahead', async ({ open }) => {
    const h = await open([], { retentionMs: durationMs(60_000) });
    expect(await again(h)).toBe('completed');
    await h.clock.advance(300_000);
    expect(await again(h)).toBe('refused idempotency_key_expired');
    h.clock.step(500 * DAY);
    await h.clock.advance(180_000);
    h.clock.step(-500 * DAY);
    expect(await again(h)).toBe('refused idempotency_key_expired');
    expect(h.invoker.effects('blind')).toBe(1);
  });

  test.each([
    { why: 'of the gateway is far ahead', stepMs: 500 * DAY, open: openTwoClocks },
    { why: 'of the gateway and of the store is far ahead', stepMs: 500 * DAY, open: openOneClock },
    { why: 'of the gateway that has recorded it stood in 1970', stepMs: -1.6e12, open: openTwoClocks },
  ])('is a recorded answer that is not pruned early: the clock $why', async ({ stepMs, open }) => {
    const h = await open();
    if (stepMs < 0) h.clock.step(stepMs);
    expect(await again(h)).toBe('completed');
    h.clock.step(Math.abs(stepMs));
    await h.clock.advance(180_000);
    if (stepMs > 0) h.clock.step(-stepMs);
    const fresh = await h.another();
    const executions = await h.store.executions.list(PAGE);
    expect(executions.map(({ state }) => state)).toEqual(['completed']);
    await Promise.all([fresh.stop(0), h.clock.advance(100)]);
  });

  test('goes when its time is over all the same, also after the clock was put right', async () => {
    const h = await openOneClock([], { retentionMs: durationMs(60_000), tombstoneMs: durationMs(2 * DAY) });
    expect(await again(h)).toBe('completed');
    await h.clock.advance(300_000);
    h.clock.step(3 * DAY);
    await h.clock.advance(HOUR);
    expect(await again(h)).toBe('refused idempotency_key_expired');
    await h.clock.advance(DAY);
    expect(await again(h)).toBe('completed');
  });
});
