import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CapabilityCard } from '@invoke/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAssets } from '../build-assets.js';
import { TEMPLATES } from '../src/project/create-project.js';
import { API_KEY, startFakeGateway } from './fixtures/fake-gateway.js';
import { createWorkplace, type Workplace } from './fixtures/test-io.js';

const root = join(import.meta.dirname, '..');
const assets = join(root, 'node_modules', '.test-assets');
const exec = promisify(execFile);

beforeAll(() => buildAssets(assets));
afterAll(() => rm(assets, { recursive: true, force: true }));

const listTree = async (folder: string) => (await readdir(folder, { recursive: true })).toSorted();
const readJson = async (...path: string[]) =>
  JSON.parse(await readFile(join(...path), 'utf8')) as Record<string, never>;

describe('invoke init', () => {
  test.each(TEMPLATES)('%s: a project that type-checks, without anything to install', async (template) => {
    await using place = await createWorkplace({ assets });
    const ran = await place.invoke(['init', 'Support Agent', '--template', template, '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const folder = join(place.cwd, 'Support Agent');
    const { path, files } = JSON.parse(ran.stdout) as { path: string; files: string[] };
    expect(path).toBe(folder);
    for (const file of [
      '.env.example',
      '.gitignore',
      'README.md',
      'agent.ts',
      'invoke.json',
      'mcp-server.ts',
      'package.json',
      'sdk',
      'sdk.ts',
      'server.ts',
      'tsconfig.json',
      'vendor/invoke-sdk/index.js',
      'vendor/invoke-sdk/index.d.ts',
    ]) {
      expect(files).toContain(file);
    }
    for (const file of files) expect(await readFile(join(folder, file), 'utf8')).not.toContain('{{');
    const manifest = await readJson(folder, 'package.json');
    expect(manifest['name']).toBe('support-agent');
    expect(manifest).not.toHaveProperty('dependencies');
    const modules = join(root, '../../node_modules');
    await exec(process.execPath, [
      join(modules, 'typescript/bin/tsc'),
      '-p',
      folder,
      '--typeRoots',
      join(modules, '@types'),
    ]);
  });

  test.each(TEMPLATES)('%s: deploy --dry-run takes it, and every tool is in its server', async (template) => {
    await using place = await createWorkplace({ assets });
    await place.invoke(['init', 'p', '--template', template]);
    const folder = join(place.cwd, 'p');
    const ran = await place.invoke(['deploy', '--dry-run', '--json'], { cwd: folder });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('only the placeholder address');
    const plan = JSON.parse(ran.stdout) as {
      tools: { name: string; mcp_tool: string; capability_card: object }[];
    };
    const server = await readFile(join(folder, 'server.ts'), 'utf8');
    for (const tool of plan.tools) {
      expect(server).toContain(`name: '${tool.mcp_tool}'`);
      expect(CapabilityCard.safeParse(tool.capability_card).success).toBe(true);
    }
  });

  test('crm-guardrail names its entity, and honours our key', async () => {
    await using place = await createWorkplace({ assets });
    await place.invoke(['init', 'p', '--template', 'crm-guardrail']);
    const { mcp_url: mcpUrl, tools } = (await readJson(place.cwd, 'p', 'invoke.json')) as Record<
      string,
      unknown
    >;
    expect(mcpUrl).toBe('https://replace-with-your-mcp-host/mcp');
    const [update] = tools as { name: string; capability_card: Record<string, unknown> }[];
    expect(update?.name).toBe('crm_update_customer');
    expect(update?.capability_card['entities']).toEqual([{ field: '/customer_id', type: 'customer' }]);
    expect(update?.capability_card['idempotency']).toEqual({
      mode: 'caller_provided',
      header: 'Idempotency-Key',
    });
  });

  test.each([
    { dir: '../x', says: 'not below the current folder' },
    { dir: '../../x', says: 'not below the current folder' },
    { dir: 'a/../../x', says: 'not below the current folder' },
    { dir: '/x-outside', says: 'not below the current folder' },
    { dir: '...', says: 'no name for a project' },
    { dir: 'link/x', says: 'it is not a folder' },
    { dir: 'link', says: 'it is not a folder' },
    { dir: 'file', says: 'it is not a folder' },
    { dir: 'full', says: 'exists and is not empty' },
  ])('$dir is refused with exit code 2, and nothing is written', async ({ dir, says }) => {
    await using place = await createWorkplace({ assets });
    const cwd = join(place.cwd, 'a', 'b');
    await mkdir(join(cwd, 'full'), { recursive: true });
    await writeFile(join(cwd, 'full', 'mine.txt'), 'mine');
    await writeFile(join(cwd, 'file'), 'mine');
    await mkdir(join(cwd, 'elsewhere'));
    await symlink(join(cwd, 'elsewhere'), join(cwd, 'link'));
    const before = await listTree(place.cwd);
    const ran = await place.invoke(['init', dir], { cwd });
    expect(ran.stderr).toContain(says);
    expect(ran.code).toBe(2);
    expect(await listTree(place.cwd)).toEqual(before);
    await expect(stat('/x-outside')).rejects.toThrow('ENOENT');
  });

  test('an empty folder and the current one will do', async () => {
    await using place = await createWorkplace({ assets });
    const folder = join(place.cwd, 'here');
    await mkdir(join(folder, '.git'), { recursive: true });
    expect((await place.invoke(['init', '.'], { cwd: folder })).code).toBe(0);
    expect((await readJson(folder, 'package.json'))['name']).toBe('here');
  });

  test('--force writes over its own files, leaves others and follows no link', async () => {
    await using place = await createWorkplace({ assets });
    const folder = join(place.cwd, 'p');
    await mkdir(folder);
    await writeFile(join(folder, 'mine.txt'), 'mine');
    await writeFile(join(folder, 'server.ts'), 'old');
    expect((await place.invoke(['init', 'p', '--force'])).code).toBe(0);
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'server.ts'), 'utf8')).toContain("serve('p'");
    await writeFile(join(place.cwd, 'target'), 'precious');
    await rm(join(folder, 'server.ts'));
    await symlink(join(place.cwd, 'target'), join(folder, 'server.ts'));
    const ran = await place.invoke(['init', 'p', '--force']);
    expect(ran.code).toBe(2);
    expect(await readFile(join(place.cwd, 'target'), 'utf8')).toBe('precious');
  });
});

