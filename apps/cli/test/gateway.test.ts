import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Invoke } from '@invoke/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildCli, openShell } from './fixtures/built-cli.js';
import { startGateway } from './fixtures/real-gateway.js';
import { createWorkplace } from './fixtures/test-io.js';

// Every step starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

let built: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  built = await buildCli('gateway');
});
afterAll(() => built.remove());

describe('invoke gateway', () => {
  test('makes a key on first use, shows it once, and stops on a signal', async () => {
    await using place = await createWorkplace();
    const first = await startGateway(place);
    const key = (await readFile(first.keyFile, 'utf8')).trim();
    expect(key).toMatch(/^inv_test_[\w-]{32}$/);
    expect((await stat(first.keyFile)).mode & 0o777).toBe(0o600);
    first.stop('SIGTERM');
    const ran = await first.ended;
    expect(ran).toMatchObject({ code: 0, stdout: `${first.url}\n` });
    expect(ran.stderr).toContain(`API key, shown this once: ${key}`);
    expect(ran.stderr).toContain(`invoke login --base-url ${first.url} --api-key - < ${first.keyFile}`);
    expect((await stat(join(place.cwd, '.invoke', 'data'))).isDirectory()).toBe(true);

    const second = await startGateway(place);
    second.stop('SIGINT');
    const again = await second.ended;
    expect(again.code).toBe(130);
    expect(again.stderr).not.toContain(key);
    await expect(fetch(`${second.url}/health`)).rejects.toThrow();
  });

  test('with keys in the environment it makes none; a DATABASE_URL of somebody else is left alone', async () => {
    await using place = await createWorkplace();
    const env = {
      INVOKE_API_KEYS: 'my_own_key',
      DATABASE_URL: 'postgres://127.0.0.1:1/other',
      HOST: 'my-hostname',
    };
    await using gateway = await startGateway(place, [], env);
    await expect(stat(gateway.keyFile)).rejects.toThrow('ENOENT');
    const answer = await fetch(`${gateway.url}/v1/tools`, { headers: { 'x-api-key': 'my_own_key' } });
    expect(answer.status).toBe(200);
  });

  test('what it cannot use is told in one line', async () => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['gateway'], { env: { PORT: 'eight', INVOKE_API_KEYS: 'k' } });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('PORT: expected a whole number');
  });

  test('data that another gateway uses: which file, by whom, and what helps', async () => {
    await using place = await createWorkplace();
    await using first = await startGateway(place, [], { INVOKE_API_KEYS: 'k' });
    const second = await place.invoke(['gateway', '--port', '0'], { env: { INVOKE_API_KEYS: 'k' } });
    expect(second.code, first.url).toBe(1);
    expect(second.stderr).toContain(join(place.cwd, '.invoke', 'data', 'invoke.db'));
    expect(second.stderr).toContain(`pid ${process.pid}`);
    expect(second.stderr).toContain('INVOKE_DATA_DIR');
    const next = /next: (.*)/.exec(second.stderr)?.[1] ?? '';
    expect(next).toContain('invoke gateway --data-dir <another folder>');
    expect(next).toContain('Postgres');
    expect(next).not.toContain('--port');
  });

  test('a folder for the data that cannot be made: why, and what helps', async () => {
    await using place = await createWorkplace();
    await writeFile(join(place.cwd, 'taken'), '');
    const ran = await place.invoke(['gateway'], { env: { INVOKE_DATA_DIR: 'taken', INVOKE_API_KEYS: 'k' } });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(
      `no folder for the data at ${join(place.cwd, 'taken')} (a file is in the way`,
    );
    expect(ran.stderr).toContain('next: invoke gateway --data-dir <another folder>');
  });

  test('a port that is taken', async () => {
    await using place = await createWorkplace();
    await using gateway = await startGateway(place);
    const ran = await place.invoke(['gateway', '--port', new URL(gateway.url).port, '--data-dir', 'other']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('is in use');
  });
});

