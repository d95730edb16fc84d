import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY, CALL_ONLY_KEY, startFakeGateway } from './fixtures/fake-gateway.js';
import { createWorkplace, type Workplace } from './fixtures/test-io.js';

const MASKED = 'inv_test_****WXYZ';

const login = (place: Workplace, url: string, key = API_KEY) =>
  place.invoke(['login', '--base-url', url, '--api-key', '-'], { stdin: `${key}\n` });

describe('invoke login', () => {
  test('checks the key, then saves it where only its owner can read it', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    const ran = await login(place, `${gateway.url}/v1/`);

    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(ran.stderr).toContain(`Logged in to ${gateway.url} with ${MASKED} (0 tools)`);
    expect(ran.stderr).not.toContain(API_KEY);
    expect(gateway.seen.map(({ path, headers }) => [path, headers['x-api-key']])).toEqual([
      ['/v1/tools', API_KEY],
    ]);
    const path = join(place.home, 'credentials.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      base_url: gateway.url,
      baseUrl: gateway.url,
      api_key: API_KEY,
      apiKey: API_KEY,
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(place.home)).mode & 0o777).toBe(0o700);
    expect(await readdir(place.home)).toEqual(['credentials.json']);
  });

  test('tightens a folder and a file that were open to others', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    await mkdir(place.home, { recursive: true });
    await writeFile(join(place.home, 'credentials.json'), '{}');
    await chmod(place.home, 0o755);
    await chmod(join(place.home, 'credentials.json'), 0o644);
    expect((await login(place, gateway.url)).code).toBe(0);
    expect((await stat(place.home)).mode & 0o777).toBe(0o700);
    expect((await stat(join(place.home, 'credentials.json'))).mode & 0o777).toBe(0o600);
  });

  test('a key that the gateway does not take is not saved', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    const ran = await login(place, gateway.url, 'inv_test_wrong_wrong_wrong');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('does not take this key');
    expect(ran.stderr).toContain('request req_7');
    expect(ran.stderr).not.toContain('wrong_wrong');
    await expect(readdir(place.home)).rejects.toThrow('ENOENT');
  });

  test('a good key that may not list tools is saved', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    expect((await login(place, gateway.url, CALL_ONLY_KEY)).code).toBe(0);
  });

  test.each([
    { cell: 'remote over http', url: 'http://remote.example', says: 'plain http' },
    { cell: 'private network over http', url: 'http://10.0.0.5:8000', says: 'plain http' },
    { cell: 'looks like loopback', url: 'http://127.0.0.1.evil.example', says: 'plain http' },
    { cell: 'looks like localhost', url: 'http://localhost.evil.example', says: 'plain http' },
    {
      cell: 'a key in the address',
      url: 'https://user:pass@remote.example',
      says: 'user name or a password',
    },
    { cell: 'another protocol', url: 'ftp://remote.example', says: 'not an http or https address' },
    { cell: 'no address', url: 'remote', says: 'not an http or https address' },
  ])('$cell is refused before anything is sent', async ({ url, says }) => {
    await using place = await createWorkplace();
    const ran = await login(place, url);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(says);
  });

  test('a key on the command line works, with a word of warning', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    const ran = await place.invoke(['login', '--base-url', gateway.url, '--api-key', API_KEY]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('stays in the history');
  });

  test('without a key, and with nobody to ask, it names the option', async () => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['login', '--base-url', 'http://127.0.0.1:1']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--api-key is missing');
  });

  test.each([
    { cell: 'CI', env: { CI: '1' } },
    { cell: 'an agent', env: { CLAUDECODE: '1' } },
  ])('$cell is not asked either, even at a terminal', async ({ env }) => {
    await using place = await createWorkplace();
    const ran = await place.invoke(['login', '--base-url', 'http://127.0.0.1:1'], { env, tty: true });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--api-key is missing');
  });

  test('a gateway that is not there: nothing is saved', async () => {
    await using place = await createWorkplace();
    const ran = await login(place, 'http://127.0.0.1:1');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('connection_failed');
    await expect(readdir(place.home)).rejects.toThrow('ENOENT');
  });

  test.skipIf(process.platform !== 'linux')('where there can be no folder, it says so and ends', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({ env: { INVOKE_HOME: '/proc/nothing/below' } });
    const ran = await login(place, gateway.url);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('There can be no folder /proc/nothing');
    expect(ran.stderr).toContain('next: export INVOKE_HOME=<another folder>');
  });

  test('a symbolic link in the place of the file is refused, and its target untouched', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    await mkdir(place.home, { recursive: true });
    const target = join(place.cwd, 'target');
    await writeFile(target, 'precious');
    await symlink(target, join(place.home, 'credentials.json'));
    const ran = await login(place, gateway.url);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('is a symbolic link');
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect((await place.invoke(['tools'])).stderr).toContain('is a symbolic link');
  });
});

