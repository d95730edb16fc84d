import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS, serveFaulty, succeed, type Fault, type Kind } from './support/faulty-server.js';
import { openInvoker } from './support/invoker.js';
import { serveTcp } from './support/serve.js';
import { aCall, http } from './support/tool-call.js';

const MARK = 'the-tool-call-itself';
/** Counts the bytes of everything that arrives, and answers HTTP requests with `answer`. */
async function serveBytes(answer: string | null) {
  const received: Buffer[] = [];
  const server = await serveTcp((socket) => {
    socket.on('data', (chunk) => {
      received.push(chunk);
      if (answer !== null) socket.write(answer);
    });
  });
  return Object.assign(server, { received: () => Buffer.concat(received).toString('latin1') });
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

describe('the fence', () => {
  test('is asked after the connection is there and before the first byte is written', async () => {
    await using server = await serveBytes(OK);
    await using invoker = openInvoker();
    let asked = 0;
    const reply = await invoker.invoke(
      aCall(http(server.origin), {
        mayStillSend: () => {
          asked += 1;
          expect(server.received()).toBe('');
          return true;
        },
      }),
    );
    expect(reply).toMatchObject({ kind: 'answer', status: 200 });
    expect([asked, server.connections()]).toEqual([1, 1]);
  });

  test.each(KINDS)('%s: when it says no, not one byte of the call arrives', async (kind) => {
    await using server = await serveFaulty(kind, succeed);
    await using invoker = openInvoker();
    let asked = 0;
    const no = () => (asked++, false);
    const reply = await invoker.invoke(aCall(server.binding, { mayStillSend: no }));
    expect(reply).toMatchObject({ kind: 'failure', sent: false, reason: 'fenced' });
    expect([asked, server.effects()]).toEqual([1, 0]);

    /* The connection was left untouched and serves the next call. */
    const connections = server.connections();
    await sleep(5);
    expect(await invoker.invoke(aCall(server.binding))).toMatchObject({ kind: 'answer' });
    expect([server.effects(), server.connections()]).toEqual([1, connections]);
  });

  test('a raw socket sees nothing of a fenced call', async () => {
    await using server = await serveBytes(OK);
    await using invoker = openInvoker();
    await invoker.invoke(aCall(http(server.origin), { mayStillSend: () => false }));
    await sleep(20);
    expect([server.connections(), server.received()]).toEqual([1, '']);
  });

  test('a call that waited in the queue until it was too late is never sent', async () => {
    /* 256 sockets are busy; the next call waits and its time runs out before there is a socket for it. */
    const held: Socket[] = [];
    let requests = 0;
    await using server = await serveTcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        held.push(socket);
      });
    });
    await using invoker = openInvoker();
    const busy = Array.from({ length: 256 }, () =>
      invoker.invoke(aCall(http(server.origin), { giveUpAfterMs: 15_000 })),
    );
    while (requests < 256) await sleep(5);

    let asked = 0;
    const late = await invoker.invoke(
      aCall(http(server.origin), { giveUpAfterMs: 50, mayStillSend: () => (asked++, true) }),
    );
    expect(late).toMatchObject({ kind: 'failure', sent: false, reason: 'connect_failed' });
    for (const socket of held) socket.write(OK);
    await Promise.all(busy);
    await sleep(50);
    expect([requests, asked]).toEqual([256, 0]);
  });

  test('a connection that dies when it is used again is not used a third time', async () => {
    /* The first request on a socket is answered, the second one is read and reset without a byte. */
    let read = 0;
    await using server = await serveTcp((socket) => {
      let first = true;
      socket.on('data', () => {
        read += 1;
        if (first) socket.write(OK);
        else socket.resetAndDestroy();
        first = false;
      });
    });
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(http(server.origin)))).toMatchObject({ kind: 'answer' });
    await sleep(5);
    const reply = await invoker.invoke(aCall(http(server.origin)));
    expect(reply).toMatchObject({ kind: 'failure', sent: true, reason: 'connection_lost' });
    await sleep(50);
    expect([read, server.connections()]).toEqual([2, 1]);
  });

  test('a connection that the server closed while it was idle costs nothing', async () => {
    let served = 0;
    await using server = await serveTcp((socket) => {
      socket.on('data', () => {
        served += 1;
        socket.write(OK, () => setTimeout(() => socket.end(), 5));
      });
    });
    await using invoker = openInvoker();
    for (let n = 0; n < 3; n++) {
      expect(await invoker.invoke(aCall(http(server.origin)))).toMatchObject({ kind: 'answer' });
      await sleep(30);
    }
    expect(served).toBe(3);
  });
});

describe('sent: false means that nothing happened', () => {
  interface Plan {
    readonly kind: Kind;
    /** The socket is reset when this many bytes have arrived on it. */
    readonly dieAfterBytes: number | null;
    readonly fault: 'succeed' | 'reset' | 'silence' | 'half';
    readonly maySend: boolean;
    readonly giveUpAfterMs: number;
  }
  const plan: fc.Arbitrary<Plan> = fc.record({
    kind: fc.constantFrom(...KINDS),
    dieAfterBytes: fc.option(fc.nat({ max: 1_500 }), { freq: 2 }),
    fault: fc.constantFrom('succeed', 'reset', 'silence', 'half'),
    maySend: fc.boolean(),
    giveUpAfterMs: fc.constantFrom(1, 5, 60),
  });
  const faults: Record<Plan['fault'], Fault> = {
    succeed,
    reset: ({ socket }) => void socket.resetAndDestroy(),
    silence: () => {},
    half: ({ res, socket }) => {
      res.writeHead(200, { 'content-length': 50 });
      res.write('x', () => socket.resetAndDestroy());
    },
  };

  test('whatever breaks, and whenever', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(plan, async ({ kind, dieAfterBytes, fault, maySend, giveUpAfterMs }) => {
        await using server = await serveFaulty(kind, faults[fault]);
        let bytes = '';
        server.onSocket((socket) => {
          let count = 0;
          socket.on('data', (chunk: Buffer) => {
            bytes += chunk.toString('latin1');
            count += chunk.length;
            if (dieAfterBytes !== null && count >= dieAfterBytes) socket.resetAndDestroy();
          });
        });
        await using invoker = openInvoker();
        const reply = await invoker.invoke(
          aCall(server.binding, { params: { mark: MARK }, mayStillSend: () => maySend, giveUpAfterMs }),
        );
        const sent = reply.kind !== 'failure' || reply.sent;
        seen.add(reply.kind === 'failure' ? `${reply.sent} ${reply.reason}` : reply.kind);
        await sleep(2);
        if (!sent) expect([server.effects(), bytes.includes(MARK)]).toEqual([0, false]);
        if (!maySend) expect(sent).toBe(false);
        expect(server.effects()).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
    /* The plans did reach both sides of the write. */
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'answer',
        'false fenced',
        'false connect_failed',
        'true connection_lost',
        'true timeout',
      ]),
    );
  });
});
