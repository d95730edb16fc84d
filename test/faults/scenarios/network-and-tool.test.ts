import { fullAccess } from '@invoke/core/domain';
import type { OutboxMessage } from '@invoke/core/ports';
import { answered, LOST_CONNECTION, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, toDefinition, told, type Harness } from '../../engine/harness.js';

/** A ledger that is asked by our reference, and says how many entries carry it. */
const LEDGER = toDefinition({ name: 'ledger.find', effect: 'read', input_schema: {}, timeout_ms: 500 });
const RECONCILE = {
  state_refetch: { tool: 'ledger.find', params: { ref: '${reference}' } },
  conditions: { found: true },
  effects_at: '/entries',
  settle_ms: 2_000,
  min_absent_reads: 1,
  recheck_ms: 30_000,
} as const;
const TIMES = { timeout_ms: 1_000, retry: { max_attempts: 3, backoff_ms: 100 } } as const;
const BOOK = toDefinition({ name: 'book', input_schema: {}, reconcile: RECONCILE, ...TIMES });
const BOOK_ONCE = toDefinition({
  name: 'book.once',
  input_schema: {},
  reconcile: { ...RECONCILE, effects_at: undefined },
  timeout_ms: 1_000,
});
const BOOK_KEYED = toDefinition({
  name: 'book.keyed',
  input_schema: {},
  idempotency: { header: 'Idempotency-Key', window_ms: 60_000 },
  timeout_ms: 1_000,
  retry: { max_attempts: 6, backoff_ms: 50_000 },
});
const BOOK_MATCHED = toDefinition({
  name: 'book.matched',
  input_schema: {},
  reconcile: { ...RECONCILE, effects_at: undefined, reference_at: '/ref', min_absent_reads: 2 },
  ...TIMES,
});
const TOOLS = [LEDGER, BOOK, BOOK_ONCE, BOOK_KEYED, BOOK_MATCHED];

/** What the ledger holds when it is asked, one answer after the other; the last is repeated. */
function ledgerHolds(h: Harness, ...counts: number[]): void {
  const replies = counts.map((n) => ({
    reply: answered({ found: n > 0, entries: Array.from({ length: n }, (_, i) => i) }),
  }));
  h.invoker.script('ledger.find', ...replies);
}

async function after(h: Harness, ms: number, call: ReturnType<Harness['call']>) {
  await h.clock.advance(ms);
  return call;
}

const settlementsOf = async (h: Harness, id: string) =>
  (await h.store.settlements.ofExecution('default', id)).map((s) => ({
    by: s.provider,
    contradiction: s.contradiction,
    detail: s.detail,
  }));

const reachedTool = (h: Harness, tool: string) => h.invoker.calls.filter((c) => c.tool.id === tool).length;

const DONE = answered({ id: 'x1' });

