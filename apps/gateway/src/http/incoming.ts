import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** Longer bodies are refused. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Thrown where the caller hung up before the body was there: nobody is left who could be answered. */
export class CallerGone extends Error {}

/** What a handler may know of a request before its body is read. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address at the other end of the connection; empty where there is none. */
  peer(): string;
  /** A header by its lower-case name; undefined where it is absent. */
  header(name: string): string | undefined;
  /** The bytes of the body, or `too_large` as soon as there are more than `limit` (then the rest is not read). */
  body(limit: number): Promise<Buffer | 'too_large'>;
}

/**
 * Under node's server the message is read directly: building web streams and Headers objects costs more than everything
 * else that is done to a request. Elsewhere (tests that call the app without a socket) the web request serves.
 */
export function toIncoming(c: Context): Incoming {
  const message = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  const query = () => new URL(c.req.url).searchParams;
  return message === undefined ? fromWeb(c, query) : fromNode(c, message, query);
}

/** A POST of JSON that says how long it is, and is not too long: it will be read to its end. */
export function isOrdinaryPost({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    headers['content-type'] === 'application/json' &&
    Number(headers['content-length'] ?? Number.NaN) <= MAX_BODY_BYTES
  );
}

/** A message whose URL is a path and nothing else. */
export function fromMessage(message: IncomingMessage): Incoming {
  return {
    method: message.method ?? '',
    path: message.url ?? '',
    query: NO_QUERY,
    peer: () => peerOf(message),
    header: (name) => headerOf(message, name),
    body: (limit) => readMessage(message, limit),
  };
}

const NO_QUERY = new URLSearchParams();

function fromNode(c: Context, message: IncomingMessage, query: () => URLSearchParams): Incoming {
  return {
    method: c.req.method,
    path: c.req.path,
    get query() {
      return query();
    },
    peer: () => peerOf(message),
    header: (name) => headerOf(message, name),
    body: (limit) => readMessage(message, limit),
  };
}

function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}

function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function readMessage(message: IncomingMessage, limit: number): Promise<Buffer | 'too_large'> {
  if (Number(message.headers['content-length'] ?? 0) > limit) return Promise.resolve('too_large');
  return new Promise((resolve, reject) => {
    let first: Buffer | null = null;
    let rest: Buffer[] | null = null;
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) resolve('too_large');
      else if (first === null) first = chunk;
      else rest = [...(rest ?? []), chunk];
    });
    message.on('end', () =>
      resolve(rest === null ? (first ?? EMPTY) : Buffer.concat([first ?? EMPTY, ...rest])),
    );
    // A message fails by its connection only, before it is complete.
    message.on('error', (error) => reject(new CallerGone('the request broke off', { cause: error })));
    message.on('close', () => {
      // Every request closes in the end; an error object is only made for those that never ended.
      if (!message.complete) reject(new CallerGone('the request broke off'));
    });
  });
}

const EMPTY = Buffer.alloc(0);

function fromWeb(c: Context, query: () => URLSearchParams): Incoming {
  return {
    method: c.req.method,
    path: c.req.path,
    get query() {
      return query();
    },
    peer: () => '',
    header: (name) => c.req.raw.headers.get(name) ?? undefined,
    async body(limit) {
      const bytes = Buffer.from(await c.req.raw.arrayBuffer());
      return bytes.length > limit ? 'too_large' : bytes;
    },
  };
}
