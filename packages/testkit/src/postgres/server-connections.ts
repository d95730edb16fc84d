import { connect, type Socket } from 'node:net';
import { createMessageReader, message, startupPacket, type WireMessage } from './wire.js';

/** A connection of the pooler to the server. */
export interface ServerConnection {
  readonly socket: Socket;
  /** Told each message of the server. */
  hear: (heard: WireMessage) => void;
  /** Called when it has ended while it was lent. */
  ended: () => void;
}

export interface ServerConnections {
  /** The free one that was used longest ago: rarely the one of before. Null: none is free yet. */
  take(): ServerConnection | null;
  /** Cleans what a session has left behind; then it is free. */
  giveBack(connection: ServerConnection): void;
  close(): void;
}

export interface ServerConnectionsOptions {
  readonly target: URL;
  /** There are never more. */
  readonly size: number;
  readonly freed: () => void;
  /** Whether somebody waits for one, so that one that has ended is replaced. */
  readonly wanted: () => boolean;
}

const NOTHING = () => undefined;

/** The few connections to the server, opened when they are needed. */
export function createServerConnections(options: ServerConnectionsOptions): ServerConnections {
  const { target, size } = options;
  const open = new Set<ServerConnection>();
  const free: ServerConnection[] = [];

  function giveBack(connection: ServerConnection): void {
    connection.ended = NOTHING;
    connection.hear = ({ type }) => {
      if (type !== 'Z') return;
      free.push(connection);
      options.freed();
    };
    connection.socket.write(message('Q', 'DISCARD ALL\0'));
  }

  function openAnother(): void {
    const socket = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    const connection: ServerConnection = { socket, hear: NOTHING, ended: NOTHING };
    open.add(connection);
    connection.hear = ({ type, body }) => {
      if (type === 'R' && body.readInt32BE(0) === 3) socket.write(message('p', `${target.password}\0`));
      if (type === 'Z') giveBack(connection);
    };
    socket.on('connect', () => socket.write(startupPacket(target.username, target.pathname.slice(1))));
    socket.on(
      'data',
      createMessageReader((heard) => connection.hear(heard)),
    );
    socket.on('error', () => socket.destroy());
    socket.on('close', () => lose(connection));
  }

  function lose(connection: ServerConnection): void {
    open.delete(connection);
    const at = free.indexOf(connection);
    if (at >= 0) free.splice(at, 1);
    connection.ended();
    if (options.wanted()) openAnother();
  }

  return {
    take() {
      const connection = free.shift();
      if (connection !== undefined) return connection;
      if (open.size < size) openAnother();
      return null;
    },
    giveBack,
    close() {
      for (const { socket } of open) socket.destroy();
    },
  };
}
