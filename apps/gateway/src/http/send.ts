import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Reply } from './reply.js';

/** Writes an answer; one that is all there goes out with its length, in one piece. */
export function send({ status, body, headers }: Reply, response: ServerResponse): void {
  if (typeof body === 'string') {
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
    return;
  }
  response.writeHead(status, headers);
  Readable.fromWeb(body as ReadableStream<Uint8Array>).pipe(response);
}
