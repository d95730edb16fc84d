import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { sleep } from '../kit/sleep.js';

export interface LeaderRouter extends AsyncDisposable {
  readonly port: number;
  /** Where new connections are led to; null: nowhere, they are closed. */
  leader(): number | null;
}

export interface LeaderRouterOptions<Server> {
  readonly servers: readonly Server[];
  readonly portOf: (server: Server) => number;
  readonly leads: (server: Server) => Promise<boolean>;
  readonly everyMs?: number;
}

/** So many looks in a row have to fail before a leader is not one any more, unless another one leads. */
const MOST_FAILED = 3;

/**
 * Leads every connection to the server that leads, as HAProxy does with `http-check` and `on-marked-down shutdown-sessions`:
 * connections to a server that does not lead any more are closed, and none is made while nobody leads.
 */
export async function openLeaderRouter<Server>(options: LeaderRouterOptions<Server>): Promise<LeaderRouter> {
  const { servers, portOf, leads, everyMs = 500 } = options;
  const open = new Set<Socket>();
  const controller = new AbortController();
  let leader: number | null = null;
  let known: readonly number[] = [];
  let failed = 0;

  function goTo(port: number | null): void {
    if (port === leader) return;
    leader = port;
    for (const socket of open) socket.destroy();
  }

  async function look(): Promise<void> {
    const found = await Promise.all(servers.map(leads));
    const leading = servers.filter((_, i) => found[i]).map(portOf);
    failed = leading.length === 0 ? failed + 1 : 0;
    // For a moment the old one may think that it still leads: then the new one does.
    const next = leading.find((port) => !known.includes(port)) ?? leading.find((port) => port === leader);
    known = leading;
    if (leading.length > 0) goTo(next ?? leading[0] ?? null);
    else if (failed >= MOST_FAILED) goTo(null);
  }

  const server = createServer({ noDelay: true }, (client) => {
    if (leader === null) return void client.destroy();
    const target = connect({ port: leader, host: '127.0.0.1', noDelay: true });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(target).pipe(client);
  });
  await look();
  const looking = (async () => {
    for (;;) {
      await sleep(everyMs, controller.signal);
      if (controller.signal.aborted) return;
      await look();
    }
  })();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    leader: () => leader,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await looking;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      });
    },
  };
}
