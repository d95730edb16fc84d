import {
  hasPgbouncer,
  startPgbouncer,
  startPostgres,
  startTransactionPooler,
  type TestPostgres,
} from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT, APPROVER, openReplica, until } from './support/replica.js';
import { openShop, type Shop } from './support/shop.js';

/**
 * Scenario 41: gateways reach Postgres through a pooler in transaction mode. The store's own conformance over such a pooler
 * is in packages/storage/test.
 */
interface Pooler extends AsyncDisposable {
  readonly connectionString: string;
  readonly breaches?: readonly string[];
}

const POOLERS: readonly { readonly name: string; start(target: string): Promise<Pooler> }[] = [
  { name: 'the smallest pooler there is', start: (target) => startTransactionPooler(target, 3) },
  ...(hasPgbouncer() ? [{ name: 'PgBouncer', start: startPgbouncer }] : []),
];

let postgres: TestPostgres;
let shop: Shop;

beforeAll(async () => {
  [postgres, shop] = await Promise.all([startPostgres({ max_connections: '60' }), openShop()]);
});

afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
});

describe.each(POOLERS)('$name', ({ name, start }) => {
  test('two gateways behind it: one effect per key, approvals, replays and take-over as on a direct wire', async () => {
    await using pooler = await start(await postgres.createDatabase());
    await using here = await openReplica(pooler.connectionString);
    await shop.registerAt(here);
    await using there = await openReplica(pooler.connectionString);
    const order = `one of many, ${name}`;
    const body = { tool: 'shop.blind', params: { order }, idempotency_key: `key of ${order}` };
    const headers = { Prefer: 'wait=20' };
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        (i % 2 === 0 ? here : there).ask('POST /v1/call', { key: AGENT, body, headers }),
      ),
    );
    expect(shop.effects(order)).toBe(1);
    expect(new Set(answers.map((a) => a.body['execution_id'])).size).toBe(1);
    expect(new Set(answers.map((a) => a.body['status']))).toEqual(new Set(['completed']));

    const policy = { rules: [{ when: 'true', effect: 'require_approval' }] };
    const frozen = await here.ask('POST /v1/call', {
      key: AGENT,
      body: { ...body, policy, params: { order: `${order}, approved` }, idempotency_key: 'k2' },
    });
    const id = frozen.body['approval_id'] as string;
    const decisions = await Promise.all(
      [here, there, here, there].map((at) =>
        at.ask(`POST /v1/approvals/${id}/approve`, { key: APPROVER, body: {} }),
      ),
    );
    expect(decisions.filter((d) => d.body['outcome'] === 'executed')).toHaveLength(1);
    await until(async () => shop.effects(`${order}, approved`) === 1, 5_000);
    expect(shop.effects(`${order}, approved`)).toBe(1);
    if ('breaches' in pooler) expect(pooler.breaches).toEqual([]);
  }, 60_000);
});
