import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { ToolBinding } from '@invoke/core/domain';
import { answerJson, readBody } from './mcp-servers.js';
import { serveHttp, type Running } from './serve.js';
import { http, mcp } from './tool-call.js';

/** Ways to speak to a tool. */
export const KINDS = ['http', 'bare', 'legacy', 'modern'] as const;
export type Kind = (typeof KINDS)[number];

/** The tool call on the server, when its effect has taken place. */
export interface Struck {
  readonly kind: Kind;
  readonly id: unknown;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly socket: Socket;
}
export type Fault = (call: Struck) => void;

export interface FaultyServer extends Running {
  readonly binding: ToolBinding;
  /** Tool calls that arrived whole: each has had its effect. */
  effects(): number;
}

/** A tool that does what it is asked, always, and then lets `fault` answer. Its handshake is faultless. */
export async function serveFaulty(kind: Kind, fault: Fault): Promise<FaultyServer> {
  let effects = 0;
  const running = await serveHttp(async (req, res) => {
    const body = await readBody(req).catch(() => '');
    if (!req.complete) return;
    if (req.method === 'DELETE' && kind !== 'http') return void res.writeHead(200).end();
    const { method, id } = kind === 'http' ? { method: 'tools/call', id: null } : JSON.parse(body);
    if (method !== 'tools/call') return shakeHands(kind, { res, method, id });
    effects += 1;
    fault({ kind, id, req, res, socket: req.socket });
  });
  const binding = kind === 'http' ? http(`${running.origin}/tool`) : mcp(`${running.origin}/mcp`);
  return { ...running, binding, effects: () => effects };
}

function shakeHands(
  kind: Kind,
  { res, method, id }: { res: ServerResponse; method: string; id: unknown },
): void {
  const unknown = { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
  if (kind === 'modern' && method === 'server/discover') {
    const supportedVersions = ['2026-07-28'];
    const result = {
      resultType: 'complete',
      supportedVersions,
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
    };
    return answerJson(res, 200, { jsonrpc: '2.0', id, result });
  }
  if (kind === 'legacy' && method === 'initialize') {
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'f', version: '1' },
    };
    res.setHeader('mcp-session-id', 's-1');
    return answerJson(res, 200, { jsonrpc: '2.0', id, result });
  }
  if (id === undefined) {
    res.writeHead(202).end();
    return;
  }
  answerJson(res, 200, unknown);
}

/** A faultless answer. */
export const succeed: Fault = ({ kind, id, res }) => answerJson(res, 200, toAnswer(kind, id, { ok: true }));

export function answerWith(result: object): Fault {
  return ({ kind, id, res }) => answerJson(res, 200, toAnswer(kind, id, result));
}

export function answerError(code: number): Fault {
  return ({ id, res }) => answerJson(res, 200, { jsonrpc: '2.0', id, error: { code, message: 'm' } });
}

export function answerStatus(status: number, headers: Record<string, string> = {}): Fault {
  return ({ res }) => {
    res.writeHead(status, { 'content-type': 'text/plain', ...headers });
    res.end('no');
  };
}

export function answerRaw(type: string, body: string | Buffer, headers: Record<string, string> = {}): Fault {
  return ({ res }) => {
    res.writeHead(200, { 'content-type': type, ...headers });
    res.end(body);
  };
}

export const silence: Fault = () => {};
export const reset: Fault = ({ socket }) => void socket.resetAndDestroy();
export const hangUp: Fault = ({ socket }) => void socket.destroy();

export const resetAfterHeaders: Fault = ({ res, socket }) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
  res.write('{"ok"', () => setTimeout(() => socket.resetAndDestroy(), 5));
};

export const cutOff: Fault = ({ res, socket }) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
  res.write('{"ok":true}', () => socket.end());
};

/** One byte of white space at a time, for ever: every single wait is short. */
export const drip: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => res.write(' '), 5);
  res.on('close', () => clearInterval(timer));
};

export const flood: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let left = 200;
  const more = (): void => {
    while (left-- > 0 && !res.destroyed) if (!res.write(chunk)) return;
    res.end();
  };
  res.on('drain', more);
  more();
};

const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '));
export const gzipBomb = answerRaw('application/json', bomb, { 'content-encoding': 'gzip' });

export const wrongId: Fault = ({ res }) =>
  answerJson(res, 200, { jsonrpc: '2.0', id: 'another', result: { ok: true } });

/** Starts an event stream, sends a notification, and breaks off. */
export const dropStream: Fault = ({ res, socket }) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write('data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n', () =>
    socket.destroy(),
  );
};

/** Ends an event stream in good order, without an answer. */
export const endStream: Fault = ({ res }) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.end(': nothing\n\n');
};

export function toAnswer(kind: Kind, id: unknown, result: object): object {
  if (kind === 'http') return result;
  const complete = kind === 'modern' ? { resultType: 'complete', ...result } : result;
  return { jsonrpc: '2.0', id, result: complete };
}
