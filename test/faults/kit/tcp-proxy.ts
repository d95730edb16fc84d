import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What the line does. `pass`: it works. `hold`: nothing arrives, and everything does when it works again (a partition that TCP
 * survives). `drop`: connections are made, and nothing ever arrives over them (half open); they are reset when the line works
 * again. `refuse`: connections are reset at once.
 */
export type Line =
  | { readonly kind: 'pass'; readonly delayMs?: number; readonly duplicate?: boolean }
  | { readonly kind: 'hold' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'refuse' };

/** A line between a gateway and what it speaks to, in this process. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on, for connections that are there and for new ones. `duplicate` sends what clients send twice, over two connections. */
  set(line: Line): void;
  /** Resets all connections that are there. */
  reset(): void;
  readonly open: number;
}

const PASS: Line = { kind: 'pass' };

export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let line: Line = PASS;
  const server = createServer({ noDelay: true }, (client) => {
    if (line.kind === 'refuse') return void client.resetAndDestroy();
    const pair = createPair(client, targetPort, line, () => pairs.delete(pair));
    pairs.add(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      const dropped = line.kind === 'drop';
      line = next;
      for (const pair of pairs) {
        if (dropped || next.kind === 'refuse') pair.reset();
        else pair.set(next);
      }
    },
    reset() {
      for (const pair of pairs) pair.reset();
    },
    get open() {
      return pairs.size;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const pair of pairs) pair.reset();
      }),
  };
}

type Pair = ReturnType<typeof createPair>;

function createPair(client: Socket, targetPort: number, first: Line, onClosed: () => void) {
  const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
  const second =
    first.kind === 'pass' && first.duplicate === true
      ? connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
      : null;
  const sockets = [client, target, ...(second === null ? [] : [second])];
  let line = first;
  let held: (() => void)[] = [];

  const reset = () => {
    for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
    onClosed();
  };
  for (const socket of sockets) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  }
  second?.on('data', () => undefined);

  /** What arrives, in order: a delay never lets later bytes overtake earlier ones. */
  function carry(deliver: () => void): void {
    if (line.kind === 'drop') return;
    if (line.kind === 'hold' || held.length > 0) return void held.push(deliver);
    const delayMs = line.kind === 'pass' ? (line.delayMs ?? 0) : 0;
    if (delayMs === 0) return deliver();
    held.push(deliver);
    setTimeout(release, delayMs);
  }
  function release(): void {
    if (line.kind === 'hold') return;
    const due = held;
    held = [];
    for (const deliver of due) deliver();
  }
  const write = (socket: Socket, chunk: Buffer) => {
    if (!socket.destroyed) socket.write(chunk);
  };
  client.on('data', (chunk) =>
    carry(() => {
      write(target, chunk);
      if (second !== null) write(second, chunk);
    }),
  );
  target.on('data', (chunk) => carry(() => write(client, chunk)));
  client.on('end', () => carry(() => target.end()));
  target.on('end', () => carry(() => client.end()));
  client.on('close', () => carry(() => closeBoth()));
  target.on('close', () => carry(() => closeBoth()));
  function closeBoth(): void {
    for (const socket of sockets) socket.destroy();
    onClosed();
  }
  return {
    reset,
    set(next: Line) {
      line = next;
      if (next.kind === 'pass') release();
    },
  };
}
