import type { JsonObject } from '@invoke/contract';
import type { ToolFailure } from '@invoke/core/domain';
import type { HttpAnswer } from '../wire/exchange.js';
import type { PoolSet } from '../wire/pool-set.js';
import type { RpcOutcome } from './post-rpc.js';

/** A server, and what is needed to speak to it. */
export interface Upstream {
  readonly url: URL;
  readonly pools: PoolSet;
  /** Of this gateway, as servers are told. */
  readonly version: string;
}

/** One `tools/call`. */
export interface RpcCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly meta: JsonObject;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly inputSchema: JsonObject;
  readonly mayStillSend: () => boolean;
  readonly deadlineMs: number;
}

/**
 * How a server is spoken to. `modern`: MCP 2026-07-28 and later, without a handshake. `legacy`: `initialize`, mostly with a
 * session. `bare`: JSON-RPC by POST to a server that knows neither.
 */
export type Era = 'modern' | 'legacy' | 'bare';

/** An agreement with one server, used for many calls at a time. */
export interface Connection {
  readonly era: Era;
  /** A session by the rules of the protocol, which says how its end is told. */
  readonly hasSession: boolean;
  /** Rejects only before the write. */
  call(call: RpcCall): Promise<RpcOutcome>;
  /** Takes leave of the server where there is a session, as soon as no call is under way any more. */
  close(): Promise<void>;
}

export type ConnectResult =
  | { readonly kind: 'connected'; readonly connection: Connection }
  /** The server wants credentials that we do not have. */
  | { readonly kind: 'refused'; readonly answer: HttpAnswer }
  | ToolFailure;
