import { createServer, type AddressInfo, type Socket } from 'node:net';
import { greet } from './pooler-greeting.js';
import { createServerConnections, type ServerConnection } from './server-connections.js';
import { errorMessage, type WireMessage } from './wire.js';

/** A pooler that a test has put before a server. */
export interface TransactionPooler extends AsyncDisposable {
  readonly connectionString: string;
  /** What clients did that no pooler in transaction mode can carry: empty in the end. */
  readonly breaches: readonly string[];
  /** How many transactions went to another server connection than the one before of the same client. */
  readonly moves: number;
}

/**
 * The smallest pooler in transaction mode that a driver can talk to: many clients, few server connections, each lent for one
 * transaction, then cleaned by DISCARD ALL and lent to somebody else. So nothing that a session has survives: no prepared
 * statement, no setting, no lock, no temporary table.
 */
export async function startTransactionPooler(target: string, size = 2): Promise<TransactionPooler> {
  const lender = createLender(new URL(target), size);
  const clients = new Set<Client>();
  const breaches: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const client: Client = { socket, lent: null, last: null, waiting: [], open: 0, closed: false };
    clients.add(client);
    const take = (heard: WireMessage) => {
      if (heard.type === 'X') return void socket.end();
      const named = heard.type === 'P' && heard.body[0] !== 0;
      if (named) {
        breaches.push('a named prepared statement');
        socket.write(errorMessage('prepared statements do not survive here'));
      }
      lender.carry(heard, client);
    };
    socket.on('data', greet(socket, take));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      client.closed = true;
      clients.delete(client);
      // In the middle of a transaction: only the end of its connection takes that back.
      client.lent?.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(target);
  own.port = String((server.address() as AddressInfo).port);
  return {
    connectionString: own.href,
    breaches,
    get moves() {
      return lender.moves();
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.destroy();
      lender.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Client {
  readonly socket: Socket;
  lent: ServerConnection | null;
  last: ServerConnection | null;
  /** Complete messages that wait for a server connection. */
  waiting: Buffer[];
  /** Queries and Syncs that were not answered by ReadyForQuery yet. */
  open: number;
  closed: boolean;
}

/** Lends each client a server connection for one transaction at a time, in the order in which they ask. */
function createLender(target: URL, size: number) {
  const queue: Client[] = [];
  let moves = 0;
  const connections = createServerConnections({
    target,
    size,
    freed: next,
    wanted: () => queue.length > 0,
  });

  function lend(client: Client): void {
    if (client.closed || client.waiting.length === 0) return next();
    const connection = connections.take();
    if (connection === null) {
      queue.push(client);
      return;
    }
    if (client.last !== null && client.last !== connection) moves += 1;
    client.lent = client.last = connection;
    connection.hear = (heard) => answer(client, connection, heard);
    connection.ended = () => client.socket.destroy();
    forward(client);
  }

  function next(): void {
    const client = queue.shift();
    if (client !== undefined) lend(client);
  }

  function answer(client: Client, connection: ServerConnection, { type, bytes, body }: WireMessage): void {
    client.socket.write(bytes);
    if (type !== 'Z') return;
    client.open -= 1;
    if (body.toString('latin1') !== 'I' || client.open > 0) return;
    client.lent = null;
    connections.giveBack(connection);
    if (client.waiting.length > 0) lend(client);
  }

  return {
    moves: () => moves,
    carry({ type, bytes }: WireMessage, client: Client): void {
      if (type === 'Q' || type === 'S') client.open += 1;
      client.waiting.push(bytes);
      if (client.lent !== null) forward(client);
      else if (!queue.includes(client)) lend(client);
    },
    close: () => connections.close(),
  };
}

function forward(client: Client): void {
  for (const bytes of client.waiting.splice(0)) client.lent?.socket.write(bytes);
}
