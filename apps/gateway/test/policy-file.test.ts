import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'invoke-policy-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const DENY = JSON.stringify({ rules: [{ id: 'op', when: 'tool == "fetch.url"', effect: 'deny' }] });
const OPEN = JSON.stringify({ rules: [] });
const CALL = { tool: 'fetch.url', params: { url: 'http://127.0.0.1:1/' } };

async function ruleOf(gateway: TestGateway): Promise<unknown> {
  const { body } = await gateway.request('POST', '/v1/call', { body: CALL });
  return body['code'] === 'policy_denied' ? [body['rule'], body['source']] : body['code'];
}

const ready = async (gateway: TestGateway) =>
  (await gateway.request('GET', '/ready', { key: null })).body['policy_file'];

test('rules of the file hold from the start, a new version soon after, a broken one never', async () => {
  const path = join(dir, 'policy.json');
  await writeFile(path, DENY);
  await using gateway = await openGateway({ INVOKE_POLICY_FILE: path });
  expect(await ruleOf(gateway)).toEqual(['op', 'operator']);
  expect(await ready(gateway)).toBe('in_force');

  await writeFile(path, '{"rules": [{"when": "tool = x", "effect": "deny"}]}');
  await vi.waitFor(async () => expect(await ready(gateway)).toBe('stale'), { timeout: 6_000, interval: 200 });
  expect(await ruleOf(gateway)).toEqual(['op', 'operator']);

  await writeFile(path, OPEN);
  await vi.waitFor(async () => expect(await ready(gateway)).toBe('in_force'), {
    timeout: 6_000,
    interval: 200,
  });
  expect(await ruleOf(gateway)).not.toEqual(['op', 'operator']);

  await rm(path);
  await vi.waitFor(async () => expect(await ready(gateway)).toBe('stale'), { timeout: 6_000, interval: 200 });
}, 30_000);

test('without a file, nothing is said of one', async () => {
  await using gateway = await openGateway();
  expect((await gateway.request('GET', '/ready', { key: null })).body).toEqual({ status: 'ready', db: 'ok' });
});

const BROKEN: readonly { cell: string; text: string; line: string }[] = [
  { cell: 'no JSON', text: '{\n  "rules": [,]\n}', line: ':2:13: expected a value' },
  {
    cell: 'a key twice',
    text: '{"rules": [], "rules": []}',
    line: ':1:15: the key "rules" appears twice in one object',
  },
  { cell: 'an unknown field', text: '{"rule": []}', line: ': /rule: this field is not known here' },
  {
    cell: 'a rule that does not compile',
    text: '{"rules": [{"when": "tool = x", "effect": "deny"}]}',
    line: ': /rules/0/when: use "==" to compare',
  },
];

test.each(BROKEN)('$cell stops the start with a clear line', async ({ text, line }) => {
  const path = join(dir, 'broken.json');
  await writeFile(path, text);
  await expect(openGateway({ INVOKE_POLICY_FILE: path })).rejects.toThrow(
    `INVOKE_POLICY_FILE: ${path}${line}`,
  );
});

test('so does a file that is not there, and each mistake has a line of its own', async () => {
  const path = join(dir, 'two.json');
  await expect(openGateway({ INVOKE_POLICY_FILE: path })).rejects.toThrow(
    `INVOKE_POLICY_FILE: ${path} cannot be read: ENOENT`,
  );
  const rules = [
    { when: 'a = b', effect: 'deny' },
    { when: 'a ==', effect: 'deny' },
  ];
  await writeFile(path, JSON.stringify({ rules }));
  await expect(openGateway({ INVOKE_POLICY_FILE: path })).rejects.toThrow(
    `INVOKE_POLICY_FILE: ${path}: /rules/0/when: use "==" to compare\n` +
      `INVOKE_POLICY_FILE: ${path}: /rules/1/when: expected a value, got the end`,
  );
});
