import { Pool, type buildConnector } from 'undici';
import { classifyTransportFailure, EXCHANGE_ERROR } from './classify-transport-failure.js';
import { exchange, type Exchanged, type ExchangeRequest } from './exchange.js';

/** Connections that are kept and used again, apart for every origin: a tool that hangs uses up only its own. */
export interface PoolSet {
  /** Never rejects. `origin` is scheme, host and port. */
  exchange(origin: string, request: ExchangeRequest): Promise<Exchanged>;
  /** Ends every exchange at once. */
  close(): Promise<void>;
}

export interface PoolSetOptions {
  readonly connector: buildConnector.connector;
  readonly maxOrigins?: number;
  readonly socketsPerOrigin?: number;
  /** Calls that wait for a socket; further ones fail with `circuit_open`. */
  readonly queuePerOrigin?: number;
}

interface Entry {
  readonly pool: Pool;
  inFlight: number;
}

export function createPoolSet(options: PoolSetOptions): PoolSet {
  const { connector, maxOrigins = 256, socketsPerOrigin = 256, queuePerOrigin = 1_024 } = options;
  const entries = new Map<string, Entry>();
  let newest: Entry | null = null;
  let closed = false;

  function take(origin: string): Entry | string {
    if (closed) return 'this gateway is shutting down';
    const entry = entries.get(origin) ?? open(origin);
    if (entry === null) return `calls to ${maxOrigins} hosts are under way`;
    if (entry.inFlight >= socketsPerOrigin + queuePerOrigin) return `too many calls to ${origin} are waiting`;
    if (entry === newest) return entry;
    newest = entry;
    /* Map keeps the order of insertion: the first entry is the one that was used least recently. */
    entries.delete(origin);
    entries.set(origin, entry);
    return entry;
  }

  function open(origin: string): Entry | null {
    if (entries.size >= maxOrigins && !evictIdle()) return null;
    /* pipelining 1 and no HTTP/2: a request shares its connection with no other while it is under way. */
    const pool = new Pool(origin, {
      connect: connector,
      connections: socketsPerOrigin,
      pipelining: 1,
      allowH2: false,
    });
    return { pool, inFlight: 0 };
  }

  function evictIdle(): boolean {
    for (const [origin, entry] of entries) {
      if (entry.inFlight > 0) continue;
      entries.delete(origin);
      void entry.pool.destroy();
      return true;
    }
    return false;
  }

  return {
    exchange(origin, request) {
      const entry = take(origin);
      if (typeof entry === 'string') {
        const full = { written: false, code: EXCHANGE_ERROR.overloaded, message: entry };
        return Promise.resolve(classifyTransportFailure(full));
      }
      entry.inFlight += 1;
      return exchange(entry.pool, request).finally(() => {
        entry.inFlight -= 1;
      });
    },
    async close() {
      closed = true;
      await Promise.all([...entries.values()].map((entry) => entry.pool.destroy()));
      entries.clear();
    },
  };
}
