import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@invoke/contract';
import { randomUUID } from 'node:crypto';
import { problemOf } from './reply.js';

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/**
 * Limits against slow and oversized clients. Node looks for overdue requests only every 30 s by default, so that a limit of
 * 10 s would fire at 30.
 */
export const SERVER_OPTIONS = {
  connectionsCheckingInterval: 1_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
} as const;

/**
 * Connections that the kernel holds ready until they are accepted (it takes no more than its own limit, net.core.somaxconn).
 * With the 511 of Node, the rest of a thousand callers at once is dropped without a word and tries again a second later.
 */
export const BACKLOG = 4_096;

export function hardenServer(server: Server): void {
  server.maxConnections = 10_000;
  server.maxHeadersCount = 100;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBroken(error, socket as Socket));
}

/** What never became a request still gets a problem document. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, status, message] = judge(error.code);
  const reply = problemOf(code, message, `req_${randomUUID()}`);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_TEXT[status]}`,
    ...Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(reply.body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${reply.body}`);
}

function judge(code: string | undefined): readonly [ErrorCode, number, string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 408, 'The request did not arrive in time.'];
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', 431, 'The headers are larger than 16 KiB.'];
    default:
      return ['bad_request', 400, 'This is not an HTTP request that can be read.'];
  }
}
