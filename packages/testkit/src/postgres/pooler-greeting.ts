import type { Socket } from 'node:net';
import { createMessageReader, message, READY, type WireMessage } from './wire.js';

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

/** The beginning of a connection: no encryption, no password, and what a driver wants to know of the server. */
export function greet(socket: Socket, take: (heard: WireMessage) => void): (data: Buffer) => void {
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
