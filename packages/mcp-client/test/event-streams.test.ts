import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { serveFaulty } from './support/faulty-server.js';
import { openInvoker } from './support/invoker.js';
import { answerJson, readBody } from './support/mcp-servers.js';
import { serveHttp } from './support/serve.js';
import { aCall, mcp } from './support/tool-call.js';

interface Script {
  /** Answers the tool call. */
  readonly call: (res: ServerResponse, id: unknown) => void;
  /** Answers the nth GET (from 1). */
  readonly resume?: (res: ServerResponse, n: number, req: IncomingMessage) => void;
}

const result = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [], ok: true } });
const done = { kind: 'answer', status: null, isError: false, value: { ok: true } };
const lost = { kind: 'failure', sent: true, reason: 'connection_lost' };

/** A legacy server whose streams are written by hand. */
async function serveStreams({ call, resume }: Script) {
  const seen: { calls: number; gets: number; lastIds: unknown[]; answers: unknown[] } = {
    calls: 0,
    gets: 0,
    lastIds: [],
    answers: [],
  };
  const running = await serveHttp(async (req, res) => {
    const body = await readBody(req);
    if (req.method === 'GET') {
      seen.gets += 1;
      seen.lastIds.push(req.headers['last-event-id']);
      if (resume === undefined) return void res.writeHead(405).end();
      return resume(res, seen.gets, req);
    }
    if (req.method === 'DELETE') return void res.writeHead(200).end();
    const { method, id, ...rest } = JSON.parse(body);
    if (method === 'initialize') {
      res.setHeader('mcp-session-id', 's-1');
      const serverInfo = { name: 's', version: '1' };
      return answerJson(res, 200, {
        jsonrpc: '2.0',
        id,
        result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo },
      });
    }
    if (method === 'tools/call') {
      seen.calls += 1;
      return call(res, id);
    }
    if (method === undefined) seen.answers.push({ id, ...rest });
    if (method === 'server/discover') return answerJson(res, 404, {});
    res.writeHead(202).end();
  });
  return Object.assign(running, { binding: mcp(`${running.origin}/mcp`), seen });
}

const stream = (res: ServerResponse, text: string, end = true): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  res.write(text);
  if (end) res.end();
};

