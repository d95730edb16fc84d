import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresControl, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answered, call, ready } from './support/asking.js';
import { openReplica, until } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/** Scenario 37, while it is not known yet what was lost. */
let postgres: TestPostgres;
let control: PostgresControl;
let shop: Shop;

beforeAll(async () => {
  [postgres, shop] = await Promise.all([startPostgres({ max_connections: '40' }), openShop()]);
  if (postgres.control === null) throw new Error('this test needs a server of its own');
  control = postgres.control;
});

afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

test('a caller who asks again at another gateway, at once, gets the answer that was lost, and nothing is done twice', async () => {
  const database = await postgres.createDatabase();
  await using one = await openReplica(database);
  await using other = await openReplica(database);
  await shop.registerAt(one);
  const orders = Array.from({ length: 5 }, (_, i) => `asked again ${i}`);
  // The other one has to know the tools, and have connections to lose.
  await until(async () => (await call(other, 'shop.blind', 'before')).status === 200, 10_000);
  await control.keepCopy();
  await Promise.all([ready(one), ready(other)]);
  const before = await Promise.all(orders.map((order) => answered(one, 'shop.blind', order)));
  // At least one look of each lies between the copy and the crash.
  await sleep(1_000);
  await control.goOnFromCopy('promoted');
  const after = await Promise.all(orders.map((order) => answered(other, 'shop.blind', order)));
  for (const [i, order] of orders.entries()) {
    expect(after[i]?.body['execution_id'], order).toBe(before[i]?.body['execution_id']);
    expect(shop.effects(order), order).toBe(1);
  }
}, 60_000);

/** What is put back for this order is refused by the database, as long as the switch is on. */
const POISON = `
  create table poison (active boolean);
  insert into poison values (true);
  create function poison_refuse() returns trigger language plpgsql as $$ begin
    if new.request like '%poisonous%' and (select active from poison) then
      raise exception 'this one not' using errcode = '22021';
    end if;
    return new;
  end $$;
  create trigger poison_refuse before insert on invoke_executions for each row execute function poison_refuse();`;

test('one record that cannot be put back holds up what writes, and not for ever', async () => {
  const database = await postgres.createDatabase();
  await using replica = await openReplica(database);
  await shop.registerAt(replica);
  await postgres.query(POISON, database);
  await control.keepCopy();
  await ready(replica);
  // In what is kept the switch is on; from here to the crash it is off.
  await postgres.query('update poison set active = false', database);
  const sound = await answered(replica, 'shop.blind', 'sound');
  expect((await answered(replica, 'shop.blind', 'poisonous')).body['status']).toBe('completed');
  await sleep(1_000);
  await control.goOnFromCopy('promoted');
  const doubt = async () => (await replica.ask('GET /ready')).body['code'] === 'history_in_doubt';
  await until(doubt, 20_000);
  const begun = await call(replica, 'shop.blind', 'meanwhile');
  expect(begun.body['code']).toBe('history_in_doubt');
  expect(begun.headers.get('retry-after')).not.toBeNull();
  await until(async () => (await call(replica, 'shop.look', 'a look')).status === 200, 10_000);
  expect((await call(replica, 'shop.blind', 'sound')).body['execution_id']).toBe(sound.body['execution_id']);
  expect(shop.effects('meanwhile')).toBe(0);
  await ready(replica);
  expect((await answered(replica, 'shop.blind', 'meanwhile')).body['status']).toBe('completed');
  const lines = (await replica.log()).split('\n');
  expect(lines.filter((line) => line.includes('history_not_verified')).length).toBeGreaterThan(0);
  const given = lines.filter(
    (line) => line.includes('acknowledged_write_lost') && line.includes('not_known'),
  );
  expect(given).toHaveLength(1);
  expect(given[0]).toContain('this one not');
}, 60_000);
