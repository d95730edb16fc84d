import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresControl, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answered, call, ready } from './support/asking.js';
import { openReplica, until, type Answer, type Replica } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/** Scenario 37: a failover to an asynchronous copy loses what was acknowledged last, and the gateway remembers it. */
let postgres: TestPostgres;
let control: PostgresControl;
let shop: Shop;
let database: string;
let replica: Replica;

beforeAll(async () => {
  // Settings of its own: a server that is ours alone.
  [postgres, shop] = await Promise.all([startPostgres({ max_connections: '40' }), openShop()]);
  if (postgres.control === null) throw new Error('this test needs a server of its own');
  control = postgres.control;
  database = await postgres.createDatabase();
  replica = await openReplica(database);
  await shop.registerAt(replica);
});

afterAll(async () => {
  await replica[Symbol.asyncDispose]();
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

async function verified(at: Replica, times: number): Promise<void> {
  await until(async () => ((await at.log()).match(/history_verified/g)?.length ?? 0) >= times, 20_000);
}

const TOOLS = ['shop.keyed', 'shop.charge', 'shop.blind'] as const;

test.each(['promoted', 'as_it_was'] as const)(
  'what was answered before a database went back (%s) is answered in the same way after it, and done once',
  async (how) => {
    await control.keepCopy();
    await ready(replica);
    const orders = TOOLS.map((tool) => ({ tool, order: `${tool} ${how}` }));
    const before: Answer[] = [];
    for (const { tool, order } of orders) before.push(await answered(replica, tool, order));
    expect(before.map(({ body }) => body['status'])).toEqual(['completed', 'completed', 'completed']);
    // At least one look lies between the copy and the crash.
    await sleep(1_000);
    const times = (await replica.log()).match(/history_verified/g)?.length ?? 0;
    await control.goOnFromCopy(how);
    await verified(replica, times + 1);
    for (const [i, { tool, order }] of orders.entries()) {
      const after = await answered(replica, tool, order);
      expect(after.body['execution_id'], JSON.stringify(after.body)).toBe(before[i]?.body['execution_id']);
      expect(after.body['result']).toEqual(before[i]?.body['result']);
      expect(shop.effects(order), order).toBe(1);
    }
    const log = await replica.log();
    for (const { body } of before) {
      const line = log
        .split('\n')
        .find((l) => l.includes('acknowledged_write_lost') && l.includes(String(body['execution_id'])));
      expect(line).toBeDefined();
    }
  },
  60_000,
);

test('what was under way comes to an end that tells the truth, and is done at most once', async () => {
  await control.keepCopy();
  await ready(replica);
  const orders = TOOLS.map((tool) => ({ tool, order: `${tool} under way` }));
  for (const { order } of orders) shop.slow(order, 800);
  const calls = orders.map(({ tool, order }) => answered(replica, tool, order));
  await until(
    async () =>
      orders.every(({ tool }) =>
        shop.tools.calls.some((c) => c.tool === tool && c.params['order'] === `${tool} under way`),
      ),
    5_000,
  );
  await control.goOnFromCopy('promoted');
  await Promise.allSettled(calls);
  for (const { tool, order } of orders) {
    let last: Answer | null = null;
    await until(async () => {
      last = await call(replica, tool, order);
      const { status } = last.body;
      return status === 'completed' || status === 'outcome_reconciled' || status === 'needs_review';
    }, 30_000).catch(() => expect(last, order).toBeNull());
    expect(shop.effects(order), order).toBe(1);
  }
}, 90_000);

test('a gateway that remembers nothing looks before it acts, for a while', async () => {
  await control.keepCopy();
  await ready(replica);
  const order = 'forgotten by all';
  {
    await using other = await openReplica(database);
    expect((await answered(other, 'shop.charge', order)).body['status']).toBe('completed');
  }
  await control.goOnFromCopy('promoted');
  await using fresh = await openReplica(database);
  const again = await answered(fresh, 'shop.charge', order);
  expect(again.body).toMatchObject({ status: 'outcome_reconciled', success: true });
  expect(shop.effects(order)).toBe(1);
  // What was not made before is made, once.
  expect((await answered(fresh, 'shop.charge', 'a new one')).body['status']).toBe('completed');
  expect(shop.effects('a new one')).toBe(1);
}, 60_000);
