import type { Budget, JsonObject } from '@invoke/contract';
import { beforeEach, expect, test } from 'vitest';
import { fullAccess } from '../../domain/access/to-principal.js';
import { aTool } from '../../domain/test-tools.js';
import { epochMs } from '../../domain/time.js';
import { createContext, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { release } from './release.js';
import { reserve } from './reserve.js';
import { createTestLedger, type TestLedger } from './test-ledger.js';

/** 2026-11-23T21:00:01.234Z */
const NOW = epochMs(1_795_467_601_234);
const PAY = aTool({ name: 'pay', amount_field: '/amount' });

let ledger: TestLedger;
let warnings: string[];
beforeEach(() => {
  ledger = createTestLedger();
  warnings = [];
});

test('a call takes its charge, and the one that would overdraw the budget is refused with its numbers', async () => {
  const deps = depsOf([{ id: 'daily', per: 'key', window: 'day', max_amount: 100 }]);
  const first = contextOf({ amount: 60 });
  expect(await reserve(first, deps)).toEqual({ kind: 'proceed' });
  expect(first.charges).toMatchObject([{ budget: 'daily', subject: 'key_1', amount: 60 }]);

  const second = contextOf({ amount: 60 });
  expect(await reserve(second, deps)).toMatchObject({
    kind: 'refuse',
    refusal: {
      code: 'budget_exceeded',
      details: {
        budget: 'daily',
        subject: 'key_1',
        resets_at: 1_795_478_400_000,
        spent: { calls: 1, amount: 60 },
        max: { calls: null, amount: 100 },
        retry_after: 10_799,
      },
    },
  });
  expect(second.charges).toEqual([]);
  expect(await reserve(contextOf({ amount: 40 }), deps)).toEqual({ kind: 'proceed' });
});

test('where one budget is overdrawn, no other one is charged', async () => {
  const deps = depsOf([
    { id: 'daily', per: 'key', window: 'day', max_amount: 100 },
    { id: 'few', per: 'agent', window: 'minute', max_calls: 0 },
  ]);
  expect(await reserve(contextOf({ amount: 60 }), deps)).toMatchObject({
    refusal: { details: { budget: 'few' } },
  });
  expect(ledger.rows()).toEqual([]);
});

test('an amount that is missing is refused before anything is charged', async () => {
  const deps = depsOf([
    { id: 'few', per: 'agent', window: 'minute', max_calls: 5 },
    { id: 'daily', per: 'key', window: 'day', max_amount: 100 },
  ]);
  expect(await reserve(contextOf({}), deps)).toMatchObject({
    refusal: { code: 'budget_exceeded', details: { reason: 'the amount at /amount is missing' } },
  });
  expect(ledger.rows()).toEqual([]);
});

test('the condition of a budget sees what rules see', async () => {
  const seen: unknown[] = [];
  const evaluate = (facts: unknown) => {
    seen.push(facts);
    return { kind: 'false' };
  };
  const deps = depsOf([{ id: 'daily', per: 'key', window: 'day', max_calls: 0 }], {
    source: 'x',
    pins: [],
    evaluate,
  });
  expect(await reserve(contextOf({ amount: 1 }), deps)).toEqual({ kind: 'proceed' });
  expect(seen).toMatchObject([
    { tool: 'pay', params: { amount: 1 }, agent_id: 'agent_1', env: 'default', now: 1_795_467_601_234 },
  ]);
});

test('a tenant without budgets is not even asked about: the store is left alone', async () => {
  ledger.down = true;
  expect(await reserve(contextOf({ amount: 1 }), depsOf([]))).toEqual({ kind: 'proceed' });
});

test('a budget that cannot be read or written stops the call', async () => {
  ledger.down = true;
  const deps = depsOf([{ id: 'daily', per: 'key', window: 'day', max_amount: 100 }]);
  const ctx = contextOf({ amount: 1 });
  await expect(reserve(ctx, deps)).rejects.toMatchObject({ name: 'StorageUnavailable' });
  expect(ctx.charges).toEqual([]);
});

test('what is given back can be spent again', async () => {
  const deps = depsOf([{ id: 'daily', per: 'key', window: 'day', max_amount: 100 }]);
  const first = contextOf({ amount: 100 });
  await reserve(first, deps);
  await release(first.charges, deps);
  expect(await reserve(contextOf({ amount: 100 }), deps)).toEqual({ kind: 'proceed' });
});

test('a store that cannot give back is noted, and the call is answered as it is', async () => {
  const deps = depsOf([{ id: 'daily', per: 'key', window: 'day', max_amount: 100 }]);
  const ctx = contextOf({ amount: 100 });
  await reserve(ctx, deps);
  ledger.down = true;
  await release(ctx.charges, deps);
  expect(warnings).toEqual(['budget_not_given_back']);
});

function contextOf(params: JsonObject): CallContext {
  const principal = fullAccess('key_1');
  const request = { tool: 'pay', params };
  const input = { credential: { kind: 'principal', principal }, request, requestId: 'req_1' } as const;
  const ctx = createContext({ ...input, traceparent: null, attachMs: 0 }, 'trace_1', NOW);
  const identity = {
    idempotencyKey: null,
    keyDigest: null,
    fingerprint: 'v1:aa',
    contract: null,
    entityId: null,
  };
  return Object.assign(ctx, {
    principal,
    tool: PAY,
    params,
    identity: { ...identity, agentId: 'agent_1', env: 'default' },
  });
}

function depsOf(budgets: readonly Budget[], when: object | null = null) {
  const rules = budgets.map((budget) => ({ budget, source: 'operator', when }));
  return {
    policies: { budgets: () => rules },
    store: { usage: ledger },
    history: { storeNow: () => NOW },
    log: { warn: (event: string) => warnings.push(event) },
  } as unknown as EngineDeps;
}