describe('invoke logout and whoami', () => {
  test('whoami tells where key and address come from; logout forgets them', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    await login(place, gateway.url);
    const who = await place.invoke(['whoami', '--json']);
    expect(JSON.parse(who.stdout)).toEqual({
      base_url: gateway.url,
      base_url_origin: 'credentials',
      api_key: MASKED,
      api_key_origin: 'credentials',
      tools: 0,
    });
    expect((await place.invoke(['logout'])).code).toBe(0);
    expect(await readdir(place.home)).toEqual([]);
    const after = await place.invoke(['whoami']);
    expect(after.code).toBe(4);
    expect(after.stderr).toContain('invoke login');
    expect(after.stderr).toContain('export INVOKE_API_KEY');
  });

  test('a key that was revoked since is exit code 4', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace({
      env: { INVOKE_API_KEY: 'revoked_revoked', INVOKE_BASE_URL: gateway.url },
    });
    const ran = await place.invoke(['whoami']);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('unauthenticated');
  });
});

describe('where settings come from', () => {
  const origins = async (place: Workplace, env: Record<string, string>, argv: string[] = []) => {
    const ran = await place.invoke(['config', '--json', ...argv], { env });
    const { base_url: url, api_key: key } = JSON.parse(ran.stdout) as Record<
      string,
      { value: string; origin: string }
    >;
    return { url: [url?.value, url?.origin], key: [key?.value, key?.origin] };
  };

  test('options, then INVOKE_*, then TRACE_*, then the file, then the default', async () => {
    await using gateway = await startFakeGateway();
    await using place = await createWorkplace();
    expect(await origins(place, {})).toEqual({
      url: ['http://127.0.0.1:8000', 'default'],
      key: [null, null],
    });
    await login(place, gateway.url);
    expect(await origins(place, {})).toEqual({
      url: [gateway.url, 'credentials'],
      key: [MASKED, 'credentials'],
    });
    const trace = { TRACE_API_KEY: 'inv_live_trace_trace_trace1', TRACE_BASE_URL: 'https://trace.example' };
    expect(await origins(place, trace)).toEqual({
      url: ['https://trace.example', 'TRACE_BASE_URL'],
      key: ['inv_live_****ace1', 'TRACE_API_KEY'],
    });
    const both = { ...trace, INVOKE_API_KEY: 'shortkey', INVOKE_BASE_URL: 'https://invoke.example' };
    expect(await origins(place, both, ['--base-url', 'https://flag.example'])).toEqual({
      url: ['https://flag.example', '--base-url'],
      key: ['****', 'INVOKE_API_KEY'],
    });
  });

  test('a saved key that goes to another address is not a secret', async () => {
    await using gateway = await startFakeGateway();
    await using other = await startFakeGateway();
    await using place = await createWorkplace();
    await login(place, gateway.url);
    const ran = await place.invoke(['tools'], { env: { INVOKE_BASE_URL: other.url } });
    expect(ran.stderr).toContain(`the key of ${gateway.url} is used at ${other.url}`);
  });

  test('a file with one spelling only is read too', async () => {
    await using place = await createWorkplace();
    await mkdir(place.home, { recursive: true });
    await writeFile(
      join(place.home, 'credentials.json'),
      '{"baseUrl":"https://old.example","apiKey":"inv_live_old_old_old_old1"}',
    );
    expect((await origins(place, {})).url).toEqual(['https://old.example', 'credentials']);
  });

  test('--insecure at login counts for that address later', async () => {
    await using place = await createWorkplace();
    await mkdir(place.home, { recursive: true });
    const saved = { base_url: 'http://10.0.0.5:8000', api_key: 'inv_live_old_old_old_old1', insecure: true };
    await writeFile(join(place.home, 'credentials.json'), JSON.stringify(saved));
    expect((await place.invoke(['config', 'get', 'base_url'])).stdout).toBe('http://10.0.0.5:8000\n');
    const other = await place.invoke(['config', 'get', 'base_url'], {
      env: { INVOKE_BASE_URL: 'http://10.0.0.6:8000' },
    });
    expect(other.code).toBe(2);
  });

  test('config get names what there is', async () => {
    await using place = await createWorkplace();
    expect((await place.invoke(['config', 'get', 'home'])).stdout).toBe(`${place.home}\n`);
    const ran = await place.invoke(['config', 'get', 'nothing']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('base_url, api_key, home, credentials_file');
  });
});
