import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sleep } from '../kit/sleep.js';
import { openLeaderRouter } from './leader-router.js';

/** Says its name to everybody who connects. */
async function openServer(name: string) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).write(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    leading: false,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  const greeting = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  return { closed, heard: Promise.race([greeting, closed]), end: () => void socket.destroy() };
}

test('connections lead to the leader, end when another one leads, and are not made while nobody does', async () => {
  await using one = await openServer('one');
  await using two = await openServer('two');
  one.leading = true;
  await using router = await openLeaderRouter({
    servers: [one, two],
    portOf: (server) => server.port,
    leads: (server) => Promise.resolve(server.leading),
    everyMs: 20,
  });
  const first = dial(router.port);
  expect(await first.heard).toBe('one');

  // For a moment both say that they lead: the one that was not known is the new one.
  two.leading = true;
  expect(await first.closed).toBe('closed');
  const second = dial(router.port);
  expect(await second.heard).toBe('two');
  await sleep(100);
  one.leading = false;
  await sleep(100);
  expect(router.leader()).toBe(two.port);
  expect(await Promise.race([second.closed, sleep(1)])).toBeUndefined();

  two.leading = false;
  expect(await second.closed).toBe('closed');
  expect(await dial(router.port).heard).toBe('closed');

  one.leading = true;
  while (router.leader() === null) await sleep(5);
  const third = dial(router.port);
  expect(await third.heard).toBe('one');
  third.end();
});
