import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@invoke/contract';
import { problemOf, type TextReply } from './reply.js';

/** What is wrong with a request that never got as far as a route. */
interface Complaint {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What never became a request still gets a problem document; then its connection is closed, because nobody knows where the
 * next request would begin.
 */
export function answerUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (isAnswering(socket)) endAfterAnswer(socket);
    else hangUpWith(complaintOf(error.code), socket);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    refuseUnread(response, bad('Expect: nothing but 100-continue can be expected here.'));
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node has let go of this connection: an error that nobody listens for would end the gateway, and no limit closes it.
    socket.on('error', () => socket.destroy());
    socket.resume();
    hangUpWith(bad('CONNECT is not possible here: Invoke is no proxy.'), socket);
  });
}

/** Refuses a request whose body is not read: what follows on its connection cannot be told from it. */
export function refuseUnread(response: ServerResponse, complaint: Complaint): void {
  const { status, headers, body } = toReply(complaint);
  response
    .writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' })
    .end(body);
}

export function bad(message: string): Complaint {
  return { code: 'bad_request', message };
}

function toReply({ code, message }: Complaint): TextReply {
  return problemOf(code, message, `req_${randomUUID()}`);
}

function hangUpWith(complaint: Complaint, socket: Duplex): void {
  const { status, headers, body } = toReply(complaint);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // A caller may keep its end open for ever, and a stop of the gateway would wait for it.
  const last = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(last));
}

/** How long a caller has to read what it was told: a connection that is closed at once may take that with it. */
const LINGER_MS = 1_000;

/** Under this name Node keeps the answer that is under way on a connection, and its own handler looks there as well. */
interface Answering {
  readonly _httpMessage?: (ServerResponse & { readonly req: IncomingMessage }) | null;
}

/** A request that is all there is being answered: what comes behind it must not be told in its place. */
function isAnswering(socket: Duplex): boolean {
  const answer = (socket as Answering)._httpMessage;
  return answer != null && (answer.req.complete || answer.headersSent);
}

function endAfterAnswer(socket: Duplex): void {
  const answer = (socket as Answering)._httpMessage;
  if (answer != null) answer.shouldKeepAlive = false;
}

/** By the codes of llhttp (its HPE_ names) and of node's server. */
function complaintOf(code: string | undefined): Complaint {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout', message: 'The request did not arrive in time.' };
    case 'HPE_HEADER_OVERFLOW':
      return {
        code: 'headers_too_large',
        message: 'The path and the headers are larger than 16 KiB, or there are more than 100 headers.',
      };
    case 'HPE_INVALID_METHOD':
      return bad('This is not HTTP/1.1, or a method that HTTP does not know (TLS is spoken before Invoke).');
    case 'HPE_INVALID_URL':
      return bad('The URL of the request cannot be read: expected a path that begins with "/".');
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return bad('Expected HTTP/1.1, with lines that end in CR LF.');
    case 'HPE_INVALID_HEADER_TOKEN':
      return bad('A header cannot be read: expected "Name: value", without control characters.');
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return bad('Content-Length: expected one number, and no Transfer-Encoding beside it.');
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return bad('Transfer-Encoding: expected "chunked" alone, and no Content-Length beside it.');
    case 'HPE_INVALID_CHUNK_SIZE':
      return bad('A chunk of the body does not begin with its size.');
    default:
      return bad('This is not an HTTP request that can be read.');
  }
}
