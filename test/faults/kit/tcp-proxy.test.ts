import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sleep } from './sleep.js';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** Long enough for anything that is to come over loopback to be there, and short enough to wait for nothing. */
const A_WHILE_MS = 150;

/** A server that says back what it hears, in capitals, and remembers it. */
async function openEcho() {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(chunk.toString().toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    heard,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function dial({ port }: TcpProxy) {
  const socket = connect({ port, host: '127.0.0.1' });
  let got = '';
  let ended = false;
  socket.on('data', (chunk) => (got += chunk.toString()));
  socket.on('error', () => undefined);
  socket.on('close', () => (ended = true));
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve());
    socket.once('close', () => resolve());
  });
  return {
    say: (text: string) => socket.write(text),
    got: () => got,
    ended: () => ended,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

test('it passes on what is said, and delays it', async () => {
  await using echo = await openEcho();
  await using proxy = await openTcpProxy(echo.port);
  using caller = await dial(proxy);
  caller.say('a');
  await expect.poll(caller.got).toBe('A');
  proxy.set({ kind: 'pass', delayMs: A_WHILE_MS });
  const asked = performance.now();
  caller.say('b');
  await expect.poll(caller.got, { timeout: 5_000 }).toBe('AB');
  expect(performance.now() - asked).toBeGreaterThan(2 * A_WHILE_MS - 20);
});

test('what it holds arrives in the end, in order', async () => {
  await using echo = await openEcho();
  await using proxy = await openTcpProxy(echo.port);
  using caller = await dial(proxy);
  proxy.set({ kind: 'hold' });
  caller.say('a');
  await sleep(A_WHILE_MS);
  caller.say('b');
  await sleep(A_WHILE_MS);
  expect([echo.heard, caller.got()]).toEqual([[], '']);
  proxy.set({ kind: 'pass' });
  await expect.poll(caller.got).toBe('AB');
});

test('half open: connections are made and nothing arrives; they are gone when it works again', async () => {
  await using echo = await openEcho();
  await using proxy = await openTcpProxy(echo.port);
  proxy.set({ kind: 'drop' });
  using caller = await dial(proxy);
  caller.say('a');
  await sleep(A_WHILE_MS);
  expect([caller.ended(), echo.heard]).toEqual([false, []]);
  proxy.set({ kind: 'pass' });
  await expect.poll(caller.ended).toBe(true);
  expect(echo.heard).toEqual([]);
});

test('refused and reset', async () => {
  await using echo = await openEcho();
  await using proxy = await openTcpProxy(echo.port);
  using caller = await dial(proxy);
  proxy.reset();
  await expect.poll(caller.ended).toBe(true);
  proxy.set({ kind: 'refuse' });
  using refused = await dial(proxy);
  await expect.poll(refused.ended).toBe(true);
  expect(proxy.open).toBe(0);
});

test('delivered twice, answered once', async () => {
  await using echo = await openEcho();
  await using proxy = await openTcpProxy(echo.port);
  proxy.set({ kind: 'pass', duplicate: true });
  using caller = await dial(proxy);
  caller.say('a');
  await expect.poll(() => echo.heard).toEqual(['a', 'a']);
  await sleep(A_WHILE_MS);
  expect(caller.got()).toBe('A');
});
