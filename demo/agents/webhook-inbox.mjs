import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
/** @import { AddressInfo } from 'node:net' */

/**
 * Where an agent hears of an event: an address of its own, until one has come.
 * @param {(url: string) => Promise<unknown>} send Has it sent there.
 * @returns {Promise<{ readonly type: string }>}
 */
export async function receiveEvent(send) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {AddressInfo} */ (server.address());
  try {
    const [event] = await Promise.all([takeOne(server), send(`http://127.0.0.1:${port}/events`)]);
    return event;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @param {import('node:http').Server} server */
async function takeOne(server) {
  const [req, res] = await once(server, 'request');
  const event = /** @type {{ readonly type: string }} */ (await json(req));
  res.writeHead(204).end();
  return event;
}
