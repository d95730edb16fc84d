import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT, openReplica, until, type Answer, type Ask } from './support/replica.js';
import { startReplica } from './support/replica-process.js';
import { openShop, type Shop } from './support/shop.js';

/** Scenarios 10 and 38: a gateway that ends, and one that cannot reach its database. */
let postgres: TestPostgres;
let shop: Shop;

beforeAll(async () => {
  [postgres, shop] = await Promise.all([startPostgres({ max_connections: '40' }), openShop()]);
});

afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

interface At {
  ask(line: string, options?: Ask): Promise<Answer>;
}

function call(at: At, order: string): Promise<Answer> {
  const body = { tool: 'shop.blind', params: { order }, idempotency_key: `key of ${order}` };
  return at.ask('POST /v1/call', { key: AGENT, body });
}

function reached(order: string): Promise<number> {
  return until(async () => shop.tools.calls.some((c) => c.params['order'] === order), 10_000);
}

test('SIGTERM: what is under way is finished and answered, the lease ends at once, and nothing is unknown', async () => {
  const database = await postgres.createDatabase();
  await using other = await openReplica(database);
  await shop.registerAt(other);
  await using leaving = await startReplica(database);
  shop.slow('under way', 900);
  const underWay = call(leaving, 'under way');
  await reached('under way');
  const ended = leaving.terminate();
  const answer = await underWay;
  expect(answer.body['status']).toBe('completed');
  expect(await ended).toBe(0);
  const alive = await postgres.query('select count(*)::int as n from invoke_incarnations', database);
  expect(alive).toEqual([{ n: 1 }]);
  const replayed = await call(other, 'under way');
  expect(replayed.body).toMatchObject({ status: 'completed', execution_id: answer.body['execution_id'] });
  expect(shop.effects('under way')).toBe(1);
  const states = await postgres.query('select distinct state from invoke_executions', database);
  expect(states).toEqual([{ state: 'completed' }]);
}, 60_000);

test('SIGTERM while its database is away: it ends in time and in good order, and its lease is left to run out', async () => {
  if (postgres.control === null) throw new Error('this test stops its Postgres');
  const database = await postgres.createDatabase();
  await using leaving = await startReplica(database);
  await postgres.control.stop('immediate');
  try {
    const asked = performance.now();
    expect(await leaving.terminate()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(25_000);
  } finally {
    await postgres.control.start();
  }
}, 60_000);

test('without its database a gateway sends nothing, says that it is not ready, and comes back by itself', async () => {
  if (postgres.control === null) throw new Error('this test stops its Postgres');
  const database = await postgres.createDatabase();
  await using replica = await openReplica(database);
  await shop.registerAt(replica);
  expect((await call(replica, 'before')).body['status']).toBe('completed');
  shop.slow('in flight', 700);
  const inFlight = call(replica, 'in flight');
  await reached('in flight');
  await postgres.control.stop('immediate');
  const during = call(replica, 'during');
  await until(async () => (await replica.ask('GET /ready')).status === 503, 20_000);
  expect((await during).body['code']).toBe('storage_unavailable');
  expect(shop.effects('during')).toBe(0);
  await postgres.control.start();
  await until(async () => (await replica.ask('GET /ready')).status === 200, 20_000);
  // The answer that came while nothing could be recorded is not lost, or its execution visibly waits for people.
  await inFlight;
  let last: Answer | null = null;
  await until(async () => {
    last = await call(replica, 'in flight');
    return last.body['status'] === 'completed' || last.body['status'] === 'needs_review';
  }, 20_000);
  expect(shop.effects('in flight')).toBe(1);
  await until(async () => (await call(replica, 'during')).body['status'] === 'completed', 20_000);
  expect(shop.effects('during')).toBe(1);
}, 90_000);
