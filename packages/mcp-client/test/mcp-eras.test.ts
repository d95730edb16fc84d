import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { answerRaw, serveFaulty } from './support/faulty-server.js';
import { openInvoker } from './support/invoker.js';
import {
  answerJson,
  serveLegacy,
  serveModern,
  serveWrapper,
  type RunTool,
  type WrapperOptions,
} from './support/mcp-servers.js';
import { aCall, mcp } from './support/tool-call.js';

const ok: RunTool = () => ({ content: [{ type: 'text', text: 'done' }] });
const done = { kind: 'answer', status: null, isError: false };

const SERVERS = {
  modern: { serve: (run: RunTool) => serveModern(run), handshake: ['POST server/discover'] },
  'legacy with event streams': {
    serve: (run: RunTool) => serveLegacy(run),
    handshake: ['POST server/discover', 'POST initialize', 'POST notifications/initialized'],
  },
  'legacy with JSON': {
    serve: (run: RunTool) => serveLegacy(run, { json: true }),
    handshake: ['POST server/discover', 'POST initialize', 'POST notifications/initialized'],
  },
  'a bare wrapper': {
    serve: (run: RunTool) => serveWrapper(run),
    handshake: ['POST server/discover', 'POST initialize'],
  },
} as const;

describe.each(Object.entries(SERVERS))('%s', (_name, { serve, handshake }) => {
  test('is agreed with once, and then called', async () => {
    await using server = await serve(ok);
    await using invoker = openInvoker();
    for (let n = 0; n < 3; n++) expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject(done);
    expect(server.requests).toEqual([...handshake, 'POST tools/call', 'POST tools/call', 'POST tools/call']);
  });

  test('one handshake serves calls that come at the same time', async () => {
    await using server = await serve(async ({ arguments: args }) => {
      await sleep(Number(args['wait']));
      return { content: [], structuredContent: { n: args['n'] } };
    });
    await using invoker = openInvoker();
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        invoker.invoke(aCall(mcp(server.url), { params: { n, wait: 30 - n } })),
      ),
    );
    expect(server.requests.slice(0, handshake.length)).toEqual(handshake);
    expect(server.runs.length).toBe(30);
    replies.forEach((reply, n) =>
      expect(reply).toMatchObject({ ...done, value: { structuredContent: { n } } }),
    );
  });

  test('params, key, reference and trace go where the card says', async () => {
    await using server = await serve(ok);
    await using invoker = openInvoker();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const card = {
      idempotency: { header: 'X-Request-Key', field: 'request_key' },
      reference_field: 'external_id',
    };
    await invoker.invoke(
      aCall(mcp(server.url, 'crm.update'), {
        params: { amount: 7, request_key: 'mine' },
        card,
        key: 'key-9',
        traceparent,
      }),
    );
    expect(server.runs).toMatchObject([
      {
        name: 'crm.update',
        arguments: { amount: 7, request_key: 'key-9', external_id: 'key-9' },
        meta: { 'dev.invoke/idempotencyKey': 'key-9', traceparent },
        headers: { 'x-request-key': 'key-9' },
      },
    ]);
    expect(server.runs[0]?.headers).not.toHaveProperty('x-invoke-frame');
  });

  test('without a key there is none, and the default header has the usual name', async () => {
    await using server = await serve(ok);
    await using invoker = openInvoker();
    await invoker.invoke(aCall(mcp(server.url), { key: null, card: { reference_field: 'external_id' } }));
    await invoker.invoke(aCall(mcp(server.url), { key: 'key-2' }));
    const [without, with2] = server.runs;
    expect(without?.arguments).toEqual({});
    expect(without?.meta).not.toHaveProperty('dev.invoke/idempotencyKey');
    expect(without?.headers).not.toHaveProperty('idempotency-key');
    expect(with2?.headers).toMatchObject({ 'idempotency-key': 'key-2' });
  });

  test('isError and an output that breaks its schema are answers', async () => {
    await using server = await serve(({ arguments: args }) =>
      args['fail'] === true
        ? { content: [{ type: 'text', text: 'declined' }], isError: true }
        : { content: [], structuredContent: { id: 7 } },
    );
    await using invoker = openInvoker();
    const card = {
      output_schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    };
    expect(await invoker.invoke(aCall(mcp(server.url), { params: { fail: true }, card }))).toMatchObject({
      ...done,
      isError: true,
    });
    expect(await invoker.invoke(aCall(mcp(server.url), { card }))).toMatchObject({
      ...done,
      value: { structuredContent: { id: 7 } },
    });
  });

  test('a large answer arrives whole', async () => {
    const text = 'äöü'.repeat(300_000);
    await using server = await serve(() => ({ content: [{ type: 'text', text }] }));
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject({
      ...done,
      value: { content: [{ text }] },
    });
  });
});

describe('modern servers', () => {
  test('get the params that their schema wants in headers', async () => {
    await using server = await serveModern(ok);
    await using invoker = openInvoker();
    const input_schema = {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, n: { type: 'integer' } },
    };
    for (const region of ['eu', 'us']) {
      await invoker.invoke(aCall(mcp(server.url), { params: { region, n: 1 }, card: { input_schema } }));
    }
    expect(server.runs.map((run) => run.headers['mcp-param-region'])).toEqual(['eu', 'us']);
  });
});

