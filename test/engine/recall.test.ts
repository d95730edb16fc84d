import { CallRequest, PolicyDocument, type CallRequestInput } from '@invoke/contract';
import { fullAccess } from '@invoke/core/domain';
import { StorageUnavailable, type Foresight, type Store } from '@invoke/core/ports';
import { answered, createManualClock, LOST_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createChangingPast, type ChangingPast } from './changing-past.js';
import { createHarness, recordOf, told, tracesOf, type Harness } from './harness.js';

const ME = fullAccess('key_1');
const DONE = { effect: true, reply: answered({ id: 'x1' }) } as const;
const LOST = { effect: true, reply: LOST_CONNECTION } as const;
const CHARGE: CallRequestInput = {
  tool: 'charge',
  params: { payment_id: 'p', customer_id: 'cust_1' },
  idempotency_key: 'k',
};

type Failing = 'refused' | 'answer_lost' | 'out_of_reach';

interface Watched extends Harness {
  readonly past: ChangingPast;
  /** What the store was asked about keys, in order. */
  readonly asked: string[];
  /** From now on the store refuses every claim, makes it and does not say so, or lets it wait in vain. */
  failClaims(how: Failing): void;
}

/** A gateway whose store can say this much about a key without being asked. */
async function open(foresight: Foresight): Promise<Watched> {
  const asked: string[] = [];
  const clock = createManualClock();
  const past = createChangingPast(clock);
  let failing: Failing | null = null;
  const wrapStore = (store: Store): Store => ({
    ...store,
    history: past.history,
    executions: {
      ...store.executions,
      foresee: () => foresight,
      recall(keyDigest) {
        asked.push('recall');
        return store.executions.recall(keyDigest);
      },
      async claim(record) {
        asked.push('claim');
        if (failing === null) return store.executions.claim(record);
        if (failing === 'answer_lost') await store.executions.claim(record);
        if (failing === 'out_of_reach') await new Promise<void>((resolve) => clock.schedule(5_000, resolve));
        throw new StorageUnavailable(failing);
      },
    },
  });
  const h = await createHarness({ clock, wrapStore });
  h.invoker.script('charge', DONE);
  h.invoker.script('look', { reply: answered({ ready: true }) });
  return { ...h, past, asked, failClaims: (how) => void (failing = how) };
}

async function call(h: Harness, request: CallRequestInput = CHARGE) {
  const [answer] = await Promise.all([h.call(request), h.clock.advance(100)]);
  return answer;
}

/** What comes between a call and its repetition, and would have another call refused, asked about or held back. */
const SINCE: Readonly<Record<string, (h: Watched) => unknown>> = {
  nothing: () => undefined,
  'a rule denies it': (h) =>
    h.engine.savePolicy(ME, PolicyDocument.parse({ rules: [{ when: 'tool == charge', effect: 'deny' }] })),
  'a rule wants a human': (h) =>
    h.engine.savePolicy(
      ME,
      PolicyDocument.parse({
        rules: [{ when: 'tool == charge', effect: 'require_approval', allowed_action: 'charge' }],
      }),
    ),
  'a budget has nothing left': (h) =>
    h.engine.savePolicy(
      ME,
      PolicyDocument.parse({ budgets: [{ id: 'none', per: 'key', window: 'day', max_calls: 0 }] }),
    ),
  'another write to its entity is unknown': async (h) => {
    h.invoker.script('charge', LOST);
    h.invoker.script('payments.lookup', { reply: answered({}) });
    const other = h.call({ ...CHARGE, idempotency_key: 'other' });
    await h.clock.advance(300_000);
    await other;
  },
  'the past of the database has changed': async (h) => {
    h.past.goBack();
    // Until the gateway has looked; what begins now waits for a while.
    await h.clock.advance(5_000);
  },
  'the store refuses writes': (h) => h.failClaims('refused'),
};