describe('invoke deploy', () => {
  const TOOL = { name: 't', capability_card: { name: 'T', input_schema: { type: 'object' } } };
  const project = async (place: Workplace, manifest: object) => {
    await writeFile(join(place.cwd, 'invoke.json'), JSON.stringify(manifest));
  };

  test('registers provider and tools, says so, and remembers where', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    await project(place, {
      provider: { name: 'Billing', slug: 'billing' },
      mcp_url: 'https://mcp.example/mcp',
      tools: [
        { ...TOOL, mcp_tool: 'tee', risk_level: 'high', approval_required: true },
        { ...TOOL, name: 'u', mcp_url: 'https://other.example/mcp' },
      ],
    });
    const ran = await place.invoke(['deploy']);
    expect(ran.code).toBe(0);
    expect(gateway.seen.map(({ path, body }) => [path, body])).toEqual([
      ['/v1/providers', { name: 'Billing', slug: 'billing' }],
      [
        '/v1/providers/prov_1/tools',
        {
          ...TOOL,
          mcp_tool: 'tee',
          risk_level: 'high',
          approval_required: true,
          mcp_url: 'https://mcp.example/mcp',
        },
      ],
      ['/v1/providers/prov_1/tools', { ...TOOL, name: 'u', mcp_url: 'https://other.example/mcp' }],
    ]);
    expect(ran.stdout.split('\n').slice(0, 3)).toEqual([
      'TOOL  RISK    APPROVAL  STATE       ADDRESS',
      't     high    yes       registered  https://mcp.example/mcp',
      'u     medium  no        registered  https://other.example/mcp',
    ]);
    expect(ran.stderr).toContain('invoke call t');
    await place.invoke(['deploy']);
    const deployments = await readJson(place.home, 'deployments.json');
    expect(Object.keys(deployments)).toEqual([place.cwd]);
    expect(deployments[place.cwd]).toMatchObject({
      base_url: gateway.url,
      provider_id: 'prov_1',
      tools: ['t', 'u'],
    });
  });

  test('what the gateway refuses is exit code 1; the rest is registered', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    await project(place, {
      provider: { name: 'p' },
      mcp_url: 'https://mcp.example/mcp',
      tools: [{ ...TOOL, name: 'taken' }, TOOL],
    });
    const ran = await place.invoke(['deploy', '--json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      tools: [
        { id: 'taken', state: 'tool_conflict' },
        { id: 't', state: 'registered' },
      ],
    });
    expect(JSON.parse(ran.stderr.slice(ran.stderr.indexOf('{')))).toMatchObject({ reason: 'tool_conflict' });
  });

  test('the placeholder alone is not registered: it would replace a good address', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    await project(place, {
      provider: { name: 'p' },
      mcp_url: 'https://replace-with-your-mcp-host/mcp',
      tools: [TOOL],
    });
    const ran = await place.invoke(['deploy']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('invoke dev install');
    expect(gateway.seen).toEqual([]);
  });

  test('a dev.json that has outlived its server is noticed', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    await project(place, { provider: { name: 'p' }, tools: [TOOL] });
    await mkdir(join(place.cwd, '.invoke'));
    await writeFile(
      join(place.cwd, '.invoke', 'dev.json'),
      '{"mcp_url":"http://127.0.0.1:1/mcp","host":"127.0.0.1","port":1}',
    );
    const ran = await place.invoke(['deploy']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('does not answer');
    expect(gateway.seen).toEqual([]);
  });

  test.each([
    { cell: 'no project', text: undefined, says: 'There is no invoke.json or invoke.register.json' },
    { cell: 'not JSON', text: '{', says: 'is not valid JSON' },
    { cell: 'a key twice', text: '{"provider":{},"provider":{}}', says: 'twice' },
    { cell: 'no provider', text: '{"tools":[{}]}', says: 'has no "provider" object' },
    { cell: 'no tools', text: '{"provider":{},"tools":[]}', says: 'has no "tools"' },
    {
      cell: 'a command for a shell',
      text: '{"provider":{},"tools":[{}],"dev":{"command":"rm -rf /"}}',
      says: 'no list of words',
    },
    {
      cell: 'a tool without a card',
      text: '{"provider":{"name":"p"},"tools":[{"name":"t"}]}',
      says: '/tools/0/capability_card',
    },
    {
      cell: 'a name that is none',
      text: JSON.stringify({ provider: { name: 'p' }, tools: [{ ...TOOL, name: 'a b' }] }),
      says: '/tools/0/name',
    },
    {
      cell: 'a misspelt member',
      text: JSON.stringify({ provider: { name: 'p' }, tools: [{ ...TOOL, risk: 'low' }] }),
      says: 'risk',
    },
    {
      cell: 'a name twice',
      text: JSON.stringify({ provider: { name: 'p' }, tools: [TOOL, TOOL] }),
      says: '"t" stands there twice',
    },
  ])('$cell is told before anything is sent', async ({ text, says }) => {
    await using place = await createWorkplace();
    if (text !== undefined) await writeFile(join(place.cwd, 'invoke.json'), text);
    const ran = await place.invoke(['deploy', '--dry-run']);
    expect(ran.stderr).toContain(says);
    expect(ran.code).toBe(1);
  });

  test("a wrapper's invoke.register.json is a project too", async () => {
    await using place = await createWorkplace();
    const manifest = { provider: { name: 'w' }, mcp_url: 'https://mcp.example/mcp', tools: [TOOL] };
    await writeFile(join(place.cwd, 'invoke.register.json'), JSON.stringify(manifest));
    const ran = await place.invoke(['deploy', '--dry-run']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('not sent');
    expect(ran.stderr).toContain('Nothing was sent');
  });
});

