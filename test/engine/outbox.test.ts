import { CallRequest } from '@invoke/contract';
import { epochMs, fullAccess } from '@invoke/core/domain';
import type { MessageSender, OutboxMessage, SendResult, Store } from '@invoke/core/ports';
import { createManualClock, type ManualClock } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import { afterEach, describe, expect, test } from 'vitest';
import { createEngine, createSystemDigest, createSystemIds, type Engine } from '@invoke/core';
import { createExpressionLanguage, createSchemaCompiler } from '@invoke/core/adapters';
import { toDefinition } from './harness.js';

interface Post extends MessageSender {
  readonly sent: { readonly id: string; readonly at: number }[];
  /** What happens to deliveries, in order; the last goes on for ever. */
  script(...results: (SendResult | 'hang' | 'throw')[]): void;
}

interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly post: Post;
  readonly logged: string[];
  start(store?: Store): Promise<Engine>;
}

const started: { readonly engine: Engine; readonly clock: ManualClock }[] = [];
afterEach(async () => {
  for (const { engine, clock } of started.splice(0)) {
    const stopped = engine.stop(0);
    await clock.advance(1);
    await stopped;
  }
});

function createPost(clock: ManualClock): Post {
  let results: (SendResult | 'hang' | 'throw')[] = [];
  const sent: { id: string; at: number }[] = [];
  return {
    channels: new Set(['events']),
    sent,
    script: (...next) => void (results = next),
    async send({ id }) {
      sent.push({ id, at: clock.now() - START });
      const result = results.length > 1 ? results.shift() : results[0];
      if (result === 'throw') throw new Error('a bug in the sender');
      if (result === 'hang') return new Promise(() => undefined);
      return result ?? { kind: 'delivered' };
    },
    close: () => Promise.resolve(),
  };
}

const PAY = toDefinition({ name: 'pay', input_schema: {} }, { approvalRequired: true });
const START = 1_700_000_000_000;

function createWorld(): World {
  const clock = createManualClock(START);
  const store = createMemoryStore({ clock });
  const post = createPost(clock);
  const logged: string[] = [];
  return {
    clock,
    store,
    post,
    logged,
    async start(on = store) {
      const engine = createEngine(
        {
          store: on,
          invoker: {
            invoke: () => Promise.reject(new Error('nothing is called here')),
            close: async () => {},
          },
          clock,
          keyRing: { find: () => null, byId: (id) => fullAccess(id) },
          schemas: createSchemaCompiler(),
          language: createExpressionLanguage(),
          addresses: { check: () => ({ kind: 'ok' }) },
          ids: createSystemIds(),
          digest: createSystemDigest('secret of the tests'),
          random: () => 0.5,
          log: {
            info: () => undefined,
            warn: (event) => void logged.push(event),
            error: (event) => void logged.push(event),
          },
        },
        { sender: post, builtin: [PAY] },
      );
      await engine.start();
      started.push({ engine, clock });
      return engine;
    },
  };
}

function message(id: string): OutboxMessage {
  const body = { type: 'approval.requested' };
  return { id, tenant: 't', channel: 'events', topic: 'approval.requested', body, createdAt: epochMs(START) };
}

const FAILED: SendResult = { kind: 'failed', why: 'answered with status 500', afterMs: null };

