import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../src/routes/index.js';
import { FULL, openGateway, type TestGateway } from './support/gateway.js';
import { sendRaw } from './support/send-raw.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({
    INVOKE_ALLOWED_ORIGINS: 'https://app.example',
    INVOKE_ALLOWED_ORIGIN_REGEX: 'https://[a-z-]*\\.vercel\\.app',
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const raw = (bytes: string) => sendRaw(gateway.url, bytes);

describe('bodies that cannot be read', () => {
  const deep = (n: number) => `{"tool":"x","params":${'{"a":'.repeat(n)}1${'}'.repeat(n)}}`;
  test.each([
    ['malformed', '{bad', 400, 'malformed_json'],
    ['empty', '', 400, 'malformed_json'],
    ['two documents', '{} {}', 400, 'malformed_json'],
    ['an array', '[]', 400, 'malformed_json'],
    ['a byte order mark', '\ufeff{"tool":"fetch.url"}', 400, 'invalid_encoding'],
    ['broken UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_encoding'],
    ['a lone surrogate', '{"tool":"x","params":{"t":"\\ud800"}}', 400, 'invalid_encoding'],
    ['a NUL character', '{"tool":"x","params":{"t":"a\\u0000b"}}', 400, 'invalid_encoding'],
    ['the same key twice', '{"tool":"x","params":{"amount":1,"amount":2400}}', 400, 'duplicate_json_key'],
    ['the same key twice, one escaped', '{"tool":"x","\\u0074ool":"y"}', 400, 'duplicate_json_key'],
    [
      'a number that does not survive',
      '{"tool":"x","params":{"amount":9007199254740993}}',
      400,
      'number_out_of_range',
    ],
    ['infinity', '{"tool":"x","params":{"amount":1e400}}', 400, 'number_out_of_range'],
    ['too deep', deep(65), 400, 'json_too_deep'],
    ['far too deep', `{"params":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'json_too_deep'],
    [
      'too many keys',
      `{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`).join(',')}}`,
      400,
      'json_too_complex',
    ],
    ['too large', `{"a":"${'x'.repeat(1024 * 1024)}"}`, 413, 'payload_too_large'],
  ])('%s', async (_, body, status, code) => {
    const answer = await gateway.request('POST', '/v1/call', { body });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({
      success: false,
      status,
      request_id: answer.headers.get('x-request-id'),
    });
    expect(answer.body['type']).toMatch(new RegExp(`/${code}$`));
  });

  test('to strangers they are just not authenticated', async () => {
    const answer = await gateway.request('POST', '/v1/call', { body: '{bad', key: null });
    expect(answer.status).toBe(401);
  });

  test('the attempt leaves a trace', async () => {
    await gateway.request('POST', '/v1/call', { body: '{"tool":"x","tool":"y"}' });
    const { body } = await gateway.request('GET', '/v1/traces?limit=1');
    expect(body['traces']).toMatchObject([{ status: 'duplicate_json_key', execution_id: null }]);
  });

  test.each([
    ['none', undefined, 415],
    ['a form', 'application/x-www-form-urlencoded', 415],
    ['plain text', 'text/plain', 415],
    ['a prefix', 'application/jsonp', 415],
    ['a list', 'application/json, text/plain', 415],
    ['another charset', 'application/json; charset=utf-16', 400],
    ['with charset', 'application/json; charset=utf-8', 422],
    ['a dangling parameter', 'application/json;', 422],
    ['parameters and blanks', 'application/json ; ;  a=b ;charset="utf-8" ; ', 422],
    ['a thousand blanks and a wrong end', `application/json${'; '.repeat(1_000)}x`, 415],
  ])('content type: %s', async (_, type, status) => {
    const response = await fetch(`${gateway.url}/v1/call`, {
      method: 'POST',
      headers: { 'X-API-Key': FULL, ...(type === undefined ? {} : { 'Content-Type': type }) },
      body: new TextEncoder().encode('{"tool":"x","unknown_field":1}'),
    });
    expect(response.status).toBe(status);
  });

  test('compressed bodies are refused unread', async () => {
    const response = await fetch(`${gateway.url}/v1/call`, {
      method: 'POST',
      headers: { 'X-API-Key': FULL, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(10_000_000)),
    });
    expect(response.status).toBe(415);
  });
});

describe('requests that do not fit', () => {
  test.each([
    ['an unknown field', { tool: 'x', unknown_field: 1 }, 'validation_failed', '/unknown_field'],
    ['a list of tools', { tool: ['x'] }, 'validation_failed', '/tool'],
    ['params that are no object', { tool: 'x', params: [] }, 'validation_failed', '/params'],
    ['an agent with a line break', { tool: 'x', agent_id: 'a\nb' }, 'validation_failed', '/agent_id'],
    [
      'retries as text',
      { tool: 'x', failure_policy: { retry: '2' } },
      'policy_invalid',
      '/failure_policy/retry',
    ],
    [
      'an unknown on_failure',
      { tool: 'x', failure_policy: { on_failure: 'eval' } },
      'policy_invalid',
      '/failure_policy/on_failure',
    ],
    [
      'reconcile without conditions',
      { tool: 'x', failure_policy: { reconcile: { state_refetch: { tool: 'y' }, conditions: {} } } },
      'policy_invalid',
      '/failure_policy/reconcile/conditions',
    ],
    [
      'fewer reads than it takes to believe that nothing happened',
      {
        tool: 'x',
        failure_policy: {
          reconcile: {
            state_refetch: { tool: 'y' },
            conditions: { a: 1 },
            min_absent_reads: 3,
            max_reads: 3,
          },
        },
      },
      'policy_invalid',
      '/failure_policy/reconcile/max_reads',
    ],
    [
      'a key with a space before it',
      { tool: 'x', idempotency_key: ' a' },
      'validation_failed',
      '/idempotency_key',
    ],
  ])('%s', async (_, body, code, pointer) => {
    const answer = await gateway.request('POST', '/v1/call', { body });
    expect([answer.status, answer.body['code']]).toEqual([422, code]);
    expect((answer.body['errors'] as { pointer: string }[])[0]?.pointer).toBe(pointer);
  });

  test('an empty idempotency key in the header', async () => {
    const answer = await gateway.request('POST', '/v1/call', {
      body: { tool: 'fetch.url' },
      headers: { 'Idempotency-Key': '' },
    });
    expect([answer.status, answer.body['code']]).toEqual([400, 'bad_request']);
  });
});

describe('paths and methods', () => {
  test.each([
    ['DELETE', '/v1/call', 405, 'POST'],
    ['GET', '/v1/call?tool=fetch.url', 405, 'POST'],
    ['POST', '/v1/tools', 405, 'GET'],
    ['PUT', '/v1/executions', 405, 'GET, POST'],
  ])('%s %s', async (method, path, status, allow) => {
    const answer = await gateway.request(method, path);
    expect([answer.status, answer.headers.get('allow'), answer.body['code']]).toEqual([
      status,
      allow,
      'method_not_allowed',
    ]);
  });

  test.each(['//v1/call', '/v1/call/', '/V1/CALL', '/v1/call%00', '/nope', '/v1/%63all'])(
    'to strangers %s is not authenticated, whether it exists or not',
    async (path) => {
      const text = await raw(
        `POST ${path} HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
      );
      expect(text.split('\r\n')[0]).toBe('HTTP/1.1 401 Unauthorized');
    },
  );

  test('with a key, what does not exist is not found', async () => {
    const answer = await gateway.request('GET', '/v1/nope');
    expect([answer.status, answer.body['code']]).toEqual([404, 'not_found']);
  });

  test('headers named like object members do no harm', async () => {
    const text = await raw(
      `GET /v1/tools HTTP/1.1\r\nHost: gw\r\nX-API-Key: ${FULL}\r\n__proto__: x\r\nconstructor: y\r\nConnection: close\r\n\r\n`,
    );
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
  });

  test('what is no HTTP, and headers that are too large, get a problem document', async () => {
    expect(await raw('HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[\s\S]*"code":"bad_request"/);
    expect(await raw(`GET / HTTP/1.1\r\nHost: gw\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [\s\S]*"code":"headers_too_large"/,
    );
  });

  test('TRACE does not echo', async () => {
    const text = await raw(
      `TRACE /v1/tools HTTP/1.1\r\nHost: gw\r\nX-API-Key: ${FULL}\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1.1 405 /);
    expect(text).not.toContain(FULL);
  });

  test('the key is not taken from the query', async () => {
    expect((await gateway.request('GET', `/v1/tools?api_key=${FULL}`, { key: null })).status).toBe(401);
  });

  test('a bearer token is a key', async () => {
    expect(
      (await gateway.request('GET', '/v1/tools', { key: null, headers: { Authorization: `Bearer ${FULL}` } }))
        .status,
    ).toBe(200);
  });
});

describe('browsers', () => {
  test.each([
    ['https://app.example', true],
    ['https://my-preview.vercel.app', true],
    ['https://a.vercel.app.evil.com', false],
    ['https://evil.com/https://a.vercel.app', false],
    ['null', false],
  ])('from %s', async (origin, allowed) => {
    const preflight = await gateway.request('OPTIONS', '/v1/call', {
      key: null,
      headers: { Origin: origin },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      allowed ? origin : null,
    ]);
    const actual = await gateway.request('GET', '/v1/tools', { headers: { Origin: origin } });
    expect(actual.status).toBe(allowed ? 200 : 403);
    expect(actual.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('what needs no key', () => {
  test('health and readiness say nothing about the inside', async () => {
    expect((await gateway.request('GET', '/health', { key: null })).text).toBe('{"status":"ok"}');
    expect((await gateway.request('GET', '/v1/ready', { key: null })).text).toBe(
      '{"status":"ready","db":"ok"}',
    );
  });

  test('the OpenAPI document covers every route in both forms', async () => {
    const { body } = await gateway.request('GET', '/openapi.json', { key: null });
    expect(body['openapi']).toBe('3.1.0');
    const paths = body['paths'] as Record<
      string,
      Record<string, { requestBody?: unknown; responses: Record<string, unknown> }>
    >;
    for (const route of ROUTES) {
      for (const path of [route.path, `/v1${route.path}`]) {
        const operation = paths[path]?.[route.method];
        expect([path, operation !== undefined]).toEqual([path, true]);
        expect([path, operation?.requestBody !== undefined]).toEqual([path, route.body !== undefined]);
        expect(Object.keys(operation?.responses ?? {})).toContain('default');
      }
    }
    const names = Object.values(paths).flatMap((p) =>
      Object.values(p).map((o) => (o as { operationId?: string }).operationId),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});
