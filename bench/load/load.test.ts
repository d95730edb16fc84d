import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createAnswerReader } from './answer-reader.mjs';
import { createRequestBytes, KEY_PLACEHOLDER } from './request-bytes.mjs';
import { runLoad } from './run-load.mjs';

describe('request bytes', () => {
  const request = {
    path: '/v1/call',
    headers: { 'x-api-key': 'k' },
    body: `{"idempotency_key":"${KEY_PLACEHOLDER}"}`,
    expect: { status: 200, text: '' },
  };

  it('are one whole request with a length that fits', () => {
    const text = createRequestBytes(request, { host: 'h:1', run: 7, connection: 3 }).next().toString();
    expect(text).toBe(
      'POST /v1/call HTTP/1.1\r\nhost: h:1\r\nx-api-key: k\r\ncontent-length: 46\r\n\r\n{"idempotency_key":"000000000700030000000001"}',
    );
  });

  it('never carry the same key twice, over connections and carries', () => {
    const all = [0, 1, 2].map((connection) => createRequestBytes(request, { host: 'h', run: 1, connection }));
    const keys = all.flatMap((bytes) =>
      Array.from({ length: 1_234 }, () => bytes.next().toString().slice(-26)),
    );
    expect(new Set(keys).size).toBe(3 * 1_234);
  });

  it('carry the key wherever it is asked for, in headers too', () => {
    const headers = { 'idempotency-key': KEY_PLACEHOLDER };
    const bytes = createRequestBytes({ ...request, headers }, { host: 'h:1', run: 7, connection: 3 });
    bytes.next();
    expect(
      bytes
        .next()
        .toString()
        .match(/0000000007000300\d{8}/g),
    ).toEqual(['000000000700030000000002', '000000000700030000000002']);
  });

  it('stay the same where there is no key', () => {
    const bytes = createRequestBytes({ ...request, body: '{"a":9}' }, { host: 'h', run: 1, connection: 0 });
    expect(bytes.next().toString()).toBe(bytes.next().toString());
  });
});

