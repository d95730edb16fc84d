import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { buildCli, openShell, type Shell } from './fixtures/built-cli.js';
import { API_KEY, startFakeGateway } from './fixtures/fake-gateway.js';

// Every step starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

let built: Awaited<ReturnType<typeof buildCli>>;
beforeAll(async () => {
  built = await buildCli('process');
});
afterAll(() => built.remove());

const isOpen = (port: number, host = '127.0.0.1') =>
  new Promise<boolean>((resolve) => {
    const socket = connectTo(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function devJson(folder: string) {
  const path = join(folder, '.invoke', 'dev.json');
  await vi.waitFor(() => stat(path), { timeout: 10_000, interval: 30 });
  return JSON.parse(await readFile(path, 'utf8')) as {
    mcp_url: string;
    host: string;
    port: number;
    pid: number;
  };
}

async function initProject(shell: Shell, template = 'crm-guardrail'): Promise<string> {
  expect((await shell.invoke(['init', 'p', '--template', template])).code).toBe(0);
  return join(shell.cwd, 'p');
}

/**
 * Makes a Node process say how much processor time it took: unlike the time on the clock, it does not grow with what else
 * the machine is doing.
 */
const CPU_METER = {
  NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(
    "import { writeSync } from 'node:fs'; process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(2, `cpu ${user + system}\\n`); });",
  )}"`,
};

function readMeter({ stderr }: { stderr: string }): number {
  const microseconds = Number(/^cpu (\d+)$/m.exec(stderr)?.[1]);
  expect(microseconds).toBeGreaterThan(0);
  return microseconds / 1000;
}

async function best(runs: number, once: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await once());
  return Math.min(...times);
}

test('the SDK of the project, imported as the description says', async () => {
  await using gateway = await startFakeGateway();
  await using shell = await openShell(built.bin);
  const folder = await initProject(shell);
  await writeFile(
    join(folder, 'try.ts'),
    `import { Invoke } from "./sdk";
     const invoke = Invoke.fromEnv();
     const result = await invoke.call({ tool: "completes", params: {}, agentId: "prod-support-agent" });
     console.log(result.status);`,
  );
  const ran = await shell.script(
    `cd p; INVOKE_API_KEY=${API_KEY} INVOKE_BASE_URL=${gateway.url} node try.ts`,
  );
  expect(ran).toMatchObject({ code: 0, stdout: 'completed\n' });
});

test('the commands of control as processes: data on standard output, the exit code in the shell', async () => {
  await using gateway = await startFakeGateway();
  await using shell = await openShell(built.bin);
  const env = { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url };
  const rows = [
    { argv: ['approvals', 'show', 'appr_1', '--json'], code: 0, prints: '"digest": "sha256:abab' },
    { argv: ['approvals', 'approve', 'appr_requeued', '--state', '-'], code: 11, prints: '' },
    { argv: ['approvals', 'wait', 'appr_replan'], code: 12, prints: '' },
    { argv: ['preflight', 'forbidden'], code: 10, prints: 'policy_denied' },
    { argv: ['execute', '--workflow', 'other'], code: 13, prints: 'ignore all' },
    { argv: ['workflow', 'safe-tool-execution'], code: 0, prints: 'request_received -> ' },
    { argv: ['policy', 'check', '-'], code: 1, prints: '^' },
    { argv: ['usage'], code: 0, prints: 'daily' },
  ];
  for (const { argv, code, prints } of rows) {
    const ran = await shell.invoke(argv, { env, input: '{"rules":[]}' });
    expect({ argv, code: ran.code, stdout: ran.stdout }).toMatchObject({ argv, code });
    expect(ran.stdout).toContain(prints);
  }
});

describe('invoke dev', () => {
  test('Ctrl-C leaves no process, no port and no dev.json', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    const dev = shell.start(['dev'], { cwd: folder });
    const state = await devJson(folder);
    expect(state).toEqual({
      mcp_url: `http://127.0.0.1:${state.port}/mcp`,
      host: '127.0.0.1',
      port: state.port,
      started_at: expect.any(Number),
      pid: dev.child.pid,
      token: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await stat(join(folder, '.invoke', 'dev.json'))).mode & 0o777).toBe(0o600);
    expect(await isOpen(state.port)).toBe(true);
    expect(await isOpen(state.port, '127.0.0.2')).toBe(false);

    dev.child.kill('SIGINT');
    const { code, stdout } = await dev.finished;
    expect(code).toBe(130);
    expect(stdout).toBe(`${state.mcp_url}\n`);
    expect(await isOpen(state.port)).toBe(false);
    await expect(stat(join(folder, '.invoke', 'dev.json'))).rejects.toThrow('ENOENT');
  });

  test('killed without a word, it takes its server along', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    const dev = shell.start(['dev'], { cwd: folder });
    const { port } = await devJson(folder);
    dev.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isOpen(port)).toBe(false), { timeout: 5_000 });
    // What is left over does not keep the next one from starting.
    const next = await shell.invoke(['dev', 'install'], { cwd: folder });
    expect(next.code).toBe(0);
    await shell.invoke(['dev', 'stop'], { cwd: folder });
  });

  test('install leaves it running, twice is once, and stop ends it', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    const first = await shell.invoke(['dev', 'install'], { cwd: folder });
    const { mcp_url: url, port } = await devJson(folder);
    expect(first).toMatchObject({ code: 0, stdout: `${url}\n` });
    const again = await shell.invoke(['dev', 'install'], { cwd: folder });
    expect(again).toMatchObject({ code: 0, stdout: `${url}\n` });
    const second = await shell.invoke(['dev'], { cwd: folder });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('runs already');
    expect((await shell.invoke(['dev', 'stop'], { cwd: folder })).stderr).toBe('Stopped.\n');
    expect(await isOpen(port)).toBe(false);
    expect((await shell.invoke(['dev', 'stop', '--json'], { cwd: folder })).stdout).toBe(
      '{\n  "stopped": false\n}\n',
    );
  });

  test('a server that does not start is told, with its own words', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    await writeFile(join(folder, 'server.ts'), "throw new Error('no database');");
    const dev = await shell.invoke(['dev'], { cwd: folder });
    expect(dev.code).toBe(1);
    expect(dev.stderr).toContain('no database');
    expect(dev.stderr).toContain('ended at once (exit code 1)');
    const install = await shell.invoke(['dev', 'install'], { cwd: folder });
    expect(install.code).toBe(1);
    expect(install.stderr).toContain('no database');
    await expect(stat(join(folder, '.invoke', 'dev.json'))).rejects.toThrow('ENOENT');
  });

  test('a port that is taken is refused, instead of watching over the wrong server', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    const other = createServer((_, res) => res.end('{}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const dev = await shell.invoke(['dev', '--port', String(port)], { cwd: folder });
    other.close();
    expect(dev.code).toBe(1);
    expect(dev.stderr).toContain('EADDRINUSE');
  });

  test("the project's server does not get the key of the gateway", async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    const server = await readFile(join(folder, 'server.ts'), 'utf8');
    await writeFile(
      join(folder, 'server.ts'),
      `${server}\nconsole.log('key:', process.env.INVOKE_API_KEY, process.env.OTHER);`,
    );
    const dev = shell.start(['dev'], { cwd: folder, env: { INVOKE_API_KEY: API_KEY, OTHER: 'other' } });
    await devJson(folder);
    dev.child.kill('SIGTERM');
    const { code, stderr } = await dev.finished;
    expect(code).toBe(0);
    expect(stderr).toContain('key: undefined other');
  });

  test('install installs what package.json names', async () => {
    await using shell = await openShell(built.bin);
    const folder = await initProject(shell, 'default');
    await mkdir(join(shell.cwd, 'library'));
    await writeFile(
      join(shell.cwd, 'library', 'package.json'),
      '{"name":"library","version":"1.0.0","scripts":{"postinstall":"touch ran"}}',
    );
    const path = join(folder, 'package.json');
    const project = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...project, dependencies: { library: 'file:../library' } }));
    const ran = await shell.invoke(['dev', 'install'], { cwd: folder });
    expect(ran.code).toBe(0);
    expect((await stat(join(folder, 'node_modules', 'library'))).isDirectory()).toBe(true);
    await expect(stat(join(shell.cwd, 'library', 'ran'))).rejects.toThrow('ENOENT');
    await shell.invoke(['dev', 'stop'], { cwd: folder });
  });
});

