import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Invoke, InvokeError } from '@invoke/sdk';
import { expect, test, vi } from 'vitest';
import { startBilling, type Billing } from './fixtures/billing.js';
import { startGateway } from './fixtures/real-gateway.js';
import { createWorkplace, type RunOptions, type Workplace } from './fixtures/test-io.js';

// What the commands and the SDK make of a gateway that really decides.
vi.setConfig({ testTimeout: 60_000 });

const AGENT_KEY = 'agent_key_0123456789';
const HUMAN_KEY = 'human_key_0123456789';

interface Stage {
  readonly agent: Invoke;
  readonly human: Invoke;
  /** The CLI with the agent's key, and with that of a human. */
  asAgent(argv: readonly string[], options?: RunOptions): ReturnType<Workplace['invoke']>;
  asHuman(argv: readonly string[], options?: RunOptions): ReturnType<Workplace['invoke']>;
}

async function withGateway(place: Workplace, billing: Billing, act: (stage: Stage) => Promise<void>) {
  await using gateway = await startGateway(place, [], {
    INVOKE_API_KEYS: `${AGENT_KEY},${HUMAN_KEY}`,
  });
  const clientOf = (apiKey: string) => new Invoke({ apiKey, baseUrl: gateway.url });
  const as =
    (key: string) =>
    (argv: readonly string[], options: RunOptions = {}) =>
      place.invoke(argv, { ...options, env: { INVOKE_API_KEY: key, INVOKE_BASE_URL: gateway.url } });
  const human = clientOf(HUMAN_KEY);
  await registerTools(human, billing);
  await act({ agent: clientOf(AGENT_KEY), human, asAgent: as(AGENT_KEY), asHuman: as(HUMAN_KEY) });
}

async function registerTools(human: Invoke, { url }: Billing): Promise<void> {
  const { provider } = await human.request<{ provider: { id: string } }>({
    method: 'POST',
    path: '/v1/providers',
    body: { name: 'billing', slug: 'billing' },
  });
  const card = { input_schema: { type: 'object' } };
  const tools = [
    {
      name: 'billing.invoice',
      http: { method: 'GET', url: `${url}/invoice` },
      capability_card: { ...card, name: 'Read an invoice', effect: 'read' },
    },
    {
      name: 'billing.send_reminder',
      http: { method: 'POST', url: `${url}/reminders` },
      capability_card: { ...card, name: 'Send a reminder' },
    },
  ];
  for (const body of tools) {
    await human.request({ method: 'POST', path: `/v1/providers/${provider.id}/tools`, body });
  }
}

const CONTRACT = {
  intent: 'send_invoice_reminder',
  conditions: { invoice_status: 'overdue', customer_balance: '> 0' },
  threshold: 'strict',
  expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  state_refetch: { tool: 'billing.invoice', params: {} },
};

const remind = (key: string) => [
  'call',
  'billing.send_reminder',
  '{"invoice_id":"inv_123"}',
  '--idempotency-key',
  key,
];
const underContract = (key: string) => [...remind(key), '--policy', JSON.stringify(CONTRACT)];

