import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '@invoke/testkit/stores';
import { describe, expect, test } from 'vitest';
import { openCountingTools } from './support/counting-tools.js';
import { KILL_POINTS } from './support/kill-points.js';
import { openLedger } from './support/ledger.js';
import { PREFIXES, rowById } from './support/rows.js';
import { startProcess, type GatewayProcess } from './support/start-process.js';
import { registerTools, type Answer, type Request } from './support/world.js';

/** Each starts gateways as processes, on machines that may be busy with others. */
const PROCESSES = { timeout: 60_000 };

describe(`IDEM-005: ${rowById('IDEM-005').bodyGenerator}`, PROCESSES, () => {
  test('one execution; every other caller waits for it or gets its answer', async () => {
    await using tools = await openCountingTools();
    await using server = await startPostgres();
    const environment = { DATABASE_URL: await server.createDatabase(), INVOKE_LOG_FILE: '/dev/null' };
    await using first = await startProcess(environment);
    await registerTools(first.url, tools);
    await using second = await startProcess(environment);
    const gateways = [first, second];
    tools.answer('payments.charge', async () => {
      await sleep(100);
      return { status: 200, body: { paid: true } };
    });
    const body = {
      action: 'payments.charge',
      params: { customer_id: 'cust_123', amount: 2400, currency: 'usd' },
      agent_id: 'revops_agent',
    };
    const headers = { 'Idempotency-Key': 'k-race' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const path = `${PREFIXES[i % 4 < 2 ? 0 : 1]}/executions`;
        return (gateways[i % 2] as GatewayProcess).request({ method: 'POST', path, headers, body });
      }),
    );
    expect(tools.counts()).toEqual({ 'payments.charge': 1 });
    const told = answers.map(({ status, body: b }) => (status === 200 ? '200' : `${status} ${String(b['code'])}`));
    expect(told.filter((t) => t !== '200' && t !== '409 idempotency_in_progress')).toEqual([]);
    expect(told).toContain('200');
    const late = await Promise.all(
      gateways.map((g) => g.request({ method: 'POST', path: '/v1/executions', headers, body })),
    );
    const texts = [...answers, ...late].filter((a) => a.status === 200).map((a) => a.text);
    expect(new Set(texts).size).toBe(1);
    expect(tools.counts()).toEqual({ 'payments.charge': 1 });
  });
});

describe(`IDEM-006: ${rowById('IDEM-006').bodyGenerator}`, PROCESSES, () => {
  test.concurrent.each(KILL_POINTS)('killed $step: charged once', async ({ arm, answered }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'invoke-attacks-'));
    const environment = { INVOKE_DATA_DIR: dataDir, INVOKE_LOG_FILE: join(dataDir, 'log.jsonl') };
    try {
      await using tools = await openCountingTools();
      const ledger = openLedger(tools);
      await using victim = await startProcess(environment);
      await registerTools(victim.url, tools);
      arm({ tools, ledger, kill: victim.kill });
      const heard = await victim.request(CHARGE).catch((): null => null);
      if (answered !== 'perhaps') expect(heard === null).toBe(answered === 'no');
      await victim.kill();
      await using heir = await startProcess(environment);
      const settled = await untilSettled(heir);
      expect(settled.body['status']).toMatch(/^(completed|outcome_reconciled)$/);
      expect(ledger.charged).toEqual(['order_1']);
      const again = await heir.request(CHARGE);
      expect(again.text).toBe(settled.text);
      if (heard !== null) expect(again.body['result']).toEqual(heard.body['result']);
      expect(ledger.charged).toEqual(['order_1']);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

const CHARGE: Request = {
  method: 'POST',
  path: '/v1/call',
  headers: { 'Idempotency-Key': 'k-crash', Prefer: 'wait=20' },
  body: { tool: 'ledger.charge', params: { order_id: 'order_1' }, agent_id: 'revops_agent' },
};

/** Repeats the call, as a client would, until its outcome is known. */
async function untilSettled(gateway: GatewayProcess): Promise<Answer> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await gateway.request(CHARGE);
    if (answer.status === 200) return answer;
    expect([202, 409, 502, 504], answer.text).toContain(answer.status);
    await sleep(100);
  }
  throw new Error('the outcome was never known');
}
