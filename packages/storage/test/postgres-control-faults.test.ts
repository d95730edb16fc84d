import { StorageUnavailable } from '@invoke/core/ports';
import {
  approval,
  charge,
  decided,
  execution,
  message,
  move,
  NOW,
  settlement,
  startPostgres,
  type TestPostgres,
} from '@invoke/testkit/stores';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../src/postgres.js';
import { openThroughProxy } from './support/open-through-proxy.js';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres[Symbol.asyncDispose]());

const COMMIT = 'commit\0';
const FROZEN = execution({ id: 'exec_1', state: 'awaiting_approval', owner: null });
const PENDING = approval({ id: 'appr_1' });
const APPROVED = {
  approval: decided(PENDING),
  move: move(FROZEN, 'accepted', { finishedAt: null }),
  fresh: null,
  messages: [message('msg_1')],
};

/** `after`: it was committed and nobody told us; `before`: it was not; `meanwhile`: one of the two. */
describe.for(['before', 'after', 'meanwhile'] as const)('a commit that breaks: %s', (cut) => {
  test('freeze: claimed, once', async () => {
    await using it = await openThroughProxy(postgres);
    const broken = it.proxy.cutNext(COMMIT, cut);
    expect(await it.store.approvals.freeze(FROZEN, PENDING, [message('msg_1')])).toEqual({ kind: 'claimed' });
    await broken;
    expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(PENDING);
    expect(await it.store.outbox.take(9, 1000)).toHaveLength(1);
  });

  test('escalate: moved, once', async () => {
    await using it = await openThroughProxy(postgres);
    const running = execution({ id: 'exec_1' });
    await it.store.executions.claim(running);
    const broken = it.proxy.cutNext(COMMIT, cut);
    const step = move(running, 'needs_review');
    expect(await it.store.approvals.escalate(step, PENDING, [])).toEqual({ kind: 'moved' });
    await broken;
    expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({ seq: 1 });
  });

  test('decide: moved, once', async () => {
    await using it = await openThroughProxy(postgres);
    await it.store.approvals.freeze(FROZEN, PENDING, []);
    const broken = it.proxy.cutNext(COMMIT, cut);
    expect(await it.store.approvals.decide(APPROVED)).toEqual({ kind: 'moved' });
    await broken;
    expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(APPROVED.approval);
    expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({ state: 'accepted', seq: 1 });
    expect(await it.store.outbox.take(9, 1000)).toHaveLength(1);
    expect(await it.store.approvals.decide(APPROVED)).toEqual({ kind: 'lost' });
  });

  test('a vote: counted, once', async () => {
    await using it = await openThroughProxy(postgres);
    await it.store.approvals.freeze(FROZEN, PENDING, []);
    const voted = decided(PENDING, { state: 'pending', outcome: null });
    const broken = it.proxy.cutNext(COMMIT, cut);
    expect(await it.store.approvals.decide({ ...APPROVED, approval: voted, move: null })).toEqual({
      kind: 'moved',
    });
    await broken;
    expect(await it.store.approvals.find('acme', 'appr_1')).toEqual(voted);
  });

  test('a settlement: recorded, once', async () => {
    await using it = await openThroughProxy(postgres);
    const unknown = execution({ id: 'exec_1', state: 'unknown' });
    await it.store.executions.claim(unknown);
    const broken = it.proxy.cutNext(COMMIT, cut);
    const step = move(unknown, 'completed');
    expect(await it.store.settlements.record(settlement(), step, [])).toEqual({ kind: 'moved' });
    await broken;
    expect(await it.store.settlements.record(settlement(), null, [])).toEqual({ kind: 'seen' });
  });

  test('what a kept event leads to: done once, and told of once', async () => {
    await using it = await openThroughProxy(postgres);
    const unknown = execution({ id: 'exec_1', state: 'unknown' });
    await it.store.executions.claim(unknown);
    const broken = it.proxy.cutNext(COMMIT, cut);
    const step = move(unknown, 'completed');
    expect(await it.store.settlements.settle(step, [message('msg_1')])).toEqual({ kind: 'moved' });
    await broken;
    expect(await it.store.executions.find('acme', 'exec_1')).toMatchObject({ state: 'completed', seq: 1 });
    expect((await it.store.outbox.take(9, 1000)).map((taken) => taken.message.id)).toEqual(['msg_1']);
  });
});

