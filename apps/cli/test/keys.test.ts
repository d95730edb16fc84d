import { Invoke } from '@invoke/sdk';
import { expect, test, vi } from 'vitest';
import { startGateway } from './fixtures/real-gateway.js';
import { createWorkplace } from './fixtures/test-io.js';

// Against a gateway that really decides.
vi.setConfig({ testTimeout: 60_000 });

const ADMIN = 'admin_key_0123456789';

test('invoke keys: create, list, rotate, revoke; the secret alone on standard output', async () => {
  await using place = await createWorkplace();
  await using gateway = await startGateway(place, [], { INVOKE_API_KEYS: ADMIN });
  const invoke = (argv: readonly string[]) =>
    place.invoke(['keys', ...argv], { env: { INVOKE_API_KEY: ADMIN, INVOKE_BASE_URL: gateway.url } });
  const opens = async (apiKey: string) => {
    const tools = new Invoke({ apiKey, baseUrl: gateway.url, maxRetries: 0 }).tools.list();
    return tools.then(
      () => true,
      () => false,
    );
  };

  const made = await invoke([
    'create',
    'robot',
    '--scopes',
    'tools:read,tools:call',
    '--grant',
    '{"envs":["dev"]}',
  ]);
  expect(made.code, made.stderr).toBe(0);
  const secret = made.stdout.trim();
  expect(secret).toMatch(/^inv_[A-Za-z0-9_-]{32}$/);
  const id = /key_[0-9a-f]+/.exec(made.stderr)?.[0] ?? '';
  expect(await opens(secret)).toBe(true);

  const listed = await invoke(['list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    keys: [
      { id, name: 'robot', state: 'active', grant: { scopes: ['tools:read', 'tools:call'], envs: ['dev'] } },
    ],
  });
  expect(listed.stdout).not.toContain(secret);

  const rotated = await invoke(['rotate', id, '--overlap-seconds', '0']);
  const next = rotated.stdout.trim();
  expect([await opens(secret), await opens(next)]).toEqual([false, true]);

  expect((await invoke(['revoke', id])).stderr).toContain('is revoked');
  expect(await opens(next)).toBe(false);
  expect((await invoke(['list'])).stdout).toContain('revoked');
  const unheard = await invoke(['revoke', 'key_unheard']);
  expect(unheard.code).not.toBe(0);
  expect(unheard.stderr).toContain('next: invoke keys list');
});

test('a name that nothing has: the command that lists those there are is told, whatever was named', async () => {
  const lists: Record<string, string> = {
    'keys revoke nope': 'invoke keys list',
    'keys rotate nope': 'invoke keys list',
    'approvals show nope': 'invoke approvals',
    'approvals wait nope': 'invoke approvals',
    'approvals approve nope': 'invoke approvals',
    'approvals approve nope --digest sha256:a': 'invoke approvals',
    'approvals reject nope': 'invoke approvals',
    'approvals resolve nope applied': 'invoke approvals',
    'executions show nope': 'invoke executions',
    'workflow nope': 'invoke workflows   or   invoke tools',
    'execute nope': 'invoke tools   or   invoke workflows',
    'call nope': 'invoke tools',
  };
  await using place = await createWorkplace();
  await using gateway = await startGateway(place, [], { INVOKE_API_KEYS: ADMIN });
  const env = { INVOKE_API_KEY: ADMIN, INVOKE_BASE_URL: gateway.url };
  for (const [line, expected] of Object.entries(lists)) {
    const { stderr } = await place.invoke(line.split(' '), { env });
    expect(/next: (.*)/.exec(stderr)?.[1], `${line}: ${stderr}`).toBe(expected);
  }
});