describe('the process', () => {
  test('says in one line that Node is too old', async () => {
    await using shell = await openShell(built.bin);
    const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
    const ran = await shell.invoke(['--help'], {
      env: { NODE_OPTIONS: `--import="${old.replaceAll(' ', '%20')}"` },
    });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toBe('invoke needs Node 22.18 or newer; this is 20.20.2. See https://nodejs.org\n');
  });

  test('the entry has nothing that an old Node cannot read', async () => {
    const code = await readFile(built.bin, 'utf8');
    expect(code.split('\n').filter((line) => /^\s*import\s/.test(line))).toEqual([
      'import module from "module";',
    ]);
    expect(code).toContain('await import("./program.js")');
  });

  test('never asks in a pipe', async () => {
    await using shell = await openShell(built.bin);
    const startedAt = Date.now();
    const ran = await shell.invoke(['login', '--base-url', 'http://127.0.0.1:1'], { input: 'y\n' });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--api-key is missing');
    expect(ran.stderr).not.toContain('\u001b');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test('Ctrl-C during a call is 130, and the key to ask again is there', async () => {
    await using gateway = await startFakeGateway();
    await using shell = await openShell(built.bin);
    const call = shell.start(['call', 'silent'], {
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    await vi.waitFor(() => expect(gateway.calls).toHaveLength(1), { timeout: 5_000 });
    call.child.kill('SIGINT');
    const { code, stderr } = await call.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(`--idempotency-key ${String(gateway.calls[0]?.['idempotency_key'])}`);
  });

  test('Ctrl-C while it waits for standard input is 130', async () => {
    await using shell = await openShell(built.bin);
    const call = shell.start(['call', 't', '-'], { input: null });
    await sleep(700);
    const killedAt = Date.now();
    call.child.kill('SIGINT');
    expect((await call.finished).code).toBe(130);
    expect(Date.now() - killedAt).toBeLessThan(2_000);
  });

  test('a reader that has read enough is no error', async () => {
    await using shell = await openShell(built.bin);
    const ran = await shell.script('invoke help --map=json | head -n 1');
    expect(ran).toMatchObject({ code: 0, stdout: '{\n', stderr: '' });
  });

  test('--help adds at most 100 ms to Node, a call at most 200 ms', async () => {
    await using gateway = await startFakeGateway();
    await using shell = await openShell(built.bin);
    await writeFile(join(shell.cwd, 'empty.mjs'), '');
    const env = { ...CPU_METER, INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url };
    const cpuOf = (program: string) => best(6, async () => readMeter(await shell.script(program, env)));
    const node = await cpuOf('node empty.mjs');
    expect((await cpuOf('invoke --help')) - node).toBeLessThanOrEqual(100);
    expect((await cpuOf('invoke call completes a=1')) - node).toBeLessThanOrEqual(200);
  });

  test('the package: both names, nothing that runs at installation', () => {
    expect(manifest.bin).toEqual({ invoke: './dist/bin.js', invokehq: './dist/bin.js' });
    expect(manifest.files).toEqual(['dist']);
    expect(Object.keys(manifest.scripts).toSorted()).toEqual(['build', 'typecheck']);
    expect(pathToFileURL(built.bin).pathname.endsWith('/bin.js')).toBe(true);
  });
});
