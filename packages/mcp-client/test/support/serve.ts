import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';

/** A server on a free port of 127.0.0.1, gone at the end of the test with all its connections. */
export interface Running extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** TCP connections accepted so far. */
  connections(): number;
  /** Is shown every connection from now on, before anything is read from it. */
  onSocket(look: (socket: Socket) => void): void;
}

export function serveHttp(listener: RequestListener): Promise<Running> {
  return listen(createServer({ keepAliveTimeout: 60_000 }, listener));
}

export function serveTcp(onSocket: (socket: Socket) => void): Promise<Running> {
  return listen(createTcpServer({ noDelay: true }, onSocket));
}

export async function listen(server: Server, scheme = 'http'): Promise<Running> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    connections: () => accepted,
    onSocket: (look) => void server.on('connection', look),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
