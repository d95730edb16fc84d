import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT, APPROVER, openReplica, until, type Replica } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/** Three gateways behind anything that spreads requests: no request has to come back to where the one before went. */
let postgres: TestPostgres;
let shop: Shop;
let replicas: readonly [Replica, Replica, Replica];
let turn = 0;

beforeAll(async () => {
  [postgres, shop] = await Promise.all([startPostgres(), openShop()]);
  const database = await postgres.createDatabase();
  const [a, b, c] = [await openReplica(database), await openReplica(database), await openReplica(database)];
  replicas = [a, b, c];
  await shop.registerAt(a);
  const tools = async (at: Replica) => JSON.stringify((await at.ask('GET /v1/tools')).body);
  await until(
    async () => (await Promise.all([b, c].map(tools))).every((text) => text.includes('shop.blind')),
    6_000,
  );
});

afterAll(async () => {
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

/** The next one, whoever was last. */
function next(): Replica {
  turn += 1;
  return replicas[(turn % 3) as 0 | 1 | 2];
}

const body = (order: string, more: object = {}) => ({
  tool: 'shop.blind',
  params: { order },
  idempotency_key: `key of ${order}`,
  ...more,
});

test('a call, its repeats and its look-up by id: the same answer everywhere', async () => {
  const first = await next().ask('POST /v1/call', { key: AGENT, body: body('anywhere') });
  const id = first.body['execution_id'] as string;
  for (let i = 0; i < 6; i += 1) {
    const again = await next().ask('POST /v1/call', { key: AGENT, body: body('anywhere') });
    expect(again.body).toMatchObject({ execution_id: id, status: 'completed', result: first.body['result'] });
    const found = await next().ask(`GET /v1/executions/${id}`, { key: AGENT });
    expect(found.body['execution']).toMatchObject({ execution_id: id, status: 'completed' });
  }
  expect(shop.effects('anywhere')).toBe(1);
});

test('a duplicate that waits at another gateway gets the answer of the original', async () => {
  shop.slow('waited for', 600);
  const [a, b, c] = replicas;
  const original = a.ask('POST /v1/call', { key: AGENT, body: body('waited for') });
  await until(async () => shop.tools.calls.some((call) => call.params['order'] === 'waited for'), 5_000);
  const headers = { Prefer: 'wait=20' };
  const waiting = [b, c].map((at) =>
    at.ask('POST /v1/call', { key: AGENT, body: body('waited for'), headers }),
  );
  const answers = await Promise.all([original, ...waiting]);
  expect(new Set(answers.map((answer) => answer.body['execution_id'])).size).toBe(1);
  expect(answers.map((answer) => answer.body['status'])).toEqual(['completed', 'completed', 'completed']);
  expect(shop.effects('waited for')).toBe(1);
});

test('frozen on A, waited for on C, approved on B', async () => {
  const [a, b, c] = replicas;
  const policy = { rules: [{ when: 'true', effect: 'require_approval' }] };
  const frozen = await a.ask('POST /v1/call', { key: AGENT, body: body('approved elsewhere', { policy }) });
  const id = frozen.body['approval_id'] as string;
  const stream = await fetch(`${c.url}/v1/approvals/${id}/events`, { headers: { 'X-API-Key': AGENT } });
  const events = stream.text();
  const decided = await b.ask(`POST /v1/approvals/${id}/approve`, { key: APPROVER, body: {} });
  expect(decided.body).toMatchObject({ outcome: 'executed', execution_status: 'completed' });
  const told = await events;
  expect(told.match(/event: approval/g)).toHaveLength(2);
  expect(told).toContain('"status":"executed"');
  const replayed = await c.ask('POST /v1/call', {
    key: AGENT,
    body: body('approved elsewhere', { policy }),
  });
  expect(replayed.body).toMatchObject({ status: 'completed', execution_id: frozen.body['execution_id'] });
  expect(shop.effects('approved elsewhere')).toBe(1);
});
