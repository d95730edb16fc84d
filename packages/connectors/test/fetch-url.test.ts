import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { epochMs } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import { createFetchUrl, FETCH_URL, fetchUrlCard, type FetchChecked } from '../src/index.js';

/** The gateway wires in a checked connection. This one is plain, and denies what it is told to deny. */
function fetchPlainly(denied: readonly string[] = []): FetchChecked {
  return async ({ url, headers, deadlineMs, mayStillSend }) => {
    if (denied.includes(url.pathname)) {
      return { kind: 'failure', sent: false, reason: 'address_denied', message: 'denied' };
    }
    if (!mayStillSend()) return { kind: 'failure', sent: false, reason: 'fenced', message: 'fenced' };
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const response = await fetch(url, { headers, redirect: 'manual', signal });
      const header = (name: string) => response.headers.get(name) ?? '';
      return {
        kind: 'response',
        status: response.status,
        header,
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
    } catch {
      return { kind: 'failure', sent: true, reason: 'timeout', message: 'timeout' };
    }
  };
}

async function serve(listener: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((req, res) => (seen.push(req), listener(req, res)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths: () => seen.map((req) => req.url),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function aCall(url: unknown, more: Partial<Pick<ToolCall, 'mayStillSend' | 'giveUpAfterMs'>> = {}): ToolCall {
  return {
    tool: {
      id: FETCH_URL,
      key: FETCH_URL,
      name: FETCH_URL,
      tenant: '*',
      provider: { id: 'built-in', slug: 'fetch' },
      version: '0'.repeat(64),
      card: fetchUrlCard,
      binding: { kind: 'builtin', handler: FETCH_URL },
      riskLevel: 'low',
      approvalRequired: false,
      updatedAt: epochMs(0),
    },
    params: { url },
    executionId: 'exec_1',
    downstreamKey: null,
    traceparent: null,
    mayStillSend: () => true,
    giveUpAfterMs: 5_000,
    ...more,
  };
}

const open = (denied?: readonly string[]) =>
  createFetchUrl({ fetchChecked: fetchPlainly(denied), allowLoopback: true });

describe('fetch.url', () => {
  test('gives URL, status, type and text', async () => {
    await using server = await serve((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi</p>'),
    );
    expect(await open()(aCall(`${server.origin}/page?x=1`))).toEqual({
      kind: 'answer',
      status: 200,
      isError: false,
      text: `{"url":"${server.origin}/page?x=1","status_code":200,"content_type":"text/html","text":"<p>hi</p>"}`,
      value: {
        url: `${server.origin}/page?x=1`,
        status_code: 200,
        content_type: 'text/html',
        text: '<p>hi</p>',
      },
    });
  });

  test.each([
    {
      cell: 'JSON is parsed as well',
      type: 'application/json',
      body: '{"balance":125}',
      expected: { text: '{"balance":125}', json: { balance: 125 } },
    },
    {
      cell: 'JSON that is none stays text',
      type: 'application/json',
      body: '{"a":',
      expected: { text: '{"a":' },
    },
    {
      cell: 'JSON that is too deep stays text',
      type: 'application/json',
      body: `${'['.repeat(65)}${']'.repeat(65)}`,
      expected: {},
    },
    {
      cell: 'text that looks like JSON is text',
      type: 'text/plain',
      body: '{"a":1}',
      expected: { text: '{"a":1}' },
    },
    {
      cell: 'another charset',
      type: 'text/plain; charset=iso-8859-1',
      body: Buffer.from([0xe4]),
      expected: { text: 'ä' },
    },
    {
      cell: 'a charset that nobody knows',
      type: 'text/plain; charset=x-none',
      body: 'ä',
      expected: { text: 'ä' },
    },
    {
      cell: 'bytes that are no text',
      type: 'text/plain',
      body: Buffer.from([0x61, 0xff]),
      expected: { text: 'a\ufffd' },
    },
    { cell: 'an empty page', type: 'text/plain', body: '', expected: { text: '' } },
  ])('$cell', async ({ type, body, expected }) => {
    await using server = await serve((_req, res) => res.writeHead(200, { 'content-type': type }).end(body));
    const reply = await open()(aCall(server.origin));
    expect(reply).toMatchObject({ kind: 'answer', value: expected });
    expect('json' in expected).toBe(reply.kind === 'answer' && 'json' in (reply.value as object));
  });

  test('the status of the page is the status of the answer', async () => {
    await using server = await serve((_req, res) => res.writeHead(404).end('gone'));
    expect(await open()(aCall(server.origin))).toMatchObject({
      kind: 'answer',
      status: 404,
      value: { status_code: 404, text: 'gone' },
    });
  });

  test('five redirects are followed, and the final URL is told', async () => {
    await using server = await serve((req, res) => {
      const n = Number(req.url?.slice(1));
      if (n < 5) res.writeHead(302, { location: `/${n + 1}` }).end();
      else res.end('here');
    });
    expect(await open()(aCall(`${server.origin}/0`))).toMatchObject({
      kind: 'answer',
      value: { url: `${server.origin}/5`, text: 'here' },
    });
    expect(server.paths()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
  });

  test('six are not', async () => {
    await using server = await serve((_req, res) => res.writeHead(307, { location: '/again' }).end());
    expect(await open()(aCall(server.origin))).toMatchObject({
      kind: 'failure',
      sent: true,
      reason: 'address_denied',
    });
    expect(server.paths().length).toBe(6);
  });

  test.each([
    { cell: 'to a file', location: 'file:///etc/passwd', reason: 'address_denied' },
    { cell: 'to credentials', location: 'http://user:pw@127.0.0.1/', reason: 'address_denied' },
    {
      cell: 'to a port that is not of the web',
      location: 'http://example.com:6379/',
      reason: 'address_denied',
    },
    { cell: 'to an address that is denied', location: '/denied', reason: 'address_denied' },
    { cell: 'to nowhere', location: 'http://[', reason: 'redirect' },
  ])('a redirect $cell is not followed', async ({ location, reason }) => {
    await using server = await serve((_req, res) => res.writeHead(302, { location }).end());
    expect(await open(['/denied'])(aCall(`${server.origin}/start`))).toMatchObject({
      kind: 'failure',
      sent: true,
      reason,
    });
    expect(server.paths()).toEqual(['/start']);
  });

  test('a redirect without a target is a page', async () => {
    await using server = await serve((_req, res) => res.writeHead(304).end());
    expect(await open()(aCall(server.origin))).toMatchObject({ kind: 'answer', status: 304 });
  });

  test('the time is for all hops together', async () => {
    await using server = await serve(
      (_req, res) => void setTimeout(() => res.writeHead(302, { location: '/next' }).end(), 100),
    );
    const startedAt = performance.now();
    const reply = await open()(aCall(server.origin, { giveUpAfterMs: 250 }));
    expect(reply).toMatchObject({ kind: 'failure', sent: true, reason: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('the fence is asked once, before the first hop', async () => {
    await using server = await serve((req, res) => {
      if (req.url === '/a') res.writeHead(302, { location: '/b' }).end();
      else res.end('b');
    });
    let asked = 0;
    await open()(aCall(`${server.origin}/a`, { mayStillSend: () => (asked++, true) }));
    expect([asked, server.paths()]).toEqual([1, ['/a', '/b']]);
    const fenced = await open()(aCall(`${server.origin}/a`, { mayStillSend: () => false }));
    expect(fenced).toMatchObject({ kind: 'failure', sent: false, reason: 'fenced' });
    expect(server.paths()).toEqual(['/a', '/b']);
  });

  test('a first address that is denied: nothing was sent', async () => {
    const denied = { kind: 'failure', sent: false, reason: 'address_denied' };
    expect(await open(['/denied'])(aCall('http://example.com/denied'))).toMatchObject(denied);
    const strict = createFetchUrl({ fetchChecked: fetchPlainly() });
    expect(await strict(aCall('http://127.0.0.1:43210/'))).toMatchObject(denied);
  });

  test.each([
    undefined,
    7,
    '',
    'file:///etc/passwd',
    'http://user:pw@example.com/',
    'http://example.com:22/',
  ])('%s is no input', async (url) => {
    expect(await open()(aCall(url))).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'invalid_params',
    });
  });

  test('a page that grows beyond the limit when it is quoted', async () => {
    await using server = await serve((_req, res) => res.end('"'.repeat(3 * 1024 * 1024)));
    expect(await open()(aCall(server.origin))).toMatchObject({
      kind: 'failure',
      sent: true,
      reason: 'too_large',
    });
  });
});
