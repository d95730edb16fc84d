import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '@invoke/testkit/stores';
import { describe, expect, test } from 'vitest';
import { approval, approving, freeze, pushCall } from './support/approvals.js';
import { openCountingTools } from './support/counting-tools.js';
import { KILL_POINTS } from './support/kill-points.js';
import { openLedger } from './support/ledger.js';
import { rowById } from './support/rows.js';
import { startProcess, type GatewayProcess } from './support/start-process.js';
import { openWorld, registerTools, type Request } from './support/world.js';

/** Each starts gateways as processes, on machines that may be busy with others. */
const PROCESSES = { timeout: 60_000 };

describe(`APPR-007: ${rowById('APPR-007').bodyGenerator}`, PROCESSES, () => {
  test('one decision counts, and at most one call is made', async () => {
    await using tools = await openCountingTools();
    await using server = await startPostgres();
    // Nobody is killed here: on a machine that is busy, a short lease would be lost by itself.
    const patience = { INVOKE_LEASE_MS: '15000', INVOKE_LOG_FILE: '/dev/null' };
    const environment = { DATABASE_URL: await server.createDatabase(), ...patience };
    await using first = await startProcess(environment);
    await registerTools(first.url, tools);
    await using second = await startProcess(environment);
    const { id, digest } = await freeze(first, pushCall());
    const decisions = Array.from({ length: 50 }, (_, i): Request => {
      const request = approving(id, { reviewed_by: `human-${i}`, digest });
      return i % 5 === 4 ? { ...request, path: request.path.replace(/approve$/, 'reject') } : request;
    });
    const answers = await Promise.all(
      decisions.map((request, i) => (i % 2 === 0 ? first : second).request(request)),
    );
    const won = answers.filter((a) => a.status === 200);
    expect(won).toHaveLength(1);
    const lost = answers.filter((a) => a.status !== 200).map((a) => `${a.status} ${String(a.body['code'])}`);
    expect(new Set(lost)).toEqual(new Set(['409 approval_conflict']));
    const executed = won[0]?.body['outcome'] === 'executed';
    expect(tools.counts()).toEqual(executed ? { 'git.push': 1 } : {});
    expect(await approval(second, id)).toMatchObject({ status: executed ? 'executed' : 'rejected' });
  });
});

describe(`APPR-023: ${rowById('APPR-023').bodyGenerator}`, () => {
  test('the first 20 wait, all others are told to slow down; the same call is asked about once', async () => {
    await using world = await openWorld();
    const path = '/v1/call';
    const flood = Array.from({ length: 500 }, (_, i) => pushCall({ agent_id: 'eager', params: { branch: `b${i}` } }));
    const told: string[] = [];
    for (const body of flood) {
      const answer = await world.request({ method: 'POST', path, body });
      told.push(`${answer.status} ${String(answer.body['code'] ?? answer.body['status'])}`);
    }
    expect(told.slice(0, 20)).toEqual(Array<string>(20).fill('202 pending_approval'));
    expect(new Set(told.slice(20))).toEqual(new Set(['429 rate_limited']));
    const list = await world.request({ method: 'GET', path: '/v1/approvals?limit=200&agent_id=eager' });
    const approvals = list.body['approvals'] as readonly { readonly id: string }[];
    expect(approvals).toHaveLength(20);
    const repeated = await world.request({ method: 'POST', path, body: flood[0] });
    expect(approvals.map((a) => a.id)).toContain(repeated.body['approval_id']);
    const others = await world.request({ method: 'POST', path, body: pushCall() });
    expect(others.status).toBe(202);
    expect(world.tools.counts()).toEqual({});
  });

  test('there is no way to approve more than one at once', async () => {
    await using world = await openWorld();
    await freeze(world, pushCall());
    for (const path of ['/v1/approvals/approve', '/v1/approvals/*/approve', '/v1/approvals/all/approve']) {
      const { status } = await world.request({ method: 'POST', path, key: 'APPROVER', body: {} });
      expect([404, 405]).toContain(status);
    }
    expect(world.tools.counts()).toEqual({});
  });
});