describe('24: an effect later than the settle time', () => {
  test('after a retry: the second look finds two effects, and says so', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book', { effect: true, reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    ledgerHolds(h, 0, 0, 2);
    const answer = await after(h, 10_000, h.call({ tool: 'book', idempotency_key: 'k' }));
    expect(told(answer)).toBe('completed');
    expect(await settlementsOf(h, recordOf(answer).id)).toEqual([]);
    await h.clock.advance(40_000);
    expect(h.invoker.effects('book')).toBe(2);
    expect(await settlementsOf(h, recordOf(answer).id)).toEqual([
      {
        by: 'INVOKE',
        contradiction: true,
        detail: 'a second look found 2 effects where 1 is recorded: found is true',
      },
    ]);
    // What was answered stays what it was.
    expect(told(await h.call({ tool: 'book', idempotency_key: 'k' }))).toBe('completed replayed');
  });

  test('after a recorded failure: the second look finds the effect, without any count', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.once', { effect: true, reply: LOST_CONNECTION });
    ledgerHolds(h, 0, 0, 1);
    const answer = await after(h, 10_000, h.call({ tool: 'book.once' }));
    expect(told(answer)).toBe('failed upstream_unavailable');
    await h.clock.advance(40_000);
    expect(await settlementsOf(h, recordOf(answer).id)).toMatchObject([{ contradiction: true }]);
  });

  test('told of by the late answer itself, at once', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book', { effect: true, reply: DONE, afterMs: 8_000 }, { effect: true, reply: DONE });
    ledgerHolds(h, 0);
    const answer = await after(h, 7_000, h.call({ tool: 'book' }));
    expect(told(answer)).toBe('completed');
    expect(await settlementsOf(h, recordOf(answer).id)).toEqual([]);
    await h.clock.advance(2_000);
    expect(await settlementsOf(h, recordOf(answer).id)).toEqual([
      {
        by: 'INVOKE',
        contradiction: true,
        detail: 'the tool answered "done" to attempt 1 after its settle time, when absence had been believed',
      },
    ]);
  });

  test('those who listen are told', async () => {
    const sent: OutboxMessage[] = [];
    const h = await createHarness({
      tools: TOOLS,
      sender: {
        channels: new Set(['events']),
        send(message) {
          sent.push(message);
          return Promise.resolve({ kind: 'delivered' });
        },
        close: () => Promise.resolve(),
      },
    });
    h.invoker.script('book', { effect: true, reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    ledgerHolds(h, 0, 0, 2);
    void h.call({ tool: 'book' });
    await h.clock.advance(60_000);
    expect(sent.map((m) => m.topic)).toEqual(['execution.contract_broken']);
  });

  test('the gateway that asked for the second look is gone: another one looks', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book', { effect: true, reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    ledgerHolds(h, 0, 0, 2);
    const answer = await after(h, 10_000, h.call({ tool: 'book' }));
    await h.another();
    const stopped = h.engine.stop(0);
    await h.clock.advance(40_000);
    await stopped;
    expect(await settlementsOf(h, recordOf(answer).id)).toHaveLength(1);
  });

  test('a second look that says nothing is repeated, and one that finds what is recorded raises nothing', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book', { reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    h.invoker.script(
      'ledger.find',
      { reply: answered({ found: false, entries: [] }) },
      { reply: answered({ found: false, entries: [] }) },
      { reply: LOST_CONNECTION },
      { reply: answered({ found: true, entries: [1] }) },
    );
    const answer = await after(h, 60_000, h.call({ tool: 'book' }));
    expect(reachedTool(h, 'ledger.find')).toBe(4);
    expect(await settlementsOf(h, recordOf(answer).id)).toEqual([]);
    await h.clock.advance(600_000);
    expect(reachedTool(h, 'ledger.find')).toBe(4);
  });
});

describe('27: lookups that fail, flap or lag', () => {
  test('an absence that flaps is not an absence: nothing is sent again, people decide', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.matched', { effect: true, reply: LOST_CONNECTION });
    const absent = { reply: answered({ found: false, ref: null, items: 0 }) };
    h.invoker.script(
      'ledger.find',
      ...Array.from({ length: 8 }, (_, i) => (i % 2 ? absent : { reply: LOST_CONNECTION })),
    );
    const answer = await after(h, 300_000, h.call({ tool: 'book.matched' }));
    expect(recordOf(answer).state).toBe('needs_review');
    expect(recordOf(answer).journal.lookups).toHaveLength(8);
    expect(reachedTool(h, 'book.matched')).toBe(1);
  });

  test('a replica that lags for less than the settle time hides nothing', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('ledger.find', {
      reply: () =>
        answered({ found: h.clock.monotonic() > 2_500, entries: h.clock.monotonic() > 2_500 ? [1] : [] }),
    });
    const answer = await after(h, 60_000, h.call({ tool: 'book' }));
    expect(told(answer)).toBe('outcome_reconciled');
    expect(recordOf(answer).journal.lookups.map((l) => l.verdict)).toEqual(['absent', 'applied']);
    expect(h.invoker.effects('book')).toBe(1);
  });
});

describe('28: what somebody else did is not taken for ours', () => {
  const other = (ref: unknown) => ({ reply: answered({ found: true, ref }) });

  test('an object that matches and carries another reference counts as absent: the call is made', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.matched', { reply: LOST_CONNECTION }, { effect: true, reply: DONE });
    h.invoker.script('ledger.find', other('ivk_of_somebody_else'));
    const answer = await after(h, 60_000, h.call({ tool: 'book.matched' }));
    expect(told(answer)).toBe('completed');
    expect(h.invoker.effects('book.matched')).toBe(1);
    expect(recordOf(answer).journal.lookups.at(-1)?.evidence).toContain('reference of somebody else');
  });

  test('our own reference is found', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.matched', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('ledger.find', { reply: (call) => answered({ found: true, ref: call.params['ref'] }) });
    const answer = await after(h, 60_000, h.call({ tool: 'book.matched' }));
    expect(told(answer)).toBe('outcome_reconciled');
    expect(reachedTool(h, 'book.matched')).toBe(1);
  });

  test('an object without a reference proves nothing either way', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.matched', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('ledger.find', other(undefined));
    const answer = await after(h, 300_000, h.call({ tool: 'book.matched' }));
    expect(recordOf(answer).state).toBe('needs_review');
    expect(reachedTool(h, 'book.matched')).toBe(1);
  });
});

