import { SCHEMA_VERSION } from '@invoke/storage';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT, openReplica, until, type Answer, type Replica } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/** Scenario 49: two versions over one schema. */
let postgres: TestPostgres;
let shop: Shop;

beforeAll(async () => {
  [postgres, shop] = await Promise.all([startPostgres(), openShop()]);
});

afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

function call(at: Replica, order: string): Promise<Answer> {
  const body = { tool: 'shop.blind', params: { order }, idempotency_key: `key of ${order}` };
  return at.ask('POST /v1/call', { key: AGENT, body });
}

/** Takes the newest migrations back: what a version before has made. */
const BACK_TO_2 = `
  drop table invoke_api_keys;
  alter table invoke_settlements drop column received_at;
  drop index invoke_outbox_dead;
  drop index invoke_executions_by_tool_outcome;
  delete from invoke_settings where name = 'schema_readable_by';
  delete from invoke_schema where version > 2`;

test('a gateway works on while a newer one migrates the schema under it, and both know all keys', async () => {
  const database = await postgres.createDatabase();
  await using old = await openReplica(database);
  await shop.registerAt(old);
  await postgres.query(BACK_TO_2, database);
  let stop = false;
  const answers: Answer[] = [];
  const working = (async () => {
    for (let n = 0; !stop; n += 1) answers.push(await call(old, `rolling ${n}`));
  })();
  await until(async () => answers.length > 3, 10_000);
  await using fresh = await openReplica(database);
  const before = answers.length;
  await until(async () => answers.length > before + 3, 10_000);
  stop = true;
  await working;
  expect(new Set(answers.map((answer) => answer.body['status']))).toEqual(new Set(['completed']));
  const versions = await postgres.query('select max(version)::int as version from invoke_schema', database);
  expect(versions).toEqual([{ version: SCHEMA_VERSION }]);
  // Fingerprints of one version are read by the other: a repeat is a replay, and another call is refused.
  const replayed = await call(fresh, 'rolling 0');
  expect(replayed.body['execution_id']).toBe(answers[0]?.body['execution_id']);
  const body = { tool: 'shop.blind', params: { order: 'other' }, idempotency_key: 'key of rolling 0' };
  expect((await fresh.ask('POST /v1/call', { key: AGENT, body })).status).toBe(422);
  expect(shop.effects('rolling 0')).toBe(1);
  const [row] = await postgres.query('select fingerprint from invoke_executions limit 1', database);
  expect(row?.['fingerprint']).toMatch(/^v\d+:/);
}, 60_000);

test('an older gateway does not start on a schema that breaks with it, says so in one line, and works on where it runs', async () => {
  const database = await postgres.createDatabase();
  await using running = await openReplica(database);
  await shop.registerAt(running);
  await postgres.query(
    `insert into invoke_schema values (99, 'from the future');
     update invoke_settings set value = '99' where name = 'schema_readable_by'`,
    database,
  );
  await expect(openReplica(database)).rejects.toThrow(
    /^The database has schema version 99, and this program knows versions up to \d+: it was written by a newer Invoke\. Update this one\.$/,
  );
  expect((await call(running, 'before the future')).body['status']).toBe('completed');
  await postgres.query(`update invoke_settings set value = '3' where name = 'schema_readable_by'`, database);
  await using again = await openReplica(database);
  expect((await call(again, 'before the future')).body['status']).toBe('completed');
}, 60_000);

test('a state that only a newer gateway knows is left to it', async () => {
  const database = await postgres.createDatabase();
  await using replica = await openReplica(database);
  await shop.registerAt(replica);
  const { body } = await call(replica, 'hibernates');
  await postgres.query(
    `update invoke_executions set state = 'hibernating', state_rank = 3, owner = 'gone' where id = '${body['execution_id'] as string}'`,
    database,
  );
  // Two sweeps and more.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const rows = await postgres.query(
    'select state, owner, epoch::int as epoch from invoke_executions',
    database,
  );
  expect(rows).toEqual([{ state: 'hibernating', owner: 'gone', epoch: 1 }]);
}, 30_000);
