import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolFailure } from '@invoke/core/domain';
import type { Exchanged, ExchangeRequest, ResponseHead } from '../wire/exchange.js';
import type { PoolSet } from '../wire/pool-set.js';
import { AnswerReader } from './answer-reader.js';
import type { RpcMessage } from './rpc-message.js';

export interface RpcPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Null for notifications: nothing answers them. */
  readonly id: number | string | null;
  readonly mayStillSend: () => boolean;
  readonly deadlineMs: number;
  /** Requests and notifications of the server that come with the answer. */
  readonly onOther?: (message: Readonly<Record<string, unknown>>) => void;
}

/** What came back on one POST. */
export type RpcOutcome =
  | { readonly kind: 'message'; readonly head: ResponseHead; readonly message: RpcMessage }
  | { readonly kind: 'http'; readonly head: ResponseHead; readonly bytes: Uint8Array }
  | ToolFailure;

/** Between two requests for the rest of a stream, unless the server asks for more. */
const MIN_RESUME_MS = 100;
const DEFAULT_RESUME_MS = 1_000;

/**
 * Posts one JSON-RPC message and reads the response to it, from a JSON body or from an event stream. The message is sent
 * once. A stream that ends before the response is asked for its rest by GET where the server gave it an event id
 * (MCP 2025-11-25); otherwise the connection is lost, and that is told at once, not at the deadline.
 */
export async function postRpc(pools: PoolSet, post: RpcPost): Promise<RpcOutcome> {
  const deadlineAt = performance.now() + post.deadlineMs;
  const reader = new AnswerReader(post.id, post.onOther ?? (() => {}));
  const exchanged = await pools.exchange(post.url.origin, toPost(post, reader));
  let outcome = conclude(exchanged, reader);
  while (outcome === null) {
    const waitMs = Math.max(MIN_RESUME_MS, reader.retryMs ?? DEFAULT_RESUME_MS);
    const leftMs = deadlineAt - performance.now() - waitMs;
    if (leftMs <= 0) return lost('timeout', `no answer within ${post.deadlineMs} ms`);
    await sleep(waitMs);
    outcome = conclude(await pools.exchange(post.url.origin, toResumption(post, reader, leftMs)), reader);
    /* Whatever is said to the GET (405, 404, refused) says nothing about the call, which was sent long ago. */
    if (outcome !== null && outcome.kind !== 'message') {
      const timeout = outcome.kind === 'failure' && outcome.reason === 'timeout';
      return lost(
        timeout ? 'timeout' : 'connection_lost',
        'the event stream ended and the rest of it could not be fetched',
      );
    }
  }
  return outcome;
}

/** Null where the stream has ended without the answer, but can be asked for the rest. */
function conclude(exchanged: Exchanged, reader: AnswerReader): RpcOutcome | null {
  const found = reader.finish(exchanged);
  if (found !== null) return { kind: 'message', ...found };
  if (exchanged.kind === 'failure' && exchanged.reason !== 'connection_lost') return exchanged;
  if (reader.broken && reader.lastEventId !== null) return null;
  if (exchanged.kind === 'failure') return exchanged;
  if (reader.broken) return lost('connection_lost', 'the event stream ended without the answer');
  return { kind: 'http', head: exchanged.head, bytes: exchanged.bytes };
}

function toPost(post: RpcPost, reader: AnswerReader): ExchangeRequest {
  const { headers, body, mayStillSend, deadlineMs } = post;
  return {
    method: 'POST',
    path: toPath(post.url),
    headers: { ...headers, 'accept-encoding': 'identity' },
    body,
    mayStillSend,
    deadlineMs,
    watch: reader.watch,
  };
}

function toResumption(post: RpcPost, reader: AnswerReader, deadlineMs: number): ExchangeRequest {
  const { 'content-type': _none, ...headers } = post.headers;
  const ours = {
    accept: 'text/event-stream',
    'accept-encoding': 'identity',
    'last-event-id': reader.lastEventId ?? '',
  };
  return {
    method: 'GET',
    path: toPath(post.url),
    headers: { ...headers, ...ours },
    body: null,
    mayStillSend: () => true,
    deadlineMs,
    watch: reader.watch,
  };
}

function toPath(url: URL): string {
  return `${url.pathname}${url.search}`;
}

function lost(reason: 'connection_lost' | 'timeout', message: string): ToolFailure {
  return { kind: 'failure', sent: true, reason, message };
}
