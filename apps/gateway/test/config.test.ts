import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../src/config.js';
import { startGateway } from '../src/start-gateway.js';

const KEYS = { INVOKE_API_KEYS: 'inv_live_0123456789abcdef' };
const problems = (env: Record<string, string>) => {
  const parsed = parseConfig(env);
  return parsed.kind === 'invalid' ? parsed.problems : [];
};

describe('a configuration that cannot be used is refused, one line each', () => {
  test.each([
    [{}, 'INVOKE_API_KEYS: expected at least one API key (comma-separated); without one nobody could call'],
    [
      { INVOKE_API_KEYS: ' , ' },
      'INVOKE_API_KEYS: expected at least one API key (comma-separated); without one nobody could call',
    ],
    [{ ...KEYS, PORT: 'http' }, 'PORT: expected a whole number from 0 to 65535, got "http"'],
    [{ ...KEYS, PORT: '70000' }, 'PORT: expected a whole number from 0 to 65535, got "70000"'],
    [
      { ...KEYS, INVOKE_ALLOW_LOOPBACK_TOOLS: 'yes' },
      'INVOKE_ALLOW_LOOPBACK_TOOLS: expected 1 or 0, got "yes"',
    ],
    [
      { ...KEYS, INVOKE_API_KEY_SCOPES: '{"k":' },
      'INVOKE_API_KEY_SCOPES: expected JSON, an object from key to grant; it does not parse',
    ],
    [
      { ...KEYS, INVOKE_API_KEY_SCOPES: '[]' },
      'INVOKE_API_KEY_SCOPES: expected a JSON object from key to grant',
    ],
    [{ ...KEYS, INVOKE_API_KEYZ: 'x' }, 'INVOKE_API_KEYZ: this variable is not known; is it misspelt?'],
    [
      { ...KEYS, DATABASE_URL: 'mysql://x' },
      'DATABASE_URL: expected a URL that begins with postgres:// or postgresql://',
    ],
    [
      { ...KEYS, SUPABASE_TABLE_PREFIX: 'x"; drop table y; --' },
      'SUPABASE_TABLE_PREFIX: expected lower case letters, digits and underscores',
    ],
    [{ ...KEYS, INVOKE_PUBLIC_URL: 'ftp://x' }, 'INVOKE_PUBLIC_URL: expected an http or https URL'],
    [
      { ...KEYS, INVOKE_ALLOWED_ORIGIN_REGEX: '(' },
      'INVOKE_ALLOWED_ORIGIN_REGEX: expected a regular expression (RE2 syntax)',
    ],
    [
      { ...KEYS, INVOKE_ALLOWED_ORIGINS: 'https://ok.example:8080,notaurl' },
      'INVOKE_ALLOWED_ORIGINS: expected origins such as https://app.example.com (no path), got "notaurl"',
    ],
    [
      { ...KEYS, TRACE_ALLOWED_ORIGINS: 'https://x.com/path' },
      'INVOKE_ALLOWED_ORIGINS: expected origins such as https://app.example.com (no path), got "https://x.com/path"',
    ],
    [
      { ...KEYS, INVOKE_TRUSTED_PROXIES: '10.0.0.1, proxy.internal' },
      'INVOKE_TRUSTED_PROXIES: expected addresses such as 10.0.0.1 or 10.0.0.0/8, got "proxy.internal"',
    ],
    [
      { ...KEYS, INVOKE_LIMIT_WRONG_KEYS: '-1' },
      'INVOKE_LIMIT_WRONG_KEYS: expected a whole number from 0 to 1000000, got "-1"',
    ],
    [
      { ...KEYS, INVOKE_LIMIT_CALLS_UNDER_WAY: '0' },
      'INVOKE_LIMIT_CALLS_UNDER_WAY: expected a whole number from 1 to 1000000, got "0"',
    ],
    [{ ...KEYS, HOST: '999.1.1.1' }, 'HOST: expected an IP address or a host name, got "999.1.1.1"'],
    [{ ...KEYS, HOST: 'http://x' }, 'HOST: expected an IP address or a host name, got "http://x"'],
  ])('%j', (env, problem) => {
    expect(problems(env as Record<string, string>)).toEqual([problem]);
  });

  test('a key that is both full and scoped is named by its ends only', () => {
    const key = 'inv_live_0123456789abcdef';
    const [problem] = problems({
      INVOKE_API_KEYS: key,
      INVOKE_API_KEY_SCOPES: JSON.stringify({ [key]: { scopes: [] } }),
    });
    expect(problem).toBe(
      'INVOKE_API_KEYS: the key inv_live...cdef is also in INVOKE_API_KEY_SCOPES; it can only be one of both',
    );
  });

  test('a grant with a field or scope that is not known', () => {
    const of = (grant: object) =>
      problems({ INVOKE_API_KEY_SCOPES: JSON.stringify({ inv_scoped_abcdefgh: grant }) });
    expect(of({ scopes: ['tools:write'] })[0]).toMatch(
      /^INVOKE_API_KEY_SCOPES: the grant of inv_scop\.\.\.efgh cannot be used: \/scopes\/0/,
    );
    expect(of({ alowed_tools: [] })[0]).toMatch(/\/alowed_tools: this field is not known here/);
  });
});

