import type { ToolFailure } from '@invoke/core/domain';
import { createCheckedConnector } from '../address/checked-connector.js';
import type { EgressPolicy } from '../address/egress-policy.js';
import { readHeader, type ResponseHead } from './exchange.js';
import { createPoolSet } from './pool-set.js';

/** One GET for a URL that an agent has chosen, or one POST for a URL that an operator has set. */
export interface CheckedRequest {
  readonly url: URL;
  /** The body of a POST; a GET without it. */
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
  readonly mayStillSend: () => boolean;
}

export interface CheckedResponse {
  readonly kind: 'response';
  readonly status: number;
  /** One header as one string; empty where it is absent. The name is in lower case. */
  readonly header: (name: string) => string;
  /** Decompressed, at most 5 MiB. */
  readonly bytes: Uint8Array;
}

/** Fetches over connections of its own, within the egress policy. Follows no redirects and never rejects. */
export interface CheckedFetch {
  fetch(request: CheckedRequest): Promise<CheckedResponse | ToolFailure>;
  close(): Promise<void>;
}

/** Pages are fetched from many hosts, once each. */
const LIMITS = { maxOrigins: 64, socketsPerOrigin: 16, queuePerOrigin: 64 };
const CONNECT_TIMEOUT_MS = 5_000;

export function createCheckedFetch(policy: EgressPolicy): CheckedFetch {
  const pools = createPoolSet({ connector: createCheckedConnector(policy, CONNECT_TIMEOUT_MS), ...LIMITS });
  return {
    async fetch({ url, headers, body = null, deadlineMs, mayStillSend }) {
      const exchanged = await pools.exchange(url.origin, {
        method: body === null ? 'GET' : 'POST',
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body,
        mayStillSend,
        deadlineMs,
      });
      return exchanged.kind === 'failure' ? exchanged : toResponse(exchanged.head, exchanged.bytes);
    },
    close: () => pools.close(),
  };
}

function toResponse(head: ResponseHead, bytes: Uint8Array): CheckedResponse {
  return { kind: 'response', status: head.status, header: (name) => readHeader(head, name), bytes };
}
