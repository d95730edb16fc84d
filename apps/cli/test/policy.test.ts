import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY, startFakeGateway, type FakeGateway } from './fixtures/fake-gateway.js';
import { createWorkplace, type Workplace } from './fixtures/test-io.js';

const DOCUMENT = { rules: [{ when: 'action == git_push and branch == main', effect: 'deny' }] };
const CALL = '{"tool":"git","action":"git_push","params":{"branch":"main"}}';

async function withPolicy(gateway: FakeGateway): Promise<Workplace> {
  const place = await createWorkplace({ env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url } });
  await writeFile(join(place.cwd, 'policy.json'), JSON.stringify(DOCUMENT));
  return place;
}

describe('invoke policy check', () => {
  test('a caret under each mistake; exit code 1', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const ran = await place.invoke(['policy', 'check', 'policy.json']);
    expect(gateway.seen.at(-1)?.body).toEqual({ document: DOCUMENT });
    expect(ran.stdout.split('\n')).toEqual([
      'error at /document/rules/0/when',
      '  expected an operand',
      '    action == and branch',
      '              ^',
      '',
      '',
    ]);
    expect(ran.stderr).toBe('not valid: 1 mistake\n');
    expect(ran.code).toBe(1);
  });

  test('one expression that is right', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const ran = await place.invoke(['policy', 'check', '--when', 'true']);
    expect(ran).toMatchObject({ code: 0, stdout: '', stderr: 'valid\n' });
    const json = await place.invoke(['policy', 'check', '-', '--json'], { stdin: JSON.stringify(DOCUMENT) });
    expect(JSON.parse(json.stdout)).toMatchObject({
      valid: false,
      mistakes: [{ pointer: '/document/rules/0/when' }],
    });
    expect(json.code).toBe(1);
  });

  test.each([
    { argv: ['check'], says: '<file> is missing, or --when' },
    { argv: ['check', 'policy.json', '--when', 'true'], says: 'not both' },
    { argv: ['check', 'nowhere.json'], says: 'there is no such file (ENOENT)' },
    { argv: ['check', 'policy.yaml'], says: 'documents are JSON' },
    { argv: ['check', 'twice.json'], says: 'has the key "when" twice' },
    { argv: ['explain', 'policy.json'], says: '--call is missing' },
    { argv: ['test', 'policy.json', '--tests', 'policy.json'], says: 'has no list "tests"' },
  ])('$argv is 2', async ({ argv, says }) => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    await writeFile(join(place.cwd, 'twice.json'), '{"rules":[{"when":"a","when":"b"}]}');
    const ran = await place.invoke(['policy', ...argv]);
    expect(ran.stderr).toContain(says);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(gateway.seen).toEqual([]);
  });
});

describe('invoke policy test', () => {
  test('each test; exit code 1 where one fails', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const ran = await place.invoke(['policy', 'test', 'policy.json']);
    expect(ran.stdout.split('\n')).toEqual([
      'RESULT  TEST  EXPECTED  GOT              WHY',
      'pass    push  deny      deny (rules[0])  -',
      'FAIL    read  allow     deny (rules[0])  expected allow, got deny',
      '',
    ]);
    expect(ran.stderr).toBe('failed: 1 of 2\n');
    expect(ran.code).toBe(1);
  });

  test('with tests of their own file', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const tests = [{ name: 'push', call: { tool: 'git' }, expect: { effect: 'deny' } }];
    await writeFile(join(place.cwd, 'tests.json'), JSON.stringify({ tests }));
    const ran = await place.invoke(['policy', 'test', 'policy.json', '--tests', 'tests.json']);
    expect(gateway.seen.at(-1)?.body).toEqual({ document: DOCUMENT, tests });
    expect(ran).toMatchObject({ code: 0, stderr: 'passed: 1 of 1\n' });
  });
});

test('invoke policy explain shows the value of every part', async () => {
  await using gateway = await startFakeGateway();
  await using place = await withPolicy(gateway);
  const ran = await place.invoke(['policy', 'explain', 'policy.json', '--call', CALL]);
  expect(gateway.seen.at(-1)?.body).toEqual({ document: DOCUMENT, call: JSON.parse(CALL) });
  expect(ran.stdout.split('\n')).toEqual([
    'deny by rules[0] of tenant: No pushes to main',
    '',
    'rules[0] of tenant, deny: true',
    '  when action == git_push and branch == main',
    '  action  =>  "git_push"',
    '  branch  =>  unknown: missing',
    '',
  ]);
  expect(ran.stderr).toContain('2 more rules');
  await place.invoke(['policy', 'explain', '--call', CALL]);
  expect(gateway.seen.at(-1)?.body).toEqual({ call: JSON.parse(CALL) });
});

describe('invoke policy simulate', () => {
  test('the newest executions again', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const ran = await place.invoke(['policy', 'simulate', 'policy.json']);
    expect(gateway.seen.at(-1)?.body).toEqual({ document: DOCUMENT, last: 100 });
    expect(ran.stdout.split('\n')).toEqual([
      'EXECUTION  TOOL  AGENT         NOW    THEN             REASON',
      'exec_1     git   dev_agent_v1  allow  deny (rules[0])  No pushes to main',
      '',
    ]);
    expect(ran.stderr).toBe(
      '1 of 100 would be decided otherwise (allow -> deny: 1)\nnote: 4 are left out, because their tools are not known any more.\n',
    );
  });

  test('one call, and --json with the names of the API', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const ran = await place.invoke(['policy', 'simulate', 'policy.json', '--call', CALL]);
    expect(gateway.seen.at(-1)?.body).toEqual({ document: DOCUMENT, call: JSON.parse(CALL) });
    expect(ran.stdout).toContain(
      'now:  allow (no rule has a say)\nthen: deny by rules[0] of tenant: No pushes to main\n',
    );
    const json = await place.invoke(['policy', 'simulate', 'policy.json', '--last', '9', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      backtest: {
        changed: [{ execution_id: 'exec_1', agent_id: 'dev_agent_v1' }],
        changes: { 'allow -> deny': 1 },
      },
    });
  });
});

describe('what is stored', () => {
  test('show, put, and a document that cannot be used', async () => {
    await using gateway = await startFakeGateway();
    await using place = await withPolicy(gateway);
    const shown = await place.invoke(['policy']);
    expect(JSON.parse(shown.stdout)).toEqual({ rules: [], budgets: [], tests: [] });
    expect(shown.stderr).toContain('stored 2026-05-01T12:00:00.000Z by key_1');
    const json = await place.invoke(['policy', 'show', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ updated_by: 'key_1', broken: null });
    const put = await place.invoke(['policy', 'put', 'policy.json']);
    expect(gateway.seen.at(-1)).toMatchObject({ method: 'PUT', path: '/v1/policy', body: DOCUMENT });
    expect(put).toMatchObject({ code: 0, stdout: '' });
    const refused = await place.invoke(['policy', 'put', '-'], {
      stdin: '{"rules":[{"when":"broken","effect":"deny"}]}',
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('    action == and branch\n              ^\n');
  });
});
