import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { BuiltinHandler } from '../src/index.js';
import { answerWith, drip, flood, KINDS, serveFaulty, silence, succeed } from './support/faulty-server.js';
import { openInvoker } from './support/invoker.js';
import { answerJson, readBody, serveLegacy, serveModern } from './support/mcp-servers.js';
import { serveHttp } from './support/serve.js';
import { aCall, http, mcp } from './support/tool-call.js';

const MIB = 1024 * 1024;

describe('limits', () => {
  test('a body of exactly 5 MiB is taken, one byte more is not', async () => {
    for (const [size, expected] of [
      [5 * MIB, { kind: 'answer' }],
      [5 * MIB + 1, { kind: 'failure', sent: true, reason: 'too_large' }],
    ] as const) {
      await using server = await serveHttp((_req, res) => answerJson(res, 200, `"${'x'.repeat(size - 2)}"`));
      await using invoker = openInvoker();
      expect(await invoker.invoke(aCall(http(server.origin)))).toMatchObject(expected);
    }
  });

  test('an endless body is cut off, not read', async () => {
    await using server = await serveFaulty('http', flood);
    await using invoker = openInvoker();
    const before = process.memoryUsage.rss();
    await invoker.invoke(aCall(server.binding));
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
  });

  test('the deadline is for the whole answer', async () => {
    await using server = await serveFaulty('http', drip);
    await using invoker = openInvoker();
    const startedAt = performance.now();
    const reply = await invoker.invoke(aCall(server.binding, { giveUpAfterMs: 200 }));
    const took = performance.now() - startedAt;
    expect(reply).toMatchObject({ sent: true, reason: 'timeout', message: 'no answer within 200 ms' });
    expect(took).toBeGreaterThan(190);
    expect(took).toBeLessThan(1_000);
  });

  test('a call that has been sent is not given up before its time', async () => {
    await using server = await serveHttp(async (req, res) => {
      await readBody(req);
      await sleep(300);
      answerJson(res, 200, { late: true });
    });
    await using invoker = openInvoker();
    let may = true;
    const calling = invoker.invoke(
      aCall(http(server.origin), { mayStillSend: () => may, giveUpAfterMs: 2_000 }),
    );
    await sleep(50);
    may = false;
    expect(await calling).toMatchObject({ kind: 'answer', value: { late: true } });
  });

  test('a tool that hangs does not hold up the others', async () => {
    await using hanging = await serveFaulty('http', silence);
    await using quick = await serveFaulty('http', succeed);
    await using invoker = openInvoker();
    const hold = (giveUpAfterMs: number) => invoker.invoke(aCall(hanging.binding, { giveUpAfterMs }));
    const held = Array.from({ length: 256 }, () => hold(2_000));
    while (hanging.effects() < 256) await sleep(5);
    const waiting = Array.from({ length: 44 }, () => hold(300));
    const startedAt = performance.now();
    expect(await invoker.invoke(aCall(quick.binding))).toMatchObject({ kind: 'answer' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const reply of await Promise.all(waiting)) {
      expect(reply).toMatchObject({ kind: 'failure', sent: false, reason: 'connect_failed' });
    }
    expect([hanging.effects(), hanging.connections()]).toEqual([256, 256]);
    for (const reply of await Promise.all(held)) {
      expect(reply).toMatchObject({ sent: true, reason: 'timeout' });
    }
  });

  test('a queue that is full refuses at once', async () => {
    await using server = await serveFaulty('http', silence);
    await using invoker = openInvoker();
    const held = Array.from({ length: 256 + 1_024 }, () =>
      invoker.invoke(aCall(server.binding, { giveUpAfterMs: 1_000 })),
    );
    const reply = await invoker.invoke(aCall(server.binding, { giveUpAfterMs: 1_000 }));
    expect(reply).toMatchObject({ kind: 'failure', sent: false, reason: 'circuit_open' });
    await Promise.all(held);
  });

  test.each(KINDS)('%s: close ends everything at once', async (kind) => {
    await using server = await serveFaulty(kind, silence);
    const invoker = openInvoker();
    const calling = Array.from({ length: 20 }, () =>
      invoker.invoke(aCall(server.binding, { giveUpAfterMs: 30_000 })),
    );
    while (server.effects() < 20) await sleep(5);
    const startedAt = performance.now();
    await invoker.close();
    for (const reply of await Promise.all(calling)) {
      expect(reply).toMatchObject({ kind: 'failure', sent: true, reason: 'connection_lost' });
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'circuit_open',
    });
  });
});

