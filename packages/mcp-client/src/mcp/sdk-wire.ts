import type { JsonObject } from '@invoke/contract';
import { readHeader } from '../wire/exchange.js';
import type { PoolSet } from '../wire/pool-set.js';
import type { HandshakeStep } from './classify-handshake.js';
import { postRpc, type RpcOutcome } from './post-rpc.js';
import { isObject } from './rpc-message.js';

/** A `tools/call` as the SDK would have sent it. */
export interface Frame {
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly message: JsonObject;
}

/** Marks a request of the SDK as one to be framed and not to be sent. Never leaves this process. */
export const FRAME_HEADER = 'x-invoke-frame';

export const HANDSHAKE_TIMEOUT_MS = 10_000;
const LEAVE_TIMEOUT_MS = 500;

/**
 * The `fetch` of one SDK transport: the SDK says what to send, sending and reading is ours. It carries the handshake and
 * whatever the SDK answers to requests of the server. A tool call never goes through here: it is only framed.
 */
export class SdkWire {
  readonly #pools: PoolSet;
  readonly #url: URL;
  readonly #frames = new Map<string, Frame>();
  #handshake: HandshakeStep | null = null;
  /** Where requests and notifications of the server go. */
  onOther: (message: Readonly<Record<string, unknown>>) => void = () => {};

  constructor({ pools, url }: { readonly pools: PoolSet; readonly url: URL }) {
    this.#pools = pools;
    this.#url = url;
  }

  /** The last thing that was said. */
  get handshake(): HandshakeStep | null {
    return this.#handshake;
  }

  /** The frame of the request that carried this token; each is taken once. */
  takeFrame(token: string): Frame | null {
    const frame = this.#frames.get(token) ?? null;
    this.#frames.delete(token);
    return frame;
  }

  readonly fetch = async (_url: string | URL, init?: RequestInit): Promise<Response> => {
    const { [FRAME_HEADER]: token, ...headers } = Object.fromEntries(new Headers(init?.headers));
    switch (init?.method) {
      case 'POST':
        return this.#post(token, headers, String(init.body));
      case 'DELETE':
        return this.#leave(headers);
      default:
        /* The standing stream of a legacy server: nothing that it could say is of use here. */
        return new Response(null, { status: 405 });
    }
  };

  async #post(token: string | undefined, headers: Record<string, string>, body: string): Promise<Response> {
    const parsed: unknown = JSON.parse(body);
    const message = isObject(parsed) ? parsed : {};
    /* Without a method it is a response to a request of the server, and nothing answers it. */
    const method = typeof message['method'] === 'string' ? message['method'] : null;
    const id = method === null ? null : readId(message);
    if (token !== undefined) {
      this.#frames.set(token, { headers, message });
      return Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } });
    }
    const outcome = await postRpc(this.#pools, {
      url: this.#url,
      headers,
      body,
      id,
      mayStillSend: () => true,
      deadlineMs: HANDSHAKE_TIMEOUT_MS,
      onOther: (other) => this.onOther(other),
    });
    if (method !== null) this.#handshake = { method, outcome };
    return toResponse(id, outcome);
  }

  async #leave(headers: Record<string, string>): Promise<Response> {
    await this.#pools.exchange(this.#url.origin, {
      method: 'DELETE',
      path: `${this.#url.pathname}${this.#url.search}`,
      headers,
      body: null,
      mayStillSend: () => true,
      deadlineMs: LEAVE_TIMEOUT_MS,
    });
    return new Response(null, { status: 200 });
  }
}

function readId(message: Readonly<Record<string, unknown>>): number | string | null {
  const { id } = message;
  return typeof id === 'number' || typeof id === 'string' ? id : null;
}

/**
 * What the SDK gets to see of a step of the handshake. A server that chokes on a method it does not know (500, 501, JSON that
 * is no JSON-RPC) is shown as one that says 404, so that the SDK goes on to the older handshake. Redirects have no Location
 * here, so they are not followed.
 */
function toResponse(id: number | string | null, outcome: RpcOutcome): Response {
  if (outcome.kind === 'failure') throw new HandshakeFailure(outcome.message);
  if (id === null) return new Response(null, { status: 202 });
  if (outcome.kind === 'http') {
    const { status } = outcome.head;
    const chokes = status === 500 || status === 501;
    const body = status === 204 || status === 304 ? null : outcome.bytes.slice();
    const headers = { 'content-type': readHeader(outcome.head, 'content-type') };
    return new Response(body, { status: chokes ? 404 : status, headers });
  }
  const session = readHeader(outcome.head, 'mcp-session-id');
  const headers: Record<string, string> = session === '' ? {} : { 'mcp-session-id': session };
  const { message } = outcome;
  switch (message.kind) {
    case 'result':
      return Response.json({ jsonrpc: '2.0', id, result: message.value }, { headers });
    case 'error': {
      const { code, message: text, data } = message;
      return Response.json({ jsonrpc: '2.0', id, error: { code, message: text, data } }, { headers });
    }
    case 'other':
    case 'invalid':
      return new Response(null, { status: 404 });
  }
}

class HandshakeFailure extends Error {}