test('approvals: asked, shown, not decided by who asked, approved once, replayed', async () => {
  await using place = await createWorkplace();
  await using billing = await startBilling();
  await withGateway(place, billing, async ({ agent, asAgent, asHuman }) => {
    const pending = await asAgent([...underContract('r-1'), '--json']);
    expect(pending.stderr).toBe('');
    expect(pending.code).toBe(11);
    const { approval_id: id } = JSON.parse(pending.stdout) as { approval_id: string };
    expect(billing.sent).toEqual([]);

    const list = await asHuman(['approvals', '--status', 'pending']);
    expect(list.stdout).toContain(id);
    const shown = await asHuman(['approvals', 'show', id]);
    expect(shown.stdout).toContain('"invoice_id": "inv_123"');
    const digest = /^digest +(sha256:[0-9a-f]{64})$/m.exec(shown.stdout)?.[1] ?? '';

    const own = await asAgent(['approvals', 'approve', id]);
    expect(own.code).toBe(10);
    expect(own.stderr).toContain('self_approval_denied');
    const other = await asHuman(['approvals', 'approve', id, '--digest', `sha256:${'0'.repeat(64)}`]);
    expect(other.stderr).toContain('approval_digest_mismatch');
    expect(billing.sent).toEqual([]);

    const waiting = agent.approvals.wait(id, { timeoutMs: 20_000 });
    const approved = await asHuman(['approvals', 'approve', id, '--digest', digest, '--comment', 'checked']);
    expect(approved.stderr).toContain(`executed: ${id}`);
    expect(approved.code).toBe(0);
    expect(await waiting).toMatchObject({ status: 'executed', comment: 'checked' });
    expect(billing.sent).toEqual([{ invoice_id: 'inv_123' }]);

    const again = await asHuman(['approvals', 'approve', id]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('approval_conflict');
    const replay = await asAgent([...underContract('r-1'), '--json']);
    expect(replay.code).toBe(0);
    expect(JSON.parse(replay.stdout)).toMatchObject({ status: 'completed', replayed: true });
    expect(billing.sent).toHaveLength(1);
  });
});

test('approvals: requeued where the world has changed, rejected for good', async () => {
  await using place = await createWorkplace();
  await using billing = await startBilling();
  await withGateway(place, billing, async ({ agent, human, asAgent, asHuman }) => {
    const pending = JSON.parse((await asAgent([...underContract('r-2'), '--json'])).stdout);
    billing.invoice.customer_balance = 80;
    const requeued = await asHuman(['approvals', 'approve', pending.approval_id]);
    expect(requeued.code).toBe(11);
    expect(requeued.stderr).toMatch(/customer_balance +125 +80 +"> 0" +changed$/m);
    const old = await human.approvals.get(pending.approval_id);
    expect(old.status).toBe('invalidated');
    expect(requeued.stderr).toContain(`next: invoke approvals show ${old.nextId}`);
    expect(billing.sent).toEqual([]);

    const waiting = asAgent(['approvals', 'wait', old.nextId ?? '']);
    const rejected = await asHuman(['approvals', 'reject', old.nextId ?? '', '--comment', 'not now']);
    expect(rejected.code).toBe(0);
    expect((await waiting).code).toBe(10);
    expect((await asAgent(underContract('r-2'))).code).toBe(10);
    expect(
      await agent.call({
        tool: 'billing.send_reminder',
        params: { invoice_id: 'inv_123' },
        idempotencyKey: 'r-2',
        policy: CONTRACT,
      }),
    ).toMatchObject({ status: 'rejected' });
    expect(billing.sent).toEqual([]);
  });
});

test('state, preflight, executions, workflows and search', async () => {
  await using place = await createWorkplace();
  await using billing = await startBilling();
  await withGateway(place, billing, async ({ agent, asAgent }) => {
    const refetch = { stateRefetch: { tool: 'billing.invoice', params: {} } };
    const conditions = { invoice_status: 'overdue', customer_balance: '> 0' };
    const holds = await agent.verifyState({
      ...refetch,
      intent: 'send_invoice_reminder',
      requiredFields: ['invoice_status', 'customer_balance'],
      assumedState: { invoice_status: 'overdue', customer_balance: 125 },
      conditions,
    });
    expect(holds).toMatchObject({ status: 'verified', decision: 'execute' });
    billing.invoice.invoice_status = 'paid';
    const fails = await agent.verifyState({ ...refetch, intent: 'i', conditions, onMismatch: 'replan' });
    expect(fails).toMatchObject({ status: 'replan_required', decision: 'replan' });
    const outcome = await agent.reconcile({
      ...refetch,
      action: { intent: 'collect', params: {} },
      conditions: { invoice_status: 'paid' },
    });
    expect(outcome).toMatchObject({ status: 'outcome_reconciled', decision: 'do_not_retry' });

    const preflight = await asAgent(['preflight', 'billing.send_reminder', 'invoice_id=inv_1', '--json']);
    expect(JSON.parse(preflight.stdout)).toMatchObject({
      preflight: { subject: { tool: 'billing.send_reminder', safety_class: 'C' }, decision: 'execute' },
    });
    expect(preflight.code).toBe(0);
    expect((await asAgent(['preflight', 'nothing_like_it'])).stdout).toContain('unregistered');
    expect(billing.sent).toEqual([]);

    const executed = await asAgent([
      'execute',
      'billing.send_reminder',
      'invoice_id=inv_1',
      '--idempotency-key',
      'e-1',
    ]);
    expect(executed).toMatchObject({ code: 0, stdout: '{\n  "reminded": 1\n}\n' });
    const only = await asAgent(['execute', 'billing.send_reminder', '--preflight-only']);
    expect(only.stdout).toContain('billing.send_reminder');
    expect(billing.sent).toHaveLength(1);

    const listed = await asAgent(['workflows']);
    for (const id of ['safe-tool-execution', 'live-context-retrieval', 'failure-trace-visualization'])
      expect(listed.stdout).toContain(id);
    const mine = {
      id: 'remind',
      title: 'Remind',
      steps: [
        {
          kind: 'call',
          step: 'reminded',
          title: 'Send the reminder',
          tool: 'billing.send_reminder',
          params: '${input.params}',
        },
      ],
    };
    await writeFile(join(place.cwd, 'mine.json'), JSON.stringify(mine));
    expect((await asAgent(['workflows', 'put', 'mine.json'])).code).toBe(0);
    const run = await asAgent(['workflow', 'remind', '--params', '{"invoice_id":"inv_2"}']);
    expect(run.stdout).toContain('request_received -> reminded');
    expect(run.code).toBe(0);
    const certain = await agent.execute({ workflow: 'remind', input: { params: { invoice_id: 'inv_3' } } });
    expect(certain).toMatchObject({
      success: true,
      execution: { status: 'completed', workflowId: 'remind' },
    });
    expect(billing.sent).toHaveLength(3);
    expect((await asAgent(['workflow', 'failure-trace-visualization'])).stdout).toContain('request_received');

    const search = await asAgent(['search', 'latest MCP agent failures']);
    expect(search.code).toBe(1);
    expect(search.stderr).toContain('not_configured');
    expect(search.stderr).toContain('no search provider');
  });
});

test('verify and reconcile: the exit code says what follows', async () => {
  await using place = await createWorkplace();
  await using billing = await startBilling();
  await withGateway(place, billing, async ({ asAgent }) => {
    const refetch = ['--refetch', '{"tool":"billing.invoice"}'];
    const assume = ['--assume', '{"invoice_status":"overdue"}'];
    const overdue = ['--conditions', '{"invoice_status":"overdue"}'];
    const paid = ['--conditions', '{"invoice_status":"paid"}'];
    const holds = await asAgent(['verify', 'remind', ...assume, ...refetch]);
    expect(holds.stdout).toMatch(/^invoice_status +"overdue" +"overdue" +ok$/m);
    expect(holds).toMatchObject({ code: 0, stderr: expect.stringContaining('verified: execute') });
    const not = await asAgent(['reconcile', 'collect', 'invoice_id=inv_1', ...paid, ...refetch, '--json']);
    expect(not.code).toBe(14);
    expect(JSON.parse(not.stdout)).toMatchObject({ status: 'not_executed', decision: 'retry_allowed' });

    billing.invoice.invoice_status = 'paid';
    const changed = await asAgent(['verify', 'remind', ...assume, ...refetch]);
    expect(changed.stdout).toMatch(/^invoice_status +"overdue" +"paid" +changed$/m);
    expect(changed).toMatchObject({ code: 10, stderr: expect.stringContaining('blocked: abort') });
    const replan = await asAgent(['verify', 'remind', ...overdue, ...refetch, '--on-mismatch', 'replan']);
    expect(replan.code).toBe(12);
    const happened = await asAgent(['reconcile', 'collect', ...paid, ...refetch]);
    expect(happened).toMatchObject({ code: 0, stderr: expect.stringContaining('do_not_retry') });
    expect((await asAgent(['reconcile', 'collect', ...paid, '--state', '{"other":1}'])).code).toBe(13);
    expect((await asAgent(['verify', 'remind', '--state', '{}'])).stderr).toContain('nothing to verify');
  });
});

test('policy: checked, tested, explained, simulated, stored, enforced; and usage', async () => {
  await using place = await createWorkplace();
  await using billing = await startBilling();
  await withGateway(place, billing, async ({ agent, asAgent, asHuman }) => {
    expect((await asAgent(remind('p-1'))).code).toBe(0);
    const document = {
      rules: [{ when: 'tool == "billing.send_reminder"', effect: 'deny', reason: 'No reminders today' }],
      budgets: [{ id: 'daily', per: 'tool', window: 'day', max_calls: 1 }],
      tests: [{ name: 'reminders', call: { tool: 'billing.send_reminder' }, expect: { effect: 'allow' } }],
    };
    await writeFile(join(place.cwd, 'policy.json'), JSON.stringify(document));
    await writeFile(join(place.cwd, 'bad.json'), '{"rules":[{"when":"tool == and x","effect":"deny"}]}');
    expect(await asHuman(['policy', 'check', 'policy.json'])).toMatchObject({ code: 0, stdout: '' });
    const bad = await asHuman(['policy', 'check', 'bad.json']);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^ {4}tool == and x\n {12}\^$/m);
    const refused = await asHuman(['policy', 'put', 'bad.json']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('policy_invalid');
    expect(refused.stderr).toContain('^');

    const failed = await asHuman(['policy', 'test', 'policy.json']);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^FAIL +reminders +allow +deny/m);
    const call = '{"tool":"billing.send_reminder","params":{}}';
    const explained = await asHuman(['policy', 'explain', 'policy.json', '--call', call]);
    expect(explained.stdout).toContain('No reminders today');
    expect(explained.stdout).toContain('tool  =>  "billing.send_reminder"');
    const simulated = await asHuman(['policy', 'simulate', 'policy.json']);
    expect(simulated.stderr).toContain('1 of 1 would be decided otherwise (allow -> deny: 1)');

    expect((await asHuman(['policy', 'put', 'policy.json'])).code).toBe(0);
    expect((await asHuman(['policy'])).stdout).toContain('No reminders today');
    const denied = await asAgent(remind('p-2'));
    expect(denied.code).toBe(10);
    expect(denied.stderr).toContain('No reminders today');
    const stopped = await agent
      .execute({ action: 'billing.send_reminder', params: {} })
      .catch((e: unknown) => e);
    expect(stopped).toBeInstanceOf(InvokeError);
    expect(stopped).toMatchObject({ code: 'policy_denied', retry: 'never' });

    await asHuman(['policy', 'put', '-'], { stdin: JSON.stringify({ ...document, rules: [] }) });
    expect((await asAgent(remind('p-3'))).code).toBe(0);
    const overdrawn = await asAgent(remind('p-4'));
    expect(overdrawn.code).toBe(10);
    expect(overdrawn.stderr).toContain('budget_exceeded');
    const usage = await asHuman(['usage']);
    expect(usage.stdout).toMatch(/^billing\.send_reminder +2 +2 +0 +0$/m);
    expect(usage.stdout).toMatch(/^tenant:daily +billing\.send_reminder +1 of 1 /m);
    expect(billing.sent).toHaveLength(2);
  });
});