test('the quick start, word for word, and what the guardrail does', async () => {
  await using place = await createWorkplace();
  await using gateway = await startGateway(place);
  await using shell = await openShell(built.bin);
  const apiKey = (await readFile(gateway.keyFile, 'utf8')).trim();
  const start = await shell.script(`
    invoke login --base-url ${gateway.url} --api-key ${apiKey}
    invoke init support-agent --template crm-guardrail
    cd support-agent
    invoke dev install
    invoke deploy
    invoke call crm_update_customer '{"customer_id":"cust_123","account_status":"review"}'`);
  try {
    expect(start.stderr).not.toContain('error');
    expect(start.code).toBe(0);
    expect(start.stdout).toMatch(/^crm_update_customer\s+medium\s+no\s+registered\s/m);
    expect(start.stdout).toContain('"account_status": "review"');
    expect((await stat(join(shell.home, '.invoke', 'credentials.json'))).mode & 0o777).toBe(0o600);

    const wrong = await shell.invoke([
      'call',
      'crm_update_customer',
      'customer_id=cust_456',
      'account_status=closed',
      '--entity',
      'cust_123',
      '--json',
    ]);
    expect(wrong.code).toBe(10);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ status: 'blocked', code: 'entity_mismatch' });

    const note = [
      'call',
      'crm_update_customer',
      'customer_id=cust_123',
      'note=called',
      '--idempotency-key',
      'note-1',
      '--json',
    ];
    const first = JSON.parse((await shell.invoke(note)).stdout) as Record<string, unknown>;
    const second = JSON.parse((await shell.invoke(note)).stdout) as Record<string, unknown>;
    expect(first).toMatchObject({ status: 'completed' });
    expect(second).toMatchObject({
      status: 'completed',
      replayed: true,
      execution_id: first['execution_id'],
      result: first['result'],
    });

    const other = await shell.invoke([...note.slice(0, 3), 'note=other', ...note.slice(4)]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('idempotency_key_reused');

    const invalid = await shell.invoke(['call', 'crm_update_customer', 'account_status=review']);
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toContain('customer_id');

    const bogus = await shell.invoke(['keys', 'create', 'x', '--scopes', 'tools:bogus']);
    expect(bogus.stderr.match(/scopes\/0/g)).toHaveLength(1);
    expect(bogus.stderr.match(/validation_failed/g)).toHaveLength(1);
    expect(bogus.stderr).toContain('next: the same command with --help');

    const list = JSON.parse((await shell.invoke(['executions', '--json'])).stdout) as {
      executions: object[];
    };
    expect(list.executions).toHaveLength(2);
    const shown = await shell.invoke(['executions', 'show', String(first['execution_id'])]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    const traces = await shell.invoke(['traces']);
    expect(traces.stdout).toContain('entity_mismatch');
    expect(await shell.invoke(['doctor', 'key'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await shell.invoke(['status'])).code).toBe(0);

    const crm = JSON.parse(
      await readFile(join(shell.cwd, 'support-agent', 'data', 'crm.json'), 'utf8'),
    ) as object;
    expect(crm).toMatchObject({
      customers: { cust_123: { note: 'called' }, cust_456: { account_status: 'active' } },
    });
  } finally {
    await shell.script('cd support-agent && invoke dev stop');
  }
});

test('the SDK against a real gateway', async () => {
  await using place = await createWorkplace();
  await using gateway = await startGateway(place);
  await using shell = await openShell(built.bin);
  const apiKey = (await readFile(gateway.keyFile, 'utf8')).trim();
  await shell.script(`
    invoke login --base-url ${gateway.url} --api-key - < ${gateway.keyFile}
    invoke init echo-agent
    cd echo-agent
    invoke dev install
    invoke deploy`);
  try {
    const invoke = new Invoke({ apiKey, baseUrl: gateway.url });
    const tools = await invoke.tools.list();
    expect(tools.find(({ id }) => id === 'echo')).toMatchObject({
      toolClass: 'R',
      riskLevel: 'low',
      configured: true,
    });

    const { data, response } = await invoke
      .call({ tool: 'echo', params: { message: 'hi' }, agentId: 'a' })
      .withResponse();
    expect(data).toMatchObject({
      success: true,
      status: 'completed',
      idempotencyKey: expect.stringMatching(/^auto_/),
    });
    expect(response?.headers.get('x-request-id')).toBe(data.requestId);
    const execution = await invoke.executions.get(String(data.executionId));
    expect(execution).toMatchObject({
      executionId: data.executionId,
      status: 'completed',
      tool: 'echo',
      agentId: 'a',
    });
    expect(execution.attempts[0]).toMatchObject({ role: 'primary', certainty: 'effect' });

    const created = await invoke.executions.create({
      action: 'echo',
      params: { message: 'hi' },
      idempotencyKey: 'demo-001',
    });
    const again = await invoke.executions.create({
      action: 'echo',
      params: { message: 'hi' },
      idempotencyKey: 'demo-001',
    });
    expect(created).toMatchObject({ success: true, certificate: { finalOutcome: 'completed' } });
    expect(again.execution.executionId).toBe(created.execution.executionId);

    const pages: number[] = [];
    for await (const page of invoke.executions.list({ limit: 1 }).byPage()) pages.push(page.items.length);
    expect(pages.reduce((sum, size) => sum + size, 0)).toBe(2);
    const tracesOf = async () => {
      const tools: string[] = [];
      for await (const trace of invoke.traces.list({ limit: 2 })) tools.push(trace.tool);
      return tools;
    };
    // The gateway writes them in the background.
    await vi.waitFor(async () => expect(await tracesOf()).toEqual(['echo', 'echo', 'echo']), {
      timeout: 5_000,
      interval: 50,
    });

    await expect(invoke.call({ tool: 'nope' })).rejects.toMatchObject({ code: 'not_found', status: 404 });
    await expect(invoke.call({ tool: 'echo', params: {} })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(new Invoke({ apiKey: 'wrong', baseUrl: gateway.url }).tools.list()).rejects.toMatchObject({
      code: 'unauthenticated',
      retry: 'never',
    });
  } finally {
    await shell.script('cd echo-agent && invoke dev stop');
  }
});