describe('plain HTTP', () => {
  test('the key, the reference and the trace are sent as the card says', async () => {
    const seen: { url: string | undefined; headers: object; body: unknown }[] = [];
    await using server = await serveHttp(async (req, res) => {
      seen.push({ url: req.url, headers: req.headers, body: JSON.parse((await readBody(req)) || 'null') });
      answerJson(res, 200, {});
    });
    await using invoker = openInvoker({
      secrets: (name, tenant) =>
        `${tenant}/${name}` === 'tenant/INVOKE_SECRET_API' ? 'Bearer s3cret' : undefined,
    });
    const binding = http(`${server.origin}/charges/{id}`, {
      secret_headers: { Authorization: 'INVOKE_SECRET_API' },
    });
    const card = { idempotency: { header: 'X-Key', field: 'key' }, reference_field: 'ref' };
    await invoker.invoke(
      aCall(binding, { params: { id: 'a/b', amount: 1 }, card, key: 'k-1', traceparent: '00-a-b-01' }),
    );
    await invoker.invoke(
      aCall(http(`${server.origin}/search`, { method: 'GET' }), { params: { q: 'x y' }, key: 'k-2' }),
    );
    expect(seen).toMatchObject([
      {
        url: '/charges/a%2Fb',
        headers: {
          'x-key': 'k-1',
          authorization: 'Bearer s3cret',
          traceparent: '00-a-b-01',
          'accept-encoding': 'identity',
        },
        body: { amount: 1, key: 'k-1', ref: 'k-1' },
      },
      { url: '/search?q=x+y', headers: { 'idempotency-key': 'k-2' }, body: null },
    ]);
    expect(seen[0]?.headers).toHaveProperty('content-length');
    expect(seen[0]?.headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('built-in tools', () => {
  test('are called by their handler, and may break', async () => {
    const asked: string[] = [];
    const fine: BuiltinHandler = async ({ executionId }) => {
      asked.push(executionId);
      return { kind: 'answer', status: null, isError: false, text: '1', value: 1 };
    };
    const early: BuiltinHandler = () => Promise.reject(new Error('before the write'));
    const late: BuiltinHandler = ({ mayStillSend }) =>
      mayStillSend() ? Promise.reject(new Error('after the write')) : Promise.reject(new Error('fenced'));
    await using invoker = openInvoker({
      builtins: new Map([
        ['fine', fine],
        ['early', early],
        ['late', late],
      ]),
    });
    const call = (handler: string) => invoker.invoke(aCall({ kind: 'builtin', handler }));
    expect(await call('fine')).toMatchObject({ kind: 'answer', value: 1 });
    expect(asked).toEqual(['exec_1']);
    expect(await call('early')).toMatchObject({ kind: 'failure', sent: false, reason: 'internal' });
    expect(await call('late')).toMatchObject({ kind: 'failure', sent: true, reason: 'internal' });
    expect(await call('toString')).toMatchObject({ kind: 'failure', sent: false, reason: 'not_configured' });
  });
});

describe('a server that is replaced', () => {
  test('by one of another era is called wrongly once, without effect, and then rightly', async () => {
    let current: Awaited<ReturnType<typeof serveModern>> | Awaited<ReturnType<typeof serveLegacy>>;
    const run = () => ({ content: [] });
    await using modern = await serveModern(run);
    await using legacy = await serveLegacy(run);
    current = modern;
    await using proxy = await serveHttp(async (req, res) => {
      const response = await fetch(current.url, {
        method: req.method ?? 'GET',
        headers: Object.fromEntries(
          Object.entries(req.headers).filter(
            ([name]) => !['host', 'connection', 'content-length'].includes(name),
          ),
        ) as Record<string, string>,
        body: (await readBody(req)) || null,
      });
      const session = response.headers.get('mcp-session-id');
      res.writeHead(response.status, {
        'content-type': response.headers.get('content-type') ?? '',
        ...(session ? { 'mcp-session-id': session } : {}),
      });
      res.end(Buffer.from(await response.arrayBuffer()));
    });
    await using invoker = openInvoker();
    const call = () => invoker.invoke(aCall(mcp(`${proxy.origin}/mcp`)));
    expect(await call()).toMatchObject({ kind: 'answer', status: null });
    for (const other of [legacy, modern]) {
      current = other;
      const before = other.runs.length;
      expect(await call()).not.toMatchObject({ kind: 'answer', status: null });
      expect(other.runs.length).toBe(before);
      expect(await call()).toMatchObject({ kind: 'answer', status: null });
      expect(other.runs.length).toBe(before + 1);
    }
  });

  test('answers of a tool do not count as a replacement', async () => {
    await using server = await serveFaulty('modern', answerWith({ content: [], isError: true }));
    await using invoker = openInvoker();
    for (let n = 0; n < 2; n++) await invoker.invoke(aCall(server.binding));
    expect(server.effects()).toBe(2);
  });
});
