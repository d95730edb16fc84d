import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** What happens to the next statement that has the marker in it. */
export type Cut =
  /** It never reaches the server; the client sees its connection break. */
  | 'before'
  /** The server runs it; its answer never comes back. */
  | 'after'
  /** It is sent on, and the client's connection breaks at once, whatever the server is doing. */
  | 'meanwhile';

export interface CuttingProxy extends AsyncDisposable {
  readonly connectionString: string;
  /** Everything that clients have sent, as text. */
  readonly sent: () => string;
  /** Breaks the connection around the next statement that contains `marker`. Resolves when that has happened. */
  cutNext(marker: string, cut: Cut): Promise<void>;
  /** While true, nobody gets through. */
  closed: boolean;
}

/** Stands between a client and Postgres and breaks connections at chosen moments. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { port, hostname } = new URL(target);
  const log: string[] = [];
  const sockets = new Set<Socket>();
  let plan: { marker: string; cut: Cut; done: () => void } | null = null;
  let closed = false;

  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    client.on('error', () => {}).on('close', () => sockets.delete(client));
    if (closed) return void client.destroy();
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => upstream.end());
    let swallow: (() => void) | null = null;
    upstream.on('data', (data) => {
      if (swallow === null) return void client.write(data);
      swallow();
      client.destroy();
    });
    client.on('data', (data) => {
      const text = data.toString('latin1');
      log.push(text);
      if (plan === null || !text.includes(plan.marker)) return void upstream.write(data);
      const { cut, done } = plan;
      plan = null;
      if (cut !== 'before') upstream.write(data);
      if (cut === 'after') swallow = done;
      else client.destroy();
      if (cut !== 'after') done();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);

  return {
    connectionString: url.href,
    sent: () => log.join(''),
    cutNext: (marker, cut) =>
      new Promise((done) => {
        plan = { marker, cut, done };
      }),
    get closed() {
      return closed;
    },
    set closed(value) {
      closed = value;
      if (value) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