describe('event streams', () => {
  test('the answer ends the call, though the stream stays open', async () => {
    let hungUp: Promise<unknown> = Promise.reject(new Error('the call did not arrive'));
    hungUp.catch(() => {});
    await using server = await serveStreams({
      call: (res, id) => {
        stream(res, `data: ${result(id)}\n\n`, false);
        hungUp = once(res, 'close');
      },
    });
    await using invoker = openInvoker();
    const startedAt = performance.now();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject(done);
    expect(performance.now() - startedAt).toBeLessThan(900);
    /* And after a while the stream is hung up on. */
    await hungUp;
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test('notifications and requests of the server come first; the SDK answers them', async () => {
    await using server = await serveStreams({
      call: (res, id) => {
        const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}';
        const ping = '{"jsonrpc":"2.0","id":"p1","method":"ping"}';
        const ask =
          '{"jsonrpc":"2.0","id":"e1","method":"elicitation/create","params":{"message":"?","requestedSchema":{"type":"object","properties":{}}}}';
        stream(res, `data: ${log}\n\ndata: ${ping}\n\ndata: ${ask}\n\n`, false);
        setTimeout(() => res.end(`event: message\ndata: ${result(id)}\n\n`), 50);
      },
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject(done);
    await sleep(20);
    expect(server.seen.answers.length).toBe(2);
    expect(server.seen.answers).toContainEqual({ jsonrpc: '2.0', id: 'p1', result: {} });
    expect(server.seen.answers).toContainEqual(
      expect.objectContaining({ id: 'e1', error: expect.objectContaining({ code: -32601 }) }),
    );
    expect(server.seen.calls).toBe(1);
  });

  test('a stream with event ids is asked for its rest, and the call is not sent again', async () => {
    let id: unknown;
    await using server = await serveStreams({
      call: (res, of) => {
        id = of;
        stream(res, 'id: e1\nretry: 100\ndata:\n\n');
      },
      resume: (res, n) => stream(res, n === 1 ? 'id: e2\ndata:\n\n' : `id: e3\ndata: ${result(id)}\n\n`),
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject(done);
    expect(server.seen).toMatchObject({ calls: 1, gets: 2, lastIds: ['e1', 'e2'] });
  });

  test.each([
    { cell: '405', resume: (res: ServerResponse) => void res.writeHead(405).end() },
    { cell: '404', resume: (res: ServerResponse) => void res.writeHead(404).end() },
    { cell: 'JSON', resume: (res: ServerResponse) => answerJson(res, 200, {}) },
    { cell: 'a hang-up', resume: (res: ServerResponse) => void res.socket?.destroy(), reason: 'timeout' },
  ])('$cell in place of the rest says nothing about the call', async ({ resume, reason }) => {
    await using server = await serveStreams({
      call: (res) => stream(res, 'id: e1\nretry: 100\ndata:\n\n'),
      resume,
    });
    await using invoker = openInvoker();
    const reply = await invoker.invoke(aCall(server.binding, { giveUpAfterMs: 600 }));
    /* An answer `404` or `405` to the call itself would count as proof that nothing was done. */
    expect(reply.kind).toBe('failure');
    expect(reply).toMatchObject({ sent: true, ...(reason === undefined ? {} : { reason }) });
    expect(server.seen.calls).toBe(1);
  });

  test('a stream that is too large is not asked for more', async () => {
    await using server = await serveStreams({
      call: (res) => stream(res, `id: e1\nretry: 100\ndata:\n\n:${'x'.repeat(6 * 1024 * 1024)}\n\n`),
      resume: (res) => void res.writeHead(405).end(),
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({ sent: true, reason: 'too_large' });
    expect(server.seen.gets).toBe(0);
  });

  test('a stream without event ids that ends is lost at once', async () => {
    await using server = await serveStreams({ call: (res) => stream(res, ': hello\n\n') });
    await using invoker = openInvoker();
    const startedAt = performance.now();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject(lost);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(server.seen.gets).toBe(0);
  });

  test('a stream that drips is ended by the total deadline', async () => {
    await using server = await serveStreams({
      call: (res) => {
        stream(res, ': hello\n\n', false);
        const timer = setInterval(() => res.write(':\n\n'), 5);
        res.on('close', () => clearInterval(timer));
      },
    });
    await using invoker = openInvoker();
    const reply = await invoker.invoke(aCall(server.binding, { giveUpAfterMs: 150 }));
    expect(reply).toMatchObject({ kind: 'failure', sent: true, reason: 'timeout' });
  });

  test('the answer to another call is not taken for ours', async () => {
    await using server = await serveStreams({ call: (res) => stream(res, `data: ${result(999)}\n\n`) });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({
      sent: true,
      reason: 'invalid_response',
    });
  });

  test('a stream that is not UTF-8 is no answer', async () => {
    await using server = await serveFaulty('bare', ({ res }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]));
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({
      sent: true,
      reason: 'invalid_response',
    });
  });

  test('a compressed stream is read when it is whole', async () => {
    await using server = await serveFaulty('bare', ({ id, res }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      res.end(gzipSync(`data: ${result(id)}\n\n`));
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject(done);
  });

  test('connections of streams that end are used again', async () => {
    await using server = await serveStreams({ call: (res, id) => stream(res, `data: ${result(id)}\n\n`) });
    await using invoker = openInvoker();
    for (let n = 0; n < 10; n++) {
      await invoker.invoke(aCall(server.binding));
      await sleep(5);
    }
    expect(server.connections()).toBeLessThanOrEqual(3);
  });
});