describe('a commit that was made and not told of', () => {
  test('reserve: charged once, even where that was the last of the budget', async () => {
    await using it = await openThroughProxy(postgres);
    const broken = it.proxy.cutNext(COMMIT, 'after');
    const last = [charge({ maxCalls: 1 }), charge({ budget: 'other', maxCalls: 1 })];
    expect(await it.store.usage.reserve(last)).toEqual({ kind: 'reserved' });
    await broken;
    expect(await it.store.usage.spent('acme', NOW)).toMatchObject([{ calls: 1 }, { calls: 1 }]);
  });

  test('release: given back once', async () => {
    await using it = await openThroughProxy(postgres);
    for (let i = 0; i < 3; i += 1) await it.store.usage.reserve([charge({ amount: 10 })]);
    const broken = it.proxy.cutNext(COMMIT, 'after');
    await it.store.usage.release([charge({ amount: 10 })]);
    await broken;
    expect(await it.store.usage.spent('acme', NOW)).toMatchObject([{ calls: 2, amount: 20 }]);
  });
});

describe('somebody else, while the answer is lost', () => {
  test('another decision: ours is lost', async () => {
    await using it = await openThroughProxy(postgres);
    await using rival = await openRival(it.url);
    await it.store.approvals.freeze(FROZEN, PENDING, []);
    const rejected = {
      ...APPROVED,
      approval: decided(PENDING, { state: 'rejected', decidedBy: 'key_3' }),
      move: move(FROZEN, 'rejected', { token: 'theirs' }),
    };
    const broken = it.proxy.cutNext(COMMIT, 'before');
    const ours = it.store.approvals.decide(APPROVED);
    await broken;
    it.proxy.closed = true;
    expect(await rival.store.approvals.decide(rejected)).toEqual({ kind: 'moved' });
    it.proxy.closed = false;
    expect(await ours).toEqual({ kind: 'lost' });
    expect(await rival.store.approvals.find('acme', 'appr_1')).toEqual(rejected.approval);
  });

  test('another vote on top of ours: it is not said that ours is lost', async () => {
    await using it = await openThroughProxy(postgres);
    await using rival = await openRival(it.url);
    await it.store.approvals.freeze(FROZEN, PENDING, []);
    const voted = decided(PENDING, { state: 'pending', outcome: null });
    const more = decided(voted, { state: 'pending', decidedBy: 'key_3' });
    const broken = it.proxy.cutNext(COMMIT, 'after');
    const vote = { ...APPROVED, move: null, messages: [] };
    const ours = it.store.approvals.decide({ ...vote, approval: voted });
    const told = ours.then(
      () => 'moved',
      (error: unknown) => error,
    );
    await broken;
    it.proxy.closed = true;
    expect(await rival.store.approvals.decide({ ...vote, approval: more })).toEqual({ kind: 'moved' });
    it.proxy.closed = false;
    expect(await told).toBeInstanceOf(StorageUnavailable);
    expect(await rival.store.approvals.find('acme', 'appr_1')).toEqual(more);
  });
});

test('messages that another gateway takes meanwhile are left to it', async () => {
  const url = await postgres.createDatabase();
  await using it = await openRival(url);
  await it.store.outbox.add([message('msg_1')]);
  const rival = new pg.Client(url);
  await rival.connect();
  await rival.query('begin');
  await rival.query('update invoke_outbox set due_at = due_at + 3600000, attempts = 1');
  const taken = it.store.outbox.take(5, 1000);
  const waiting = async () => (await postgres.query('select 1 from pg_locks where not granted', url)).length;
  await expect.poll(waiting).toBe(1);
  await rival.query('commit');
  await rival.end();
  expect(await taken).toEqual([]);
});

describe('behind a transaction pooler', () => {
  test('nothing that is sent hangs on a session', async () => {
    await using it = await openThroughProxy(postgres);
    const { approvals, outbox, settlements, usage } = it.store;
    await approvals.freeze(FROZEN, PENDING, [message('msg_1')]);
    await approvals.decide(APPROVED);
    await outbox.take(5, 1000);
    await outbox.settle('msg_1', { kind: 'delivered' });
    await settlements.record(settlement(), null, []);
    await usage.reserve([charge({ maxCalls: 5 })]);
    await usage.usage({ tenant: 'acme', per: 'tool', since: NOW, until: NOW, scan: 5 });
    // A Parse message of the unnamed statement: 'P', four bytes of length, an empty name.
    const names = [...it.proxy.sent().matchAll(/P[\s\S]{4}([^\0]*)\0(?:select|insert|update|delete)\b/g)];
    expect(names.length).toBeGreaterThan(10);
    expect(names.map((match) => match[1]).filter((name) => name !== '')).toEqual([]);
    expect([...it.proxy.sent().matchAll(/(?:^|[;\0]\s*)set (?!local)/gi)]).toEqual([]);
  });
});

async function openRival(connectionString: string) {
  const store = await createPostgresStore({ connectionString });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
