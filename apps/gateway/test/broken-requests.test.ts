import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FULL, openGateway, type TestGateway } from './support/gateway.js';
import { sendRaw } from './support/send-raw.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const raw = (bytes: string) => sendRaw(gateway.url, bytes);

function open(options: { readonly allowHalfOpen: boolean }): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = createConnection({ host: hostname, port: Number(port), ...options });
  return socket.on('error', () => undefined);
}

const CONNECT = 'CONNECT example.com:443 HTTP/1.1\r\nHost: gw\r\n\r\n';

const HEAD = `Host: gw\r\nX-API-Key: ${FULL}\r\n`;
const JSON_HEAD = `${HEAD}Content-Type: application/json\r\n`;

interface Row {
  readonly cell: string;
  readonly bytes: string;
  readonly status: number;
  readonly code: string;
  readonly says: RegExp;
}

const ROWS: readonly Row[] = [
  {
    cell: 'HTTP/1.0 without Host',
    bytes: `GET /v1/tools HTTP/1.0\r\nX-API-Key: ${FULL}\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /Host/,
  },
  {
    cell: 'HTTP/1.1 without Host',
    bytes: 'GET /health HTTP/1.1\r\n\r\n',
    status: 400,
    code: 'bad_request',
    says: /Host/,
  },
  {
    cell: 'a call without Host',
    bytes: `POST /v1/call HTTP/1.1\r\nX-API-Key: ${FULL}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    status: 400,
    code: 'bad_request',
    says: /Host/,
  },
  {
    cell: 'a Host that is none',
    bytes: `GET /v1/tools HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /address/,
  },
  {
    cell: 'a backslash in the path',
    bytes: `GET /v1\\tools HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /address/,
  },
  {
    cell: 'no path',
    bytes: `GET tools HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /URL|address/,
  },
  {
    cell: 'a method that is none',
    bytes: `FETCH /v1/tools HTTP/1.1\r\n${HEAD}\r\n`,
    status: 400,
    code: 'bad_request',
    says: /method/,
  },
  {
    cell: 'a header without a colon',
    bytes: `GET /v1/tools HTTP/1.1\r\n${HEAD}nonsense\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /header/,
  },
  {
    cell: 'a space in the name of a header',
    bytes: `GET /v1/tools HTTP/1.1\r\n${HEAD}X Y: 1\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /header/,
  },
  {
    cell: 'both lengths',
    bytes: `POST /v1/call HTTP/1.1\r\n${JSON_HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /length|chunk/i,
  },
  {
    cell: 'a length that is no number',
    bytes: `POST /v1/call HTTP/1.1\r\n${JSON_HEAD}Content-Length: two\r\n\r\n{}`,
    status: 400,
    code: 'bad_request',
    says: /Content-Length/,
  },
  {
    cell: 'a chunk without a size',
    bytes: `POST /v1/call HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    status: 400,
    code: 'bad_request',
    says: /chunk/,
  },
  {
    cell: 'a version that is none',
    bytes: `GET /v1/tools HTTP/3.7\r\n${HEAD}\r\n`,
    status: 400,
    code: 'bad_request',
    says: /HTTP/,
  },
  {
    cell: 'no HTTP at all',
    bytes: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
    status: 400,
    code: 'bad_request',
    says: /HTTP/,
  },
  {
    cell: 'an expectation that cannot be met',
    bytes: `POST /v1/call HTTP/1.1\r\n${JSON_HEAD}Content-Length: 2\r\nExpect: a-miracle\r\n\r\n{}`,
    status: 400,
    code: 'bad_request',
    says: /Expect/,
  },
  {
    cell: 'a tunnel',
    bytes: `CONNECT example.com:443 HTTP/1.1\r\n${HEAD}\r\n`,
    status: 400,
    code: 'bad_request',
    says: /CONNECT/,
  },
  {
    cell: 'a header of 20,000 bytes',
    bytes: `GET /v1/tools HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(20_000)}\r\n\r\n`,
    status: 431,
    code: 'headers_too_large',
    says: /16 KiB/,
  },
  {
    cell: 'a path of 20,000 bytes',
    bytes: `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HEAD}\r\n`,
    status: 431,
    code: 'headers_too_large',
    says: /16 KiB/,
  },
  {
    cell: '3,000 headers',
    bytes: `GET /v1/tools HTTP/1.1\r\n${'a:b\r\n'.repeat(3_000)}${HEAD}\r\n`,
    status: 431,
    code: 'headers_too_large',
    says: /100/,
  },
  {
    cell: '101 headers, which a server could also leave out in silence',
    bytes: `POST /v1/call HTTP/1.1\r\n${'a:b\r\n'.repeat(101)}${JSON_HEAD}Content-Length: 2\r\n\r\n{}`,
    status: 431,
    code: 'headers_too_large',
    says: /100/,
  },
];

describe('requests that cannot be read are told so, and the connection ends', () => {
  test.each(ROWS)('$cell: $status $code', async ({ bytes, status, code, says }) => {
    const text = await raw(bytes);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} \\S`));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json; charset=utf-8');
    expect(head.toLowerCase()).toContain('connection: close');
    expect(JSON.parse(body)).toMatchObject({ code, status, success: false, retryable: false });
    expect((JSON.parse(body) as { detail: string }).detail).toMatch(says);
    expect(text).not.toContain(FULL);
  });

  test('what follows a good request does not take the place of its answer', async () => {
    const text = await raw(`GET /v1/tools HTTP/1.1\r\n${HEAD}\r\nnonsense\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(text).not.toContain('bad_request');
  });

  test('a caller who breaks off after CONNECT harms nobody', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => void uncaught.push(error);
    process.prependListener('uncaughtException', note);
    for (let n = 0; n < 10; n++) {
      const socket = open({ allowHalfOpen: false });
      await new Promise((resolve) => socket.write(CONNECT, resolve));
      await sleep(n % 5);
      socket.resetAndDestroy();
    }
    await sleep(200);
    process.off('uncaughtException', note);
    expect(uncaught).toEqual([]);
  });

  test.each([
    { cell: 'CONNECT', bytes: CONNECT },
    { cell: 'nonsense', bytes: 'HELLO\r\n\r\n' },
  ])('after $cell the connection ends, also when the caller keeps its end of it open', async ({ bytes }) => {
    const socket = open({ allowHalfOpen: true });
    socket.write(bytes);
    socket.resume();
    await new Promise((resolve) => socket.once('end', resolve));
    // Whoever writes to a connection that is gone is told so.
    const gone = new Promise((resolve) => socket.once('error', resolve));
    const writing = setInterval(() => void socket.write('more'), 100);
    await expect(Promise.race([gone, sleep(4_000).then(() => 'still open')])).resolves.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|EPIPE/) as string,
    });
    clearInterval(writing);
  });

  test('a hundred headers are taken', async () => {
    const text = await raw(
      `GET /v1/tools HTTP/1.1\r\n${'a:b\r\n'.repeat(97)}${HEAD}Connection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1.1 200 /);
  });
});
