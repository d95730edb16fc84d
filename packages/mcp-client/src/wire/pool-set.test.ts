import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCheckedConnector } from '../address/checked-connector.js';
import type { ExchangeRequest } from './exchange.js';
import { createPoolSet } from './pool-set.js';

const held: (() => void)[] = [];
const server = createServer((req, res) => {
  if (req.url === '/held') held.push(() => res.end());
  else res.end();
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path = '/'): ExchangeRequest => ({
  method: 'GET',
  path,
  headers: {},
  body: null,
  mayStillSend: () => true,
  deadlineMs: 5_000,
});
/* Many names of one server: to the pools, each is an origin of its own. */
const origin = (n: number) => `http://h${n}.localhost:${port}`;
const open = (maxOrigins: number) =>
  createPoolSet({
    connector: createCheckedConnector(
      {
        allowLoopback: true,
        lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
      },
      1_000,
    ),
    maxOrigins,
    socketsPerOrigin: 1,
    queuePerOrigin: 1,
  });
const full = { kind: 'failure', sent: false, reason: 'circuit_open' };

describe('createPoolSet', () => {
  test('an idle origin makes room for another', async () => {
    const pools = open(2);
    for (const n of [1, 2, 3, 1]) {
      expect(await pools.exchange(origin(n), get())).toMatchObject({
        kind: 'response',
        head: { status: 200 },
      });
    }
    await pools.close();
  });

  test('a busy one does not', async () => {
    const pools = open(2);
    const busy = [1, 2].map((n) => pools.exchange(origin(n), get('/held')));
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await pools.exchange(origin(3), get())).toMatchObject(full);
    for (const release of held.splice(0)) release();
    expect(await Promise.all(busy)).toMatchObject([{ kind: 'response' }, { kind: 'response' }]);
    expect(await pools.exchange(origin(3), get())).toMatchObject({ kind: 'response' });
    await pools.close();
  });

  test('beyond its sockets and its queue an origin is full, the others are not', async () => {
    const pools = open(2);
    const busy = pools.exchange(origin(1), get('/held'));
    const waiting = pools.exchange(origin(1), get());
    expect(await pools.exchange(origin(1), get())).toMatchObject(full);
    expect(await pools.exchange(origin(2), get())).toMatchObject({ kind: 'response' });
    while (held.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const release of held.splice(0)) release();
    expect(await Promise.all([busy, waiting])).toMatchObject([{ kind: 'response' }, { kind: 'response' }]);
    await pools.close();
  });

  test('after close nothing is sent', async () => {
    const pools = open(2);
    await pools.close();
    expect(await pools.exchange(origin(1), get())).toMatchObject(full);
  });
});
