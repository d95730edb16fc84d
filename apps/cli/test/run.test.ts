import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../src/exit-codes.js';
import { NOT_YET } from '../src/not-yet.js';
import { REGISTRY } from '../src/registry.js';
import { CLI_VERSION } from '../src/version.js';
import manifest from '../package.json' with { type: 'json' };
import { createWorkplace } from './fixtures/test-io.js';

const names = Object.keys(REGISTRY);

test('pin: exit codes', () => {
  expect(EXIT).toEqual({
    ok: 0,
    failure: 1,
    usage: 2,
    unauthenticated: 4,
    blocked: 10,
    pendingApproval: 11,
    replanRequired: 12,
    outcomeUnknown: 13,
    notExecuted: 14,
    interrupted: 130,
  });
});

test('pin: commands', () => {
  expect(names).toEqual([
    'gateway',
    'login',
    'logout',
    'whoami',
    'config',
    'init',
    'dev',
    'deploy',
    'tools',
    'preflight',
    'verify',
    'call',
    'reconcile',
    'execute',
    'workflow',
    'workflows',
    'search',
    'approvals',
    'policy',
    'keys',
    'usage',
    'executions',
    'traces',
    'status',
    'doctor',
    'help',
    'completion',
  ]);
});

test('the version that is shown is the one of the package', async () => {
  await using place = await createWorkplace();
  expect(await place.invoke(['--version'])).toEqual({ code: 0, stdout: `${CLI_VERSION}\n`, stderr: '' });
  expect(CLI_VERSION).toBe(manifest.version);
});

describe('help', () => {
  test.each([[['--help']], [['-h']], [['help']], [[]]])(
    'invoke %s is one screen on standard output',
    async (argv) => {
      await using place = await createWorkplace();
      const ran = await place.invoke(argv);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      for (const name of names) expect(ran.stdout).toMatch(new RegExp(`^  ${name}\\s`, 'm'));
      expect(ran.stdout.split('\n').length).toBeLessThanOrEqual(49);
      expect(Math.max(...ran.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
    },
  );

  test.each(names)('invoke %s --help and invoke help of it are the same', async (name) => {
    await using place = await createWorkplace();
    const ran = await place.invoke([name, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(`invoke ${name}`);
    expect((await place.invoke(['help', name])).stdout).toBe(ran.stdout);
  });

  test('of a member of a group', async () => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['executions', 'show', '--help']);
    expect(ran.stdout).toContain('invoke executions show <id>');
    expect((await place.invoke(['help', 'executions', 'show'])).stdout).toBe(ran.stdout);
  });

  test.each(['exit-codes', 'environment', 'params'])('on the topic %s', async (topic) => {
    await using place = await createWorkplace();
    expect((await place.invoke(['help', topic])).code).toBe(0);
  });

  test('every exit code is explained', async () => {
    await using place = await createWorkplace();
    const { stdout } = await place.invoke(['help', 'exit-codes']);
    for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`^  ${code}\\s`, 'm'));
  });

  test('--map=json lists every command with its arguments and options', async () => {
    await using place = await createWorkplace();
    const { stdout } = await place.invoke(['help', '--map=json']);
    const map = JSON.parse(stdout) as {
      commands: { name: string; arguments?: object[]; options?: object[] }[];
    };
    expect(map.commands.map(({ name }) => name)).toEqual(names);
    const call = map.commands.find(({ name }) => name === 'call');
    expect(call?.arguments?.[0]).toMatchObject({ name: 'tool', required: true });
    expect(call?.options).toContainEqual(
      expect.objectContaining({ name: '--idempotency-key', type: 'string' }),
    );
  });
});

