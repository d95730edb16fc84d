import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { APPROVER, CALL_ONLY, FULL, openGateway, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer } from './support/tool-server.js';

const guess = (gateway: TestGateway, n: number, headers = {}) =>
  gateway.request('GET', '/v1/tools', { key: `inv_guess_${n}`, headers });

/** The same from another address of this machine. */
function fromAddress(gateway: TestGateway, localAddress: string, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { localAddress, headers: { 'X-API-Key': key } };
    httpRequest(`${gateway.url}/v1/tools`, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('who tries keys', () => {
  test('is told to wait after 20 of them; a key not known from before is not even looked up', async () => {
    await using gateway = await openGateway();
    const statuses: number[] = [];
    for (let n = 0; n < 100; n++) {
      statuses.push((await guess(gateway, n, { 'X-Forwarded-For': `203.0.113.${n}` })).status);
    }
    expect(statuses.filter((s) => s === 401).length).toBeLessThanOrEqual(21);
    expect(statuses.slice(21)).not.toContain(401);
    const told = await guess(gateway, 100);
    expect([told.status, told.body['code'], told.body['retryable']]).toEqual([429, 'rate_limited', true]);
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(told.headers.get('retry-after'))).toBeLessThanOrEqual(3);
    // As good as any guess, from here; from elsewhere nothing has changed.
    expect((await gateway.request('GET', '/v1/tools')).status).toBe(429);
    expect(await fromAddress(gateway, '127.0.0.2', FULL)).toBe(200);
    // A wrong key that comes again is no new guess: it is slowed down by itself.
    expect((await guess(gateway, 1, {})).status).toBe(401);
    // What needs no key needs none.
    expect((await gateway.request('GET', '/health', { key: 'inv_guess' })).status).toBe(200);
    expect((await gateway.request('GET', '/v1/tools', { key: null })).status).toBe(401);
  });

  test('does not lock out keys that were right lately', async () => {
    await using gateway = await openGateway();
    expect((await gateway.request('GET', '/v1/tools')).status).toBe(200);
    expect(
      (await gateway.request('POST', '/v1/call', { key: CALL_ONLY, body: { tool: 'nope' } })).status,
    ).toBe(404);
    for (let n = 0; n < 30; n++) await guess(gateway, n);
    expect((await guess(gateway, 30)).status).toBe(429);
    expect((await gateway.request('GET', '/v1/tools')).status).toBe(200);
    expect((await gateway.request('GET', '/v1/approvals', { key: APPROVER })).status).toBe(429);
  });

  test('is slowed down on calls, too, though all of them are sent at once', async () => {
    await using tools = await openToolServer();
    await using gateway = await openGateway({ INVOKE_LIMIT_WRONG_KEYS: '5' });
    await register(gateway, 'pay', `${tools.url}/ok`);
    const call = (n: number) =>
      gateway.request('POST', '/v1/call', { key: `inv_guess_${n}`, body: { tool: 'pay', params: {} } });
    const statuses = (await Promise.all(Array.from({ length: 60 }, (_, n) => call(n)))).map((a) => a.status);
    expect(statuses.filter((s) => s === 401).length).toBeLessThanOrEqual(6);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(tools.effects).toEqual([]);
    // Who is told to wait leaves no trace: a flood would fill the store with them.
    const { body } = await gateway.request('GET', '/v1/traces?limit=100&status=unauthenticated');
    expect((body['traces'] as unknown[]).length).toBeLessThanOrEqual(6);
  });

  test('is slowed down as well where the key was right until it ended', async () => {
    await using gateway = await openGateway({ INVOKE_LIMIT_WRONG_KEYS: '5' });
    const grant = { name: 'ends', scopes: ['tools:call'] };
    const { body } = await gateway.request('POST', '/v1/keys', { body: grant });
    const { id } = body['key'] as { readonly id: string };
    const call = () =>
      gateway.request('POST', '/v1/call', {
        key: String(body['secret']),
        body: { tool: 'nope', params: {} },
      });
    expect((await call()).status).toBe(404);
    await gateway.request('DELETE', `/v1/keys/${id}`);
    const statuses: number[] = [];
    for (let n = 0; n < 20; n++) statuses.push((await call()).status);
    expect(statuses.filter((s) => s === 401).length).toBeLessThanOrEqual(7);
    expect(statuses.slice(7)).not.toContain(401);
    expect((await gateway.request('GET', '/v1/tools')).status).toBe(200);
  });

  test('a right answer to a public request makes no key a right one', async () => {
    await using gateway = await openGateway({ INVOKE_LIMIT_WRONG_KEYS: '1' });
    await guess(gateway, 1);
    await gateway.request('GET', '/health', { key: 'inv_guess_2' });
    expect((await guess(gateway, 2)).status).toBe(429);
  });

  test('behind a proxy that the operator names, callers are told apart', async () => {
    await using gateway = await openGateway({
      INVOKE_LIMIT_WRONG_KEYS: '2',
      INVOKE_TRUSTED_PROXIES: '127.0.0.1',
    });
    const from = (n: number, forwarded: string) => guess(gateway, n, { 'X-Forwarded-For': forwarded });
    for (let n = 0; n < 2; n++) expect((await from(n, '203.0.113.1')).status).toBe(401);
    expect((await from(3, '198.51.100.9, 203.0.113.1')).status).toBe(429);
    expect((await from(4, '203.0.113.2')).status).toBe(401);
  });

  test('where an operator wants no limit, there is none', async () => {
    await using gateway = await openGateway({ INVOKE_LIMIT_WRONG_KEYS: '0' });
    for (let n = 0; n < 30; n++) expect((await guess(gateway, n)).status).toBe(401);
  });
});

describe('requests of one key', () => {
  test('are not limited unless an operator says so', async () => {
    await using gateway = await openGateway();
    const answers = await Promise.all(
      Array.from({ length: 700 }, () => gateway.request('POST', '/v1/call', { body: { tool: 'nope' } })),
    );
    expect(new Set(answers.map((a) => a.status))).toEqual(new Set([404]));
  });

  test('beyond their rate get 429 and are not executed, or traced; other keys go on', async () => {
    await using tools = await openToolServer();
    await using gateway = await openGateway({ INVOKE_LIMIT_REQUESTS: '10' });
    await register(gateway, 'pay', `${tools.url}/ok`);
    const call = () => gateway.request('POST', '/v1/call', { body: { tool: 'pay', params: {} } });
    const answers = await Promise.all(Array.from({ length: 30 }, call));
    const refused = answers.filter((a) => a.status === 429);
    expect(tools.effects).toHaveLength(30 - refused.length);
    // Two of the ten were spent on registering the tool.
    expect(tools.effects).toHaveLength(8);
    expect(refused[0]?.body).toMatchObject({ code: 'rate_limited', retryable: true, per_minute: 10 });
    expect(refused[0]?.headers.get('x-should-retry')).toBe('true');
    expect(refused[0]?.headers.get('retry-after')).toBe('6');
    expect(refused[0]?.body['execution_id']).toBeUndefined();
    expect((await gateway.request('GET', '/v1/tools')).status).toBe(429);
    expect((await gateway.request('GET', '/v1/approvals', { key: APPROVER })).status).toBe(200);
  });
});

describe('calls under way', () => {
  test('of one key are as many as the operator says', async () => {
    await using tools = await openToolServer();
    await using gateway = await openGateway({ INVOKE_LIMIT_CALLS_UNDER_WAY: '4' });
    await register(gateway, 'slow', `${tools.url}/late/400`);
    const call = () => gateway.request('POST', '/v1/call', { body: { tool: 'slow', params: {} } });
    const answers = await Promise.all(Array.from({ length: 12 }, call));
    expect(answers.filter((a) => a.status === 200)).toHaveLength(4);
    const refused = answers.filter((a) => a.status === 429);
    expect(refused).toHaveLength(8);
    expect(refused[0]?.body).toMatchObject({ code: 'rate_limited', under_way: 4 });
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(tools.effects).toHaveLength(4);
    expect((await call()).status).toBe(200);
  });
});

describe('event streams', () => {
  test('that nobody can read, because only their head was asked for, take no room', async () => {
    await using tools = await openToolServer();
    await using gateway = await openGateway({ INVOKE_LIMIT_STREAMS: '1' });
    await register(gateway, 'pay', `${tools.url}/ok`);
    const asked = await gateway.request('POST', '/v1/call', {
      body: { tool: 'pay', params: {}, policy: { rules: [{ when: 'true', effect: 'require_approval' }] } },
    });
    const path = `${gateway.url}/v1/approvals/${String(asked.body['approval_id'])}/events`;
    const headers = { 'X-API-Key': FULL };
    for (const _ of [1, 2]) expect((await fetch(path, { method: 'HEAD', headers })).status).toBe(200);
    const over = new AbortController();
    expect((await fetch(path, { headers, signal: over.signal })).status).toBe(200);
    over.abort();
  });

  test('of one key are bounded, and each that ends makes room', async () => {
    await using tools = await openToolServer();
    await using gateway = await openGateway({ INVOKE_LIMIT_STREAMS: '3' });
    await register(gateway, 'pay', `${tools.url}/ok`);
    const asked = await gateway.request('POST', '/v1/call', {
      body: { tool: 'pay', params: {}, policy: { rules: [{ when: 'true', effect: 'require_approval' }] } },
    });
    const path = `${gateway.url}/v1/approvals/${String(asked.body['approval_id'])}/events`;
    const open = async (key = FULL) => {
      const over = new AbortController();
      const response = await fetch(path, { headers: { 'X-API-Key': key }, signal: over.signal });
      return { response, close: () => over.abort() };
    };
    const streams = [await open(), await open(), await open()];
    expect(streams.map((s) => s.response.status)).toEqual([200, 200, 200]);
    const refused = await open();
    expect([refused.response.status, refused.response.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await refused.response.json()).toMatchObject({ code: 'rate_limited', open: 3 });
    const other = await open(APPROVER);
    expect(other.response.status).toBe(200);
    streams[0]?.close();
    for (let tries = 0; ; tries++) {
      const again = await open();
      if (again.response.status === 200 || tries > 40) {
        expect(again.response.status).toBe(200);
        again.close();
        break;
      }
      await sleep(50);
    }
    for (const { close } of [...streams, other]) close();
  });
});