test('29: one request that is delivered twice is one attempt of ours, and the second look tells of two effects', async () => {
  const h = await createHarness({ tools: TOOLS });
  h.invoker.script('book', { effect: true, reply: DONE });
  ledgerHolds(h, 2);
  const answer = await after(h, 10, h.call({ tool: 'book' }));
  expect(told(answer)).toBe('completed');
  await h.clock.advance(40_000);
  expect(reachedTool(h, 'book')).toBe(1);
  expect(await settlementsOf(h, recordOf(answer).id)).toMatchObject([{ contradiction: true }]);
});

describe('30: the tool has forgotten our key', () => {
  test('within the window it is sent again, after it nothing is: people decide', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.keyed', { effect: true, reply: LOST_CONNECTION });
    const answer = await after(h, 400_000, h.call({ tool: 'book.keyed', timeout_ms: 400_000 }));
    expect(recordOf(answer).state).toBe('needs_review');
    // The window of 60 s has room for one retry after 50 s; the next one would come after its end.
    expect(reachedTool(h, 'book.keyed')).toBe(2);
  });

  test('a gateway that takes over after the window sends nothing', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('book.keyed', { effect: true, reply: DONE, afterMs: 10_000_000 });
    void h.call({ tool: 'book.keyed', timeout_ms: 1, idempotency_key: 'k' });
    await h.clock.advance(10);
    const stopped = h.engine.stop(0);
    await h.clock.advance(61_000);
    await stopped;
    const heir = await h.another();
    await h.clock.advance(120_000);
    const [record] = (await heir.executions(fullAccess('key_1'), LATEST)).records;
    expect([record?.state, reachedTool(h, 'book.keyed')]).toEqual(['needs_review', 1]);
  });
});

const LATEST = { limit: 1, before: null, state: null, tool: null, agentId: null } as const;

describe('31: no fallback after an unknown outcome', () => {
  const policy = { fallback: 'fallback', retry: 0 } as const;

  test.each([
    ['blind', 'C: nothing can prove absence', 'needs_review', 0],
    ['book.once', 'B: absence is proven', 'completed', 1],
  ])('%s (%s)', async (tool, _why, state, fallbacks) => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script(tool, { effect: tool === 'blind', reply: LOST_CONNECTION });
    h.invoker.script('fallback', { effect: true, reply: DONE });
    ledgerHolds(h, 0);
    const calling = h.call({ tool, failure_policy: policy });
    await h.clock.advance(2_900);
    expect(h.invoker.effects('fallback')).toBe(0);
    const answer = await after(h, 120_000, calling);
    expect(recordOf(answer).state).toBe(state);
    expect(h.invoker.effects('fallback')).toBe(fallbacks);
    expect(h.invoker.effects(tool) + h.invoker.effects('fallback')).toBe(1);
  });

  test('A: what its key cannot settle goes to people, not to another tool', async () => {
    const h = await createHarness({ tools: TOOLS });
    h.invoker.script('keyed', { effect: true, reply: LOST_CONNECTION });
    h.invoker.script('fallback', { effect: true, reply: DONE });
    const answer = await after(h, 120_000, h.call({ tool: 'keyed', failure_policy: policy }));
    expect(recordOf(answer).state).toBe('needs_review');
    expect([h.invoker.effects('keyed'), h.invoker.effects('fallback')]).toEqual([1, 0]);
  });
});

test('32: a tool that is down for ten minutes: three attempts per call, one escalation, and nothing piles up', async () => {
  const h = await createHarness({ tools: TOOLS });
  h.invoker.script('blind', { reply: REFUSED_CONNECTION });
  const failure_policy = { retry: 2, on_failure: 'escalate' } as const;
  const calls = Array.from({ length: 50 }, (_, i) =>
    h.call({ tool: 'blind', idempotency_key: `k${i}`, failure_policy }),
  );
  await h.clock.advance(600_000);
  const answers = await Promise.all(calls);
  expect(new Set(answers.map((a) => recordOf(a).journal.attempts.length))).toEqual(new Set([3]));
  expect(new Set(answers.map(told))).toEqual(new Set(['needs_review']));
  const reviews = await h.store.approvals.list({
    tenant: 'default',
    limit: 200,
    before: null,
    state: null,
    agentId: null,
  });
  expect(reviews).toHaveLength(50);
  expect(h.engine.driving()).toBe(0);
});