describe('a wrong command line is exit code 2, on standard error', () => {
  test.each([
    { argv: ['cal'], says: 'Did you mean "invoke call"?' },
    { argv: ['executions', 'sho'], says: 'Did you mean "invoke executions show"?' },
    { argv: ['policy', 'chek'], says: 'Did you mean "invoke policy check"?' },
    { argv: ['approvals', 'show'], says: '<id> is missing.' },
    { argv: ['approvals', '--status', 'open'], says: '--status is one of pending, executed,' },
    {
      argv: ['approvals', 'resolve', 'appr_1', 'maybe'],
      says: 'resolution is one of applied, not_applied, retry',
    },
    { argv: ['approvals', 'wait', 'appr_1', '--timeout-ms', '0'], says: 'whole number' },
    { argv: ['frobnicate'], says: 'There is no command "invoke frobnicate".' },
    { argv: ['help', 'frobnicate'], says: 'There is no help on "frobnicate".' },
    { argv: ['version'], says: 'Did you mean "invoke --version"?' },
    {
      argv: ['help', 'executions', 'frobnicate'],
      says: 'There is no command "invoke executions frobnicate".',
    },
    { argv: ['constructor'], says: 'There is no command "invoke constructor".' },
    { argv: ['--frobnicate'], says: 'There is no option --frobnicate without a command.' },
    { argv: ['tools', '--jsn'], says: 'There is no option --jsn. Did you mean --json?' },
    { argv: ['tools', '-z'], says: 'There is no option -z.' },
    { argv: ['tools', '--__proto__', '1'], says: 'There is no option' },
    { argv: ['tools', '--toString', '1'], says: 'There is no option --toString.' },
    { argv: ['call'], says: '<tool> is missing.' },
    { argv: ['call', 't', '--idempotency-key'], says: '--idempotency-key needs a value.' },
    { argv: ['call', 't', '--timeout-ms', '99999999999'], says: 'from 1 to 2147483647' },
    { argv: ['approvals', 'wait', 'appr_1', '--timeout-ms', '99999999999'], says: 'from 1 to 2147483647' },
    { argv: ['call', 't', '--timeout-ms', 'soon'], says: '--timeout-ms takes a number.' },
    { argv: ['call', 't', '--timeout-ms', '0.5'], says: 'whole number' },
    {
      argv: ['init', 'x', '--template', 'nope'],
      says: '--template is one of default, linear, crm-guardrail, not "nope".',
    },
    { argv: ['init', 'x', '--template', 'linaer'], says: 'Did you mean linear?' },
    { argv: ['whoami', 'extra'], says: '"extra" is one word too many.' },
    { argv: ['completion', 'tcsh'], says: 'shell is one of bash, zsh, fish, not "tcsh".' },
    { argv: ['doctor', 'nonsense'], says: 'check is one of' },
    { argv: ['gateway', '--port', '99999'], says: '--port takes a whole number from 0 to 65535' },
    { argv: ['call', 't', '@missing.json'], says: 'missing.json: there is no such file (ENOENT).' },
    { argv: ['call', 't', '@.'], says: 'this is a folder, not a file (EISDIR).' },
    { argv: ['call', 't', '{bad'], says: 'What is given as params is not valid JSON' },
    { argv: ['init'], says: '<dir> is missing, and there is nobody to ask' },
  ])('$argv', async ({ argv, says }) => {
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: 'k', INVOKE_BASE_URL: 'http://127.0.0.1:1' },
    });
    const ran = await place.invoke(argv);
    expect(ran.stderr).toContain(says);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
  });

  test('for an agent it is JSON', async () => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['cal'], { env: { GEMINI_CLI: '1' } });
    expect(JSON.parse(ran.stderr)).toMatchObject({ status: 'error', reason: 'usage', exit_code: 2 });
  });
});

describe('a command that is still to come says so, and what there is instead', () => {
  test.each(Object.keys(NOT_YET))('%s', async (name) => {
    expect(names).not.toContain(name);
    await using place = await createWorkplace();
    for (const argv of [[name], [name, 'list'], [name, '--help'], ['help', name]]) {
      const ran = await place.invoke(argv);
      expect(ran).toMatchObject({ code: 2, stdout: '' });
      expect(ran.stderr).toContain(`(invoke ${name}) is not part of this version (${CLI_VERSION}).`);
      expect(ran.stderr).toMatch(/next: invoke /);
    }
    const { stderr } = await place.invoke([name, '--json']);
    const { next } = JSON.parse(stderr) as { next: { command: string }[] };
    for (const { command } of next) expect(names).toContain(command.split(' ')[1]);
  });
});

describe('completion', () => {
  test.each([
    { line: 'invoke ex', expected: ['execute', 'executions'] },
    { line: 'invoke dev ', expected: ['start', 'install', 'stop'] },
    { line: 'invoke executions show --ba', expected: ['--base-url'] },
    { line: 'invoke init x --template ', expected: ['default', 'linear', 'crm-guardrail'] },
    { line: 'invoke call t --js', expected: ['--json'] },
    { line: 'invoke approvals re', expected: ['reject', 'resolve'] },
    { line: 'invoke approvals --status re', expected: ['rejected', 'replan_required', 'resolved'] },
    { line: 'invoke approvals resolve appr_1 ', expected: ['applied', 'not_applied', 'retry'] },
    { line: 'invoke usage --per ', expected: ['tool', 'agent', 'key'] },
    { line: 'invoke help exit', expected: ['exit-codes'] },
    { line: 'invoke completion z', expected: ['zsh'] },
    { line: 'invoke nonsense ', expected: [] },
  ])('$line', async ({ line, expected }) => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['completion', `--words=${line}`]);
    expect(ran.stdout.split('\n').filter(Boolean)).toEqual(expected);
  });

  test('scripts for each shell; bash takes its one', async () => {
    await using place = await createWorkplace();
    for (const shell of ['bash', 'zsh', 'fish']) {
      const ran = await place.invoke(['completion', shell]);
      expect(ran.stdout).toContain('invoke completion --words=');
      expect((await place.invoke(['completion'], { env: { SHELL: `/bin/${shell}` } })).stdout).toBe(
        ran.stdout,
      );
      if (shell === 'bash') execFileSync('bash', ['-n'], { input: ran.stdout });
    }
  });
});

test('one file per command, and each is in the registry', async () => {
  const files = await readdir(join(import.meta.dirname, '../src/commands'));
  const commands = files.filter((file) => file !== 'page.ts').map((file) => file.replace('.ts', ''));
  expect(commands.toSorted()).toEqual(names.toSorted());
});