describe(`APPR-027: ${rowById('APPR-027').path}`, () => {
  const AMOUNT = '"amount":2400';
  const TAMPERED = '"amount":999999';

  /** Changes rows as somebody could who has the database. Returns how many. */
  function tamper(dataDir: string, statement: string, ...values: string[]): number {
    using database = new DatabaseSync(join(dataDir, 'invoke.db'));
    return Number(database.prepare(statement).run(...values).changes);
  }

  test.each([
    {
      what: 'what the approver is shown',
      statement: 'update invoke_approvals set record = replace(record, ?, ?) where id = ?',
      of: 'id',
    },
    {
      what: 'what would be sent',
      statement: 'update invoke_executions set request = replace(request, ?, ?) where id = ?',
      of: 'executionId',
    },
  ] as const)('$what is changed in the database: nothing is sent', async ({ statement, of }) => {
    await using world = await openWorld();
    const waiting = await freeze(world, payment());
    expect(tamper(world.dataDir, statement, AMOUNT, TAMPERED, waiting[of])).toBe(1);
    for (const body of [{ digest: waiting.digest }, { reviewed_by: 'dana' }]) {
      const answer = await world.request(approving(waiting.id, body));
      expect([answer.status, answer.body['code']]).toEqual([409, 'approval_digest_mismatch']);
    }
    expect(world.tools.counts()).toEqual({});
  });
});

describe(`APPR-028: ${rowById('APPR-028').bodyGenerator}`, PROCESSES, () => {
  test.concurrent.each(KILL_POINTS)('killed $step: charged once', async ({ arm }) => {
    await inDataDir(async (environment) => {
      await using tools = await openCountingTools();
      const ledger = openLedger(tools);
      await using victim = await startProcess(environment);
      await registerTools(victim.url, tools);
      const { id, executionId } = await freeze(victim, chargeToApprove());
      arm({ tools, ledger, kill: victim.kill });
      await victim.request(approving(id)).catch((): null => null);
      await victim.kill();
      await using heir = await startProcess(environment);
      const again = await heir.request(approving(id));
      expect([again.status, again.body['code']]).toEqual([409, 'approval_conflict']);
      expect(await settled(heir, executionId)).toMatch(/^(completed|outcome_reconciled)$/);
      expect(ledger.charged).toEqual(['order_1']);
    });
  });

  test.concurrent.each([0, 2, 4, 8])('killed %i ms after the click: charged once', async (delayMs) => {
    await inDataDir(async (environment) => {
      await using tools = await openCountingTools();
      const ledger = openLedger(tools);
      await using victim = await startProcess(environment);
      await registerTools(victim.url, tools);
      const { id, executionId } = await freeze(victim, chargeToApprove());
      const clicked = victim.request(approving(id)).catch((): null => null);
      await sleep(delayMs);
      await victim.kill();
      await clicked;
      await using heir = await startProcess(environment);
      const again = await heir.request(approving(id));
      expect([200, 409]).toContain(again.status);
      expect(await settled(heir, executionId)).toMatch(/^(completed|outcome_reconciled)$/);
      expect(ledger.charged).toEqual(['order_1']);
    });
  });
});

async function inDataDir(play: (environment: Record<string, string>) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invoke-attacks-'));
  try {
    await play({ INVOKE_DATA_DIR: dataDir, INVOKE_LOG_FILE: join(dataDir, 'log.jsonl') });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function payment() {
  return {
    tool: 'payments.charge',
    params: { customer_id: 'cust_123', amount: 2400, currency: 'usd' },
    agent_id: 'billing_agent',
    policy: { rules: [{ when: 'params.amount > 100', effect: 'require_approval' }] },
  };
}

function chargeToApprove() {
  return {
    tool: 'ledger.charge',
    params: { order_id: 'order_1' },
    agent_id: 'billing_agent',
    policy: { rules: [{ when: 'tool == "ledger.charge"', effect: 'require_approval' }] },
  };
}

/** Where an execution stands once nothing moves it on any more. */
async function settled(gateway: GatewayProcess, id: string): Promise<unknown> {
  for (let tries = 0; tries < 150; tries += 1) {
    const { body } = await gateway.request({ method: 'GET', path: `/v1/executions/${id}` });
    const { status, final_outcome: final } = body['execution'] as Record<string, unknown>;
    if (['completed', 'failed', 'needs_review', 'awaiting_approval'].includes(String(status))) return final ?? status;
    await sleep(100);
  }
  throw new Error('the outcome was never known');
}
