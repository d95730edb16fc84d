import type { Log } from '@invoke/core/ports';
import type { PoolSet } from '../wire/pool-set.js';
import { connectUpstream } from './connect-upstream.js';
import type { Connection, ConnectResult } from './connection.js';

export interface UpstreamsOptions {
  readonly pools: PoolSet;
  readonly log: Log;
  /** Of this gateway, as servers are told. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Agreement {
  readonly connecting: Promise<ConnectResult>;
  readonly agreedAt: number;
  connection: Connection | null;
}

/** A server that has learnt a newer protocol would never be found out by the older one, which goes on working. */
const REVISIT_OLD_ERAS_MS = 3_600_000;
const MAX_UPSTREAMS = 256;

/** The agreements with all MCP servers: one each, made when it is first needed and shared by all calls. */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  /** In the order of use: the first one was used least recently. */
  readonly #agreements = new Map<string, Agreement>();
  /** Servers that have lost our session: they need not be asked again for the newest protocol. */
  readonly #knownLegacy = new Set<string>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /** Never rejects. Concurrent calls to a new server wait for one handshake. */
  connect(url: URL): Promise<ConnectResult> {
    const key = url.href;
    const known = this.#agreements.get(key);
    if (known !== undefined && this.#isOutdated(known)) this.#forget(key);
    const agreement = this.#agreements.get(key) ?? this.#open(url);
    this.#agreements.delete(key);
    this.#agreements.set(key, agreement);
    return agreement.connecting;
  }

  /** Forgets a connection that no longer holds; the next call makes a new one. */
  drop(url: URL, connection: Connection): void {
    if (this.#agreements.get(url.href)?.connection !== connection) return;
    this.#agreements.delete(url.href);
    if (connection.hasSession) this.#knownLegacy.add(url.href);
  }

  async close(): Promise<void> {
    const connections = [...this.#agreements.values()].map((agreement) => agreement.connection);
    this.#agreements.clear();
    await Promise.all(connections.map((connection) => connection?.close()));
  }

  #open(url: URL): Agreement {
    const [oldest] = this.#agreements.keys();
    if (oldest !== undefined && this.#agreements.size >= MAX_UPSTREAMS) this.#forget(oldest);
    const { pools, version, now } = this.#options;
    const connecting = connectUpstream({ url, pools, version }, this.#knownLegacy.delete(url.href));
    const agreement: Agreement = { connecting, agreedAt: now(), connection: null };
    void connecting.then((result) => this.#settle(url, agreement, result));
    return agreement;
  }

  #settle(url: URL, agreement: Agreement, result: ConnectResult): void {
    const { log } = this.#options;
    const where = { origin: url.origin };
    if (result.kind === 'connected') {
      agreement.connection = result.connection;
      log.info('upstream_connected', { ...where, era: result.connection.era });
      return;
    }
    if (this.#agreements.get(url.href) === agreement) this.#agreements.delete(url.href);
    log.warn('upstream_not_connected', {
      ...where,
      why: result.kind === 'failure' ? result.reason : 'refused',
    });
  }

  #isOutdated({ connection, agreedAt }: Agreement): boolean {
    const age = this.#options.now() - agreedAt;
    return connection !== null && connection.era !== 'modern' && age > REVISIT_OLD_ERAS_MS;
  }

  #forget(key: string): void {
    const agreement = this.#agreements.get(key);
    this.#agreements.delete(key);
    void agreement?.connection?.close();
  }
}
