import { afterEach, describe, expect, test, vi } from 'vitest';
import { Invoke } from './client.js';
import { InvokeError } from './errors.js';
import { createSettings } from './settings.js';

const SECRET = 'inv_live_topsecret';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(InvokeError.isInstance(error)).toBe(true);
    expect(String((error as Error).message)).not.toContain('topsecret');
    return (error as InvokeError).code;
  }
  return 'no error';
}

describe('base URL', () => {
  test.each([
    { given: undefined, expected: 'http://127.0.0.1:8000' },
    { given: 'https://gw.example/', expected: 'https://gw.example' },
    { given: 'https://gw.example/v1', expected: 'https://gw.example' },
    { given: 'https://gw.example/invoke/v1/', expected: 'https://gw.example/invoke' },
  ])('$given becomes $expected', ({ given, expected }) => {
    expect(createSettings({ baseUrl: given }).baseUrl).toBe(expected);
  });

  test.each([
    { given: 'gw.example', code: 'invalid_base_url' },
    { given: 'file:///etc/passwd', code: 'invalid_base_url' },
    { given: `https://user:${SECRET}@gw.example`, code: 'invalid_base_url' },
  ])('$given is refused', ({ given, code }) => {
    expect(codeOf(() => createSettings({ baseUrl: given }))).toBe(code);
  });
});

test.each([
  { cell: 'line break in the key', options: { apiKey: `${SECRET}\nx` }, code: 'invalid_api_key' },
  { cell: 'negative retries', options: { maxRetries: -1 }, code: 'invalid_argument' },
  { cell: 'no time at all', options: { timeoutMs: 0 }, code: 'invalid_argument' },
  { cell: 'longer than timers can wait', options: { timeoutMs: 2 ** 31 }, code: 'invalid_argument' },
  { cell: 'half a millisecond', options: { timeoutMs: 0.5 }, code: 'invalid_argument' },
  {
    cell: 'a header that is none',
    options: { defaultHeaders: { x: `${SECRET}\n` + '\u0000' } },
    code: 'invalid_argument',
  },
])('$cell is refused', ({ options, code }) => {
  expect(codeOf(() => new Invoke(options))).toBe(code);
});

test('a stray line break around the key is forgiven', () => {
  expect(createSettings({ apiKey: ` ${SECRET}\n` }).apiKey).toBe(SECRET);
});

describe('browser', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is refused unless it is asked for', () => {
    vi.stubGlobal('window', { document: {} });
    expect(codeOf(() => new Invoke({ apiKey: SECRET }))).toBe('browser_refused');
    expect(codeOf(() => new Invoke({ apiKey: SECRET, dangerouslyAllowBrowser: true }))).toBe('no error');
  });
});