describe('invoke status and doctor', () => {
  test('status: gateway, key and project', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    const ran = await place.invoke(['status', '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      gateway: { base_url: gateway.url, state: 'ready' },
      key: { api_key: 'inv_test_****WXYZ (INVOKE_API_KEY)', state: 'accepted' },
      project: { path: place.cwd, state: 'no_project', dev_server: 'none', mcp_url: null, deployed_to: null },
    });
  });

  test('status: exit code 1 where the gateway cannot be used', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({ env: { INVOKE_BASE_URL: gateway.url } });
    expect((await place.invoke(['status'])).code).toBe(1);
    expect((await place.invoke(['status'], { env: { INVOKE_API_KEY: 'wrong' } })).stdout).toContain(
      'unauthenticated',
    );
    const gone = await place.invoke(['status'], { env: { INVOKE_BASE_URL: 'http://127.0.0.1:1' } });
    expect(gone.stdout).toContain('not ready');
  });

  test('doctor: one check is silent where all is well', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: API_KEY, INVOKE_BASE_URL: gateway.url },
    });
    for (const check of [
      'node',
      'credentials',
      'healthcheck',
      'ready',
      'key',
      'clock',
      'sqlite',
      'project',
      'dev-server',
    ]) {
      expect(await place.invoke(['doctor', check])).toEqual({ code: 0, stdout: '', stderr: '' });
    }
    const all = await place.invoke(['doctor']);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^sqlite\s+ok\s/m);
  });

  test('doctor: one line per problem', async () => {
    await using place = await createWorkplace({ env: { INVOKE_BASE_URL: 'http://127.0.0.1:1' } });
    const one = await place.invoke(['doctor', 'healthcheck']);
    expect(one).toMatchObject({ code: 1, stdout: '' });
    expect(one.stderr).toMatch(
      /^healthcheck: http:\/\/127.0.0.1:1 does not answer \(.+\) \(next: invoke gateway\)\n$/,
    );
    const all = await place.invoke(['doctor']);
    expect(
      all.stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['credentials', 'healthcheck', 'ready']);
    const json = await place.invoke(['doctor', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
  });

  test('doctor: credentials that others can read, and a project that cannot be deployed', async () => {
    await using place = await createWorkplace();
    await mkdir(place.home, { recursive: true, mode: 0o755 });
    expect((await place.invoke(['doctor', 'credentials'])).stderr).toContain('can be read by others');
    await writeFile(join(place.cwd, 'invoke.json'), '{"provider":{"name":"p"},"tools":[{"name":"t"}]}');
    expect((await place.invoke(['doctor', 'project'])).stderr).toContain('/tools/0/capability_card');
  });
});
