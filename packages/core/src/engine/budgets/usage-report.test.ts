import { expect, test } from 'vitest';
import type { Principal } from '../../domain/access/principal.js';
import { fullAccess } from '../../domain/access/to-principal.js';
import { aTool } from '../../domain/test-tools.js';
import { epochMs } from '../../domain/time.js';
import { createCatalogue } from '../../domain/tool/catalogue.js';
import type { EngineDeps } from '../deps.js';
import { createTestLedger } from './test-ledger.js';
import { usageReport } from './usage-report.js';

/** 2026-11-23T21:00:01.234Z */
const NOW = epochMs(1_795_467_601_234);
const START = epochMs(1_795_392_000_000);
const END = epochMs(1_795_478_400_000);
const EVERYTHING = { since: null, until: null };

test('without a period the last day is counted, up to now', async () => {
  const { deps, ledger } = await gathered();
  await usageReport(fullAccess('key_1'), { per: 'key', ...EVERYTHING }, deps);
  expect(ledger.queries).toEqual([
    { tenant: 'default', per: 'key', since: 1_795_381_201_234, until: 1_795_467_601_234, scan: 10_000 },
  ]);
});

test('a full key sees every line and every budget', async () => {
  const { deps } = await gathered();
  const report = await usageReport(fullAccess('key_1'), { per: 'tool', ...EVERYTHING }, deps);
  expect(report.usage.map((l) => l.subject)).toEqual(['pay', 'look']);
  expect(report.budgets.map((b) => [b.budget, b.subject, b.calls])).toEqual([
    ['per_tool', 'pay', 1],
    ['per_tool', 'look', 1],
    ['per_key', 'key_1', 1],
  ]);
  expect(report.complete).toBe(true);
});

test('a key with a tool list sees nothing of other tools', async () => {
  const { deps } = await gathered();
  const principal: Principal = { ...fullAccess('key_1'), allowedTools: new Set(['look']) };
  const report = await usageReport(principal, { per: 'tool', ...EVERYTHING }, deps);
  expect(report.usage.map((l) => l.subject)).toEqual(['look']);
  expect(report.budgets.map((b) => b.subject)).toEqual(['look', 'key_1']);
});

async function gathered() {
  const ledger = createTestLedger();
  const charge = (budget: string, subject: string) => ({
    tenant: 'default',
    budget,
    subject,
    windowStart: START,
    windowEnd: END,
    amount: 0,
    maxCalls: 10,
    maxAmount: null,
  });
  await ledger.reserve([charge('per_tool', 'pay'), charge('per_tool', 'look'), charge('per_key', 'key_1')]);
  const rule = (id: string, per: 'tool' | 'key') => ({
    budget: { id, per, window: 'day', max_calls: 10 },
    source: 'operator',
    when: null,
  });
  const deps = {
    store: { usage: ledger },
    policies: { budgets: () => [rule('per_tool', 'tool'), rule('per_key', 'key')] },
    tools: { catalogue: () => createCatalogue([aTool({ name: 'pay' }), aTool({ name: 'look' })]) },
    clock: { now: () => NOW },
    history: { storeNow: () => NOW },
  } as unknown as EngineDeps;
  return { deps, ledger };
}