describe('a message', () => {
  test('that another gateway has written is found within two seconds, and sent once', async () => {
    const w = createWorld();
    await w.start();
    await w.clock.advance(100);
    await w.store.outbox.add([message('m1')]);
    await w.clock.advance(2_000);
    await w.clock.advance(60_000);
    expect(w.post.sent.map((s) => s.id)).toEqual(['m1']);
    expect(w.post.sent[0]?.at).toBeLessThanOrEqual(2_100);
  });

  test('that this gateway has written is sent at once', async () => {
    const w = createWorld();
    const engine = await w.start();
    await w.clock.advance(100);
    await engine.call({
      credential: { kind: 'principal', principal: fullAccess('key_1') },
      request: CallRequest.parse({ tool: 'pay', params: {} }),
      requestId: 'r1',
      traceparent: null,
      attachMs: 0,
    });
    await w.clock.advance(0);
    expect(w.post.sent.map((s) => s.at)).toEqual([100]);
  });

  test('that fails is sent again after 5 s, 30 s and 2 min', async () => {
    const w = createWorld();
    w.post.script(FAILED);
    await w.store.outbox.add([message('m1')]);
    await w.start();
    await w.clock.advance(170_000);
    const at = w.post.sent.map((s) => s.at);
    const pauses = at.slice(1).map((t, i) => t - (at[i] ?? 0));
    expect(at).toHaveLength(4);
    for (const [i, expected] of [5_000, 30_000, 120_000].entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(expected);
      expect(pauses[i]).toBeLessThanOrEqual(expected + 2_000);
    }
    expect(new Set(w.post.sent.map((s) => s.id))).toEqual(new Set(['m1']));
  });

  test.each([3_600_000, -3_600_000])(
    'waits as long where the clock of its gateway is off by %d ms',
    async (ms) => {
      const w = createWorld();
      w.post.script(FAILED);
      const store = createMemoryStore({ clock: { now: () => epochMs(START + w.clock.monotonic()) } });
      await store.outbox.add([message('m1')]);
      w.clock.step(ms);
      await w.start(store);
      await w.clock.advance(20_000);
      const at = w.post.sent.map((s) => s.at - ms);
      expect(at).toHaveLength(2);
      expect(at[1]).toBeGreaterThanOrEqual(5_000);
      expect(at[1]).toBeLessThanOrEqual(9_000);
    },
  );

  test('whose receiver names a time is not sent before', async () => {
    const w = createWorld();
    w.post.script({ ...FAILED, afterMs: 90_000 }, FAILED);
    await w.store.outbox.add([message('m1')]);
    await w.start();
    await w.clock.advance(89_000);
    expect(w.post.sent).toHaveLength(1);
    await w.clock.advance(4_000);
    expect(w.post.sent).toHaveLength(2);
  });

  test('whose receiver is gone is dead at once', async () => {
    const w = createWorld();
    w.post.script({ kind: 'gone', why: 'answered 410 Gone' });
    await w.store.outbox.add([message('m1')]);
    await w.start();
    await w.clock.advance(300_000);
    expect(w.post.sent).toHaveLength(1);
    expect(w.logged).toEqual(['message_not_delivered']);
  });

  test('is sent again under the same id where the first delivery was never recorded', async () => {
    const w = createWorld();
    let broken = true;
    const forgetful: Store = {
      ...w.store,
      outbox: {
        ...w.store.outbox,
        settle: (id, delivery) =>
          broken ? Promise.reject(new Error('killed here')) : w.store.outbox.settle(id, delivery),
      },
    };
    await w.store.outbox.add([message('m1')]);
    await w.start(forgetful);
    await w.clock.advance(3_000);
    expect(w.post.sent.map((s) => s.id)).toEqual(['m1']);
    broken = false;
    await w.clock.advance(65_000);
    expect(w.post.sent.map((s) => s.id)).toEqual(['m1', 'm1']);
    await w.clock.advance(300_000);
    expect(w.post.sent).toHaveLength(2);
  });

  test('is sent by one of two gateways', async () => {
    const w = createWorld();
    await w.store.outbox.add([message('m1'), message('m2'), message('m3')]);
    await w.start();
    await w.start();
    await w.clock.advance(120_000);
    expect(w.post.sent.map((s) => s.id).toSorted()).toEqual(['m1', 'm2', 'm3']);
  });
});

test('a bug in the sender stops nothing: the message comes again when its lease is over', async () => {
  const w = createWorld();
  w.post.script('throw', { kind: 'delivered' });
  await w.store.outbox.add([message('m1')]);
  await w.start();
  await w.clock.advance(70_000);
  expect(w.post.sent).toHaveLength(2);
});

test('no more than sixteen deliveries are under way, and one that ends makes room at once', async () => {
  const w = createWorld();
  const ends: ((result: SendResult) => void)[] = [];
  const slow: MessageSender = { ...w.post, send: () => new Promise((resolve) => ends.push(resolve)) };
  Object.assign(w.post, slow);
  await w.store.outbox.add(Array.from({ length: 20 }, (_, i) => message(`m${i}`)));
  await w.start();
  await w.clock.advance(5_000);
  expect(ends).toHaveLength(16);
  ends[0]?.({ kind: 'delivered' });
  await w.clock.advance(0);
  expect(ends).toHaveLength(17);
});

test('stopping takes nothing more, and does not wait longer than two seconds', async () => {
  const w = createWorld();
  w.post.script('hang');
  const engine = await w.start();
  await w.store.outbox.add([message('m1')]);
  await w.clock.advance(2_000);
  expect(w.post.sent).toHaveLength(1);
  const stopped = engine.stop(20_000).then(() => 'stopped');
  started.length = 0;
  await w.store.outbox.add([message('m2')]);
  await w.clock.advance(2_100);
  expect(await stopped).toBe('stopped');
  await w.clock.advance(10_000);
  expect(w.post.sent.map((s) => s.id)).toEqual(['m1']);
});

test('delivered messages are kept for seven days', async () => {
  const w = createWorld();
  const pruned: number[] = [];
  const outbox: Store['outbox'] = {
    ...w.store.outbox,
    async prune(before, limit) {
      pruned.push(w.clock.now() - before);
      return w.store.outbox.prune(before, limit);
    },
  };
  await w.start({ ...w.store, outbox });
  await w.clock.advance(80_000);
  expect(pruned).toEqual([604_800_000]);
});