describe('the answer reader', () => {
  const body = '{"status":"completed","text":"\\r\\n0 not the end"}';
  const cells: { cell: string; answer: string; why: string }[] = [
    {
      cell: 'length',
      answer: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      why: 'as node writes it',
    },
    {
      cell: 'lower case',
      answer: `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      why: 'as Hono writes it',
    },
    {
      cell: 'chunked',
      answer: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      why: 'a body of unknown length',
    },
    { cell: 'empty', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', why: 'no body at all' },
  ];
  it.each(cells)('$cell: finds the end wherever the pieces are cut ($why)', ({ answer }) => {
    const cut = fc.array(fc.integer({ min: 1, max: answer.length - 1 }), { maxLength: 6 });
    fc.assert(
      fc.property(cut, (cuts) => {
        const reader = createAnswerReader();
        const at = [0, ...new Set(cuts), answer.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, i) => Buffer.from(answer.slice(at[i], end)));
        const results = pieces.map((p) => reader.push(p));
        expect(results.slice(0, -1).every((r) => r === null)).toBe(true);
        expect(results.at(-1)?.status).toBe(200);
        expect(results.at(-1)?.text()).toBe(answer);
      }),
    );
  });

  it('refuses what it could only guess at', () => {
    expect(() => createAnswerReader().push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow(
      'without a length',
    );
    const two = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'.repeat(2);
    expect(() => createAnswerReader().push(Buffer.from(two))).toThrow('more came than one answer');
  });
});

describe('a run', () => {
  let server: Server | null = null;
  let another: Server | null = null;
  afterEach(() => {
    for (const open of [server, another]) {
      open?.closeAllConnections();
      open?.close();
    }
  });

  async function serveAnother() {
    let n = 0;
    another = createServer((req, res) => {
      req.resume().on('end', () => {
        n += 1;
        res.writeHead(200, { 'content-length': 3 }).end('yes');
      });
    });
    await new Promise<void>((resolve) => another?.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(another.address() as AddressInfo).port}`, count: () => n };
  }

  async function serve(answer: (n: number) => { status: number; body: string; delayMs?: number }) {
    let n = 0;
    const keys: string[] = [];
    server = createServer((req, res) => {
      let text = '';
      req.on('data', (chunk) => (text += chunk));
      req.on('end', () => {
        keys.push(text);
        const { status, body, delayMs = 0 } = answer((n += 1));
        setTimeout(() => res.writeHead(status, { 'content-length': body.length }).end(body), delayMs);
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys };
  }

  const plan = {
    request: { path: '/', headers: {}, body: KEY_PLACEHOLDER, expect: { status: 200, text: 'yes' } },
    connections: 4,
    warmupMs: 50,
    ms: 300,
  };

  it('counts every answer once, measured or not, and no key comes twice', async () => {
    const { url, keys } = await serve(() => ({ status: 200, body: 'yes' }));
    const result = await runLoad({ ...plan, urls: [url] });
    expect(result.answers).toBeGreaterThan(50);
    expect(result.answers + result.unmeasured).toBe(keys.length);
    expect(new Set(keys).size).toBe(keys.length);
    expect(result.perSecond).toBeCloseTo(result.answers / 0.3, 5);
  });

  it('is a closed loop: a slow server gets no more than one request per connection at a time', async () => {
    const { url } = await serve(() => ({ status: 200, body: 'yes', delayMs: 50 }));
    const result = await runLoad({ ...plan, urls: [url] });
    expect(result.answers).toBeLessThanOrEqual(4 * 6);
    expect(result.p50Ms).toBeGreaterThanOrEqual(49);
    expect(result.p50Ms).toBeLessThan(150);
  });

  it('keeps to a rate, and tells how long the longest answer took', async () => {
    const { url, keys } = await serve((n) => ({ status: 200, body: 'yes', delayMs: n === 30 ? 80 : 0 }));
    const result = await runLoad({ ...plan, urls: [url], perSecond: 200, warmupMs: 0, ms: 500 });
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.length).toBeLessThanOrEqual(100 + plan.connections);
    expect(result.longestMs).toBeGreaterThanOrEqual(79);
    expect(result.p50Ms).toBeLessThan(result.longestMs);
  });

  it('counts an answer that came too late among the longest, and nowhere else', async () => {
    const { url } = await serve((n) => ({ status: 200, body: 'yes', delayMs: n > 8 ? 700 : 0 }));
    const result = await runLoad({ ...plan, urls: [url], warmupMs: 0 });
    expect(result.longestMs).toBeGreaterThanOrEqual(699);
    // Not a number where the machine is so busy that nothing was answered in time.
    expect(result.p99Ms).not.toBeGreaterThan(350);
  });

  it('spreads its connections over all addresses', async () => {
    const [one, two] = [await serve(() => ({ status: 200, body: 'yes' })), await serveAnother()];
    const result = await runLoad({ ...plan, urls: [one.url, two.url] });
    expect(one.keys.length).toBeGreaterThan(0);
    expect(two.count()).toBeGreaterThan(0);
    expect(one.keys.length + two.count()).toBe(result.answers + result.unmeasured);
  });

  it('rejects with the first answer that is not as expected', async () => {
    const wrongStatus = await serve((n) => ({ status: n === 20 ? 429 : 200, body: 'yes' }));
    await expect(runLoad({ ...plan, urls: [wrongStatus.url] })).rejects.toThrow('got HTTP/1.1 429');
    const wrongBody = await serve((n) => ({ status: 200, body: n === 20 ? 'no' : 'yes' }));
    await expect(runLoad({ ...plan, urls: [wrongBody.url] })).rejects.toThrow('expected 200 with yes');
  });

  it('rejects where nobody listens', async () => {
    const { url } = await serve(() => ({ status: 200, body: 'yes' }));
    await new Promise((resolve) => server?.close(resolve));
    await expect(runLoad({ ...plan, urls: [url] })).rejects.toThrow('ECONNREFUSED');
  });
});