describe.each(['perhaps', 'unknown'] as const)('where what a key names is foreseen as %s', (foresight) => {
  test.each(Object.keys(SINCE))('a repetition gets the recorded answer, after: %s', async (since) => {
    const h = await open(foresight);
    const first = recordOf(await call(h));
    await SINCE[since]?.(h);
    const made = h.invoker.calls.length;
    const again = await h.call(CHARGE);
    expect(told(again)).toBe('completed replayed');
    expect(recordOf(again).id).toBe(first.id);
    expect(h.invoker.calls).toHaveLength(made);
    const usage = await h.engine.usage(ME, { per: 'tool', since: null, until: null });
    expect(usage.budgets.filter(({ calls }) => calls > 0)).toEqual([]);
    const waiting = await h.store.approvals.list({
      tenant: ME.tenant,
      limit: 10,
      before: null,
      state: 'pending',
      agentId: null,
    });
    expect(waiting.filter(({ kind }) => kind === 'approval')).toEqual([]);
  });

  test.each(Object.keys(SINCE))('other params are told that the key is taken, after: %s', async (since) => {
    const h = await open(foresight);
    await call(h);
    await SINCE[since]?.(h);
    const other = { ...CHARGE, params: { ...CHARGE.params, amount: 5 } };
    expect(told(await h.call(other))).toBe('refused idempotency_key_reused');
  });

  test.each(['nothing', 'a rule denies it', 'a rule wants a human'])(
    'a preflight of a repetition says that it is one, after: %s',
    async (since) => {
      const h = await open(foresight);
      await call(h);
      await SINCE[since]?.(h);
      const answer = await h.engine.preflight({
        credential: { kind: 'principal', principal: ME },
        request: CallRequest.parse(CHARGE),
        requestId: 'req',
        traceparent: null,
        attachMs: 0,
        applySafeFixes: false,
      });
      expect(answer).toMatchObject({ kind: 'view', view: { decision: 'replay' } });
    },
  );

  test('a repetition does not have the state read again that its policy depends on', async () => {
    const h = await open(foresight);
    const request: CallRequestInput = {
      ...CHARGE,
      policy: { intent: 'charge', conditions: { ready: true }, state_refetch: { tool: 'look', params: {} } },
    };
    const first = await call(h, request);
    const made = h.invoker.calls.length;
    const again = await h.call(request);
    expect(recordOf(again).id).toBe(recordOf(first).id);
    expect(h.invoker.calls).toHaveLength(made);
  });

  test('the trace of a repetition ends with recall, whatever else would have stopped it', async () => {
    const h = await open(foresight);
    await call(h);
    await SINCE['a rule denies it']?.(h);
    await h.call({ ...CHARGE, params: { ...CHARGE.params, amount: 5 } });
    await h.call(CHARGE);
    const traces = await tracesOf(h);
    const [replay, reused] = traces
      .filter(({ steps }) => steps.some(({ step }) => step === 'recall'))
      .map(({ steps }) => steps.map(({ step, status }) => `${step} ${status}`));
    expect(replay).toEqual(['recall replay']);
    expect(reused?.slice(3)).toEqual(['scope passed', 'recall stopped', 'record passed']);
  });
});

test('a repetition takes nothing from a budget, not even for a moment', async () => {
  const h = await open('unknown');
  await call(h);
  const budgets = [{ id: 'daily', per: 'key', window: 'day', max_calls: 5 }];
  await h.engine.savePolicy(ME, PolicyDocument.parse({ budgets }));
  expect(told(await h.call(CHARGE))).toBe('completed replayed');
  expect(h.asked).toEqual(['claim', 'recall']);
});

test('a new call asks the store about its key once: by its claim, where nothing is foreseen', async () => {
  const asked = async (foresight: Foresight) => {
    const h = await open(foresight);
    expect(told(await call(h))).toBe('completed');
    return h.asked;
  };
  expect(await asked('unknown')).toEqual(['claim']);
  expect(await asked('absent')).toEqual(['claim']);
  expect(await asked('perhaps')).toEqual(['recall', 'claim']);
});

test('a call whose own claim was made without an answer is not told that it is under way', async () => {
  const h = await open('unknown');
  h.failClaims('answer_lost');
  expect(told(await call(h))).toBe('refused storage_unavailable');
  expect(h.invoker.effects('charge')).toBe(0);
});

test('a store that was waited for in vain is not waited for again', async () => {
  const h = await open('unknown');
  h.failClaims('out_of_reach');
  const [answer] = await Promise.all([h.call(CHARGE), h.clock.advance(6_000)]);
  expect(told(answer)).toBe('refused storage_unavailable');
  expect(h.asked).toEqual(['claim']);
});

test('what a claim has found out is not asked for again', async () => {
  const h = await open('unknown');
  await call(h);
  for (let i = 0; i < 3; i++) expect(told(await h.call(CHARGE))).toBe('completed replayed');
  expect(h.asked).toEqual(['claim', 'claim']);
});

describe('a key is held to the contract of its call', () => {
  const under = (balance: string): CallRequestInput => ({
    tool: 'blind',
    params: { i: 1 },
    idempotency_key: 'k',
    policy: { intent: 'pay', conditions: { balance } },
  });

  test.each(['perhaps', 'unknown'] as const)('where the store says %s', async (foresight) => {
    const h = await open(foresight);
    h.invoker.script('blind', DONE);
    const first = await call(h, under('> 0'));
    expect(told(await call(h, under('> 1000000')))).toBe('refused idempotency_key_reused');
    expect(told(await call(h, { ...under('> 0'), policy: undefined }))).toBe(
      'refused idempotency_key_reused',
    );
    expect(recordOf(await call(h, under('> 0'))).id).toBe(recordOf(first).id);
  });
});
