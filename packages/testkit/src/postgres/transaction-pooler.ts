import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  createMessageReader,
  errorMessage,
  message,
  READY,
  startupPacket,
  type WireMessage,
} from './wire.js';

/** A pooler that a test has put before a server. */
export interface TransactionPooler extends AsyncDisposable {
  readonly connectionString: string;
  /** What clients did that no pooler in transaction mode can carry: empty in the end. */
  readonly breaches: readonly string[];
  /** How many transactions went to another server connection than the one before of the same client. */
  readonly moves: number;
}

interface Backend {
  readonly socket: Socket;
  /** Told each message of the server. */
  hear: (heard: WireMessage) => void;
  ended: boolean;
}

interface Frontend {
  readonly socket: Socket;
  backend: Backend | null;
  last: Backend | null;
  /** Complete messages that wait for a server connection. */
  waiting: Buffer[];
  /** Queries and Syncs that were not answered by ReadyForQuery yet. */
  open: number;
  closed: boolean;
}

/**
 * The smallest pooler in transaction mode that a driver can talk to: many clients, few server connections, each lent for one
 * transaction, then cleaned by DISCARD ALL and lent to somebody else. So nothing that a session has survives: no prepared
 * statement, no setting, no lock, no temporary table.
 */
export async function startTransactionPooler(target: string, size = 2): Promise<TransactionPooler> {
  const url = new URL(target);
  const free: Backend[] = [];
  const queue: Frontend[] = [];
  const sockets = new Set<Socket>();
  const breaches: string[] = [];
  let backends = 0;
  let moves = 0;

  function lend(frontend: Frontend): void {
    if (frontend.closed || frontend.waiting.length === 0) return next();
    // The one that was used longest ago: rarely the one of before.
    const backend = free.shift();
    if (backend === undefined) {
      queue.push(frontend);
      if (backends < size) void open();
      return;
    }
    if (frontend.last !== null && frontend.last !== backend) moves += 1;
    frontend.backend = frontend.last = backend;
    backend.hear = (heard) => answer(frontend, backend, heard);
    forward(frontend);
  }

  function next(): void {
    const frontend = queue.shift();
    if (frontend !== undefined) lend(frontend);
  }

  function forward(frontend: Frontend): void {
    for (const bytes of frontend.waiting.splice(0)) frontend.backend?.socket.write(bytes);
  }

  function answer(frontend: Frontend, backend: Backend, { type, bytes, body }: WireMessage): void {
    frontend.socket.write(bytes);
    if (type !== 'Z') return;
    frontend.open -= 1;
    if (body.toString('latin1') !== 'I' || frontend.open > 0) return;
    frontend.backend = null;
    clean(backend);
    if (frontend.waiting.length > 0) lend(frontend);
  }

  function clean(backend: Backend): void {
    backend.hear = ({ type }) => {
      if (type !== 'Z') return;
      free.push(backend);
      next();
    };
    backend.socket.write(message('Q', 'DISCARD ALL\0'));
  }

  async function open(): Promise<void> {
    backends += 1;
    const socket = connect(Number(url.port), url.hostname);
    sockets.add(socket);
    const backend: Backend = { socket, hear: () => undefined, ended: false };
    backend.hear = ({ type, body }) => {
      if (type === 'R' && body.readInt32BE(0) === 3) socket.write(message('p', `${url.password}\0`));
      if (type === 'Z') clean(backend);
    };
    const read = createMessageReader((heard) => backend.hear(heard));
    socket.on('connect', () => socket.write(startupPacket(url.username, url.pathname.slice(1))));
    socket.on('data', read);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => lose(backend));
  }

  function lose(backend: Backend): void {
    sockets.delete(backend.socket);
    backends -= 1;
    const at = free.indexOf(backend);
    if (at >= 0) free.splice(at, 1);
    for (const frontend of frontends) if (frontend.backend === backend) frontend.socket.destroy();
    if (queue.length > 0) void open();
  }

  const frontends = new Set<Frontend>();
  const server = createServer((socket) => {
    const frontend: Frontend = { socket, backend: null, last: null, waiting: [], open: 0, closed: false };
    frontends.add(frontend);
    sockets.add(socket);
    const take = (heard: WireMessage) => {
      if (heard.type === 'X') return void socket.end();
      const named = heard.type === 'P' && heard.body[0] !== 0;
      if (named) {
        breaches.push('a named prepared statement');
        socket.write(errorMessage('prepared statements do not survive here'));
      }
      if (heard.type === 'Q' || heard.type === 'S') frontend.open += 1;
      frontend.waiting.push(heard.bytes);
      if (frontend.backend !== null) forward(frontend);
      else if (!queue.includes(frontend)) lend(frontend);
    };
    socket.on('data', greet(socket, take));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      frontend.closed = true;
      frontends.delete(frontend);
      sockets.delete(socket);
      // In the middle of a transaction: only the end of its connection takes that back.
      frontend.backend?.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(target);
  own.port = String((server.address() as AddressInfo).port);
  return {
    connectionString: own.href,
    breaches,
    get moves() {
      return moves;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The beginning of a connection: no encryption, no password, and what a driver wants to know of the server. */
function greet(socket: Socket, take: (heard: WireMessage) => void): (data: Buffer) => void {
  let read: ((data: Buffer) => void) | null = null;
  let begun = Buffer.alloc(0);
  return (data) => {
    if (read !== null) return read(data);
    begun = Buffer.concat([begun, data]);
    while (begun.length >= 8 && begun.length >= begun.readInt32BE(0)) {
      const code = begun.readInt32BE(4);
      const rest = begun.subarray(begun.readInt32BE(0));
      if (code === SSL_REQUEST) {
        socket.write('N');
        begun = rest;
        continue;
      }
      if (code !== PROTOCOL_3) return void socket.destroy();
      socket.write(WELCOME);
      read = createMessageReader(take);
      if (rest.length > 0) read(rest);
      return;
    }
  };
}

const SSL_REQUEST = 80877103;
const PROTOCOL_3 = 196608;
const WELCOME = Buffer.concat([
  message('R', Buffer.from([0, 0, 0, 0])),
  ...[
    'server_version\x0018.0',
    'client_encoding\0UTF8',
    'standard_conforming_strings\0on',
    'integer_datetimes\0on',
  ].map((status) => message('S', `${status}\0`)),
  message('K', Buffer.alloc(8)),
  READY,
]);