describe('legacy sessions', () => {
  test.each([404, 400] as const)(
    'a forgotten session (%i) was certainly not executed; the next call has a new one',
    async (unknownSession) => {
      await using server = await serveLegacy(ok, { unknownSession });
      await using invoker = openInvoker();
      await invoker.invoke(aCall(mcp(server.url)));
      server.forgetSessions();
      const reply = await invoker.invoke(aCall(mcp(server.url)));
      expect(reply).toMatchObject({ kind: 'failure', sent: false, reason: 'connect_failed' });
      expect(server.runs.length).toBe(1);

      server.requests.length = 0;
      expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject(done);
      /* The server is known to be of the older era. */
      expect(server.requests).toEqual([
        'POST initialize',
        'POST notifications/initialized',
        'POST tools/call',
      ]);
      expect(server.runs.length).toBe(2);
    },
  );

  test('are taken leave of', async () => {
    await using server = await serveLegacy(ok);
    const invoker = openInvoker();
    await invoker.invoke(aCall(mcp(server.url)));
    expect(server.sessions()).toBe(1);
    await invoker.close();
    expect(server.sessions()).toBe(0);
  });

  test('older eras are revisited after an hour, and not earlier', async () => {
    let now = 0;
    await using server = await serveLegacy(ok);
    await using invoker = openInvoker({ now: () => now });
    await invoker.invoke(aCall(mcp(server.url)));
    server.requests.length = 0;
    now = 3_600_000;
    await invoker.invoke(aCall(mcp(server.url)));
    expect(server.requests).toEqual(['POST tools/call']);
    now = 3_600_001;
    await invoker.invoke(aCall(mcp(server.url)));
    expect(server.requests).toEqual(expect.arrayContaining(['POST server/discover', 'POST initialize']));
    await sleep(20);
    expect(server.sessions()).toBe(1);
  });

  test('a session that is replaced is left when its last call has ended', async () => {
    let now = 0;
    let finish = (): void => {};
    await using server = await serveLegacy(async ({ arguments: args }) => {
      if (args['slow'] === true) await new Promise<void>((resolve) => (finish = resolve));
      return { content: [] };
    });
    await using invoker = openInvoker({ now: () => now });
    await invoker.invoke(aCall(mcp(server.url)));
    const slow = invoker.invoke(aCall(mcp(server.url), { params: { slow: true } }));
    while (server.runs.length < 2) await sleep(5);
    now = 4_000_000;
    expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject(done);
    expect(server.sessions()).toBe(2);
    finish();
    expect(await slow).toMatchObject(done);
    await sleep(50);
    expect(server.sessions()).toBe(1);
  });
});

describe('servers that know no handshake', () => {
  const REFUSALS: Record<string, WrapperOptions> = {
    '-32601': {},
    '404': { unknown: (res) => answerJson(res, 404, { error: 'not found' }) },
    '400 with text': {
      unknown: (res) => void res.writeHead(400, { 'content-type': 'text/plain' }).end('unknown method'),
    },
    '500': { unknown: (res) => answerJson(res, 500, { error: 'KeyError: tools' }) },
    '501': { unknown: (res) => answerJson(res, 501, {}) },
    'JSON that is no JSON-RPC': { unknown: (res) => answerJson(res, 200, { error: 'unknown method' }) },
    'an error without an id': {
      unknown: (res) =>
        answerJson(res, 200, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'm' } }),
    },
    'a result that is no handshake': {
      unknown: (res, id) => answerJson(res, 200, { jsonrpc: '2.0', id, result: { hello: 1 } }),
    },
  };

  test.each(Object.entries(REFUSALS))('and say so by %s are called without one', async (_name, refusal) => {
    await using server = await serveWrapper(() => ({ customer_id: 'cust_1', big: 1 }), refusal);
    await using invoker = openInvoker();
    const reply = await invoker.invoke(aCall(mcp(server.url)));
    expect(reply).toMatchObject({
      ...done,
      text: '{"customer_id":"cust_1","big":1}',
      value: { customer_id: 'cust_1' },
    });
    expect(server.runs.length).toBe(1);
  });

  test('their status_code is the status', async () => {
    await using server = await serveWrapper(() => ({ status_code: 503, error: 'upstream' }));
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject({ ...done, status: 503 });
  });

  test('digits that JSON.parse loses are in the text', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"result": {"id": 9007199254740993, "rate": 1.10}}';
    await using server = await serveFaulty('bare', answerRaw('application/json', body));
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({
      text: '{"id": 9007199254740993, "rate": 1.10}',
    });
  });
});

describe('handshakes that fail', () => {
  test.each([
    { cell: '401', status: 401, expected: { kind: 'answer', status: 401 } },
    { cell: '403', status: 403, expected: { kind: 'answer', status: 403 } },
    { cell: '429', status: 429, expected: { kind: 'failure', sent: false, reason: 'connect_failed' } },
    { cell: '503', status: 503, expected: { kind: 'failure', sent: false, reason: 'connect_failed' } },
    { cell: '302', status: 302, expected: { kind: 'failure', sent: false, reason: 'redirect' } },
  ])('$cell: the tool is not called, and asked anew next time', async ({ status, expected }) => {
    let refusing = true;
    await using server = await serveWrapper(ok, {
      unknown: (res, id) => {
        if (refusing) res.writeHead(status, { location: '/elsewhere' }).end('no');
        else answerJson(res, 200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
      },
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject(expected);
    expect(server.runs.length).toBe(0);
    refusing = false;
    expect(await invoker.invoke(aCall(mcp(server.url)))).toMatchObject(done);
  });

  test('a handshake that gets no answer ends with the call', async () => {
    await using server = await serveWrapper(ok, { unknown: () => {} });
    await using invoker = openInvoker();
    const startedAt = performance.now();
    expect(await invoker.invoke(aCall(mcp(server.url), { giveUpAfterMs: 100 }))).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'connect_failed',
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