describe('what only shows at the start is told with its variable', () => {
  test.each([
    [
      { HOST: 'no-such-host.invalid' },
      /^HOST, PORT: nobody can listen at no-such-host\.invalid:0: .*ENOTFOUND/,
    ],
    [
      { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x' },
      /^DATABASE_URL: the database cannot be used: .*ECONNREFUSED/,
    ],
  ])('%j', { timeout: 20_000 }, async (env, message) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'invoke-config-'));
    const parsed = parseConfig({ ...KEYS, PORT: '0', INVOKE_DATA_DIR: dataDir, ...env });
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join());
    const failed = await startGateway(parsed.config).then(
      () => 'started',
      (error: Error) => error.message,
    );
    await rm(dataDir, { recursive: true, force: true });
    expect(failed).toMatch(message);
    expect(failed).not.toContain('secret');
  });
});

describe('data that cannot be opened is told with its file and what to do', () => {
  const junk = Buffer.alloc(8_192, 'no database ');
  test.each([
    [
      'a file that is no database',
      (file: string) => writeFile(file, junk),
      /\(file is not a database\)\. Move that file away/,
    ],
    ['a folder in the place of the lock', (file: string) => mkdir(`${file}.lock`), /EISDIR/],
  ])('%s', async (_, spoil, message) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'invoke-config-'));
    const file = join(dataDir, 'invoke.db');
    await spoil(file);
    const parsed = parseConfig({ ...KEYS, PORT: '0', INVOKE_DATA_DIR: dataDir });
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join());
    const failed = await startGateway(parsed.config).then(
      () => 'started',
      (error: Error) => error.message,
    );
    await rm(dataDir, { recursive: true, force: true });
    expect(failed).toContain(`INVOKE_DATA_DIR: the data in ${file} cannot be used`);
    expect(failed).toMatch(message);
  });
});

test('the names of Trace still work, and those of Invoke win', () => {
  const parsed = parseConfig({ TRACE_API_KEYS: 'a,b , a', TRACE_ALLOWED_ORIGINS: 'https://x.example' });
  expect(parsed.kind === 'ok' && [parsed.config.apiKeys, parsed.config.allowedOrigins]).toEqual([
    ['a', 'b'],
    ['https://x.example'],
  ]);
  const both = parseConfig({ TRACE_API_KEYS: 'a', INVOKE_API_KEYS: 'b' });
  expect(both.kind === 'ok' && both.config.apiKeys).toEqual(['b']);
});

test('what is not set has the documented default', () => {
  const parsed = parseConfig(KEYS);
  expect(parsed.kind === 'ok' && parsed.config).toMatchObject({
    host: '0.0.0.0',
    port: 8000,
    store: { kind: 'sqlite', dataDir: './.invoke/data' },
    allowLoopbackTools: false,
    engine: { maxRetries: 5, callDeadlineMs: 60_000, leaseMs: 15_000 },
    tablePrefix: 'invoke_',
  });
});
