import type { NoticeChannel, OutboxChannel, OutboxMessage } from '../domain/outbox/outbox-message.js';
import type { EpochMs } from '../domain/time.js';

export type { NoticeChannel, OutboxChannel, OutboxMessage };

export const OUTBOX_CHANNELS = ['slack', 'email', 'events'] as const satisfies readonly NoticeChannel[];

export interface TakenMessage {
  readonly message: OutboxMessage;
  /** Deliveries tried before this one. */
  readonly attempts: number;
}

export type Delivery =
  | { readonly kind: 'delivered' }
  /** Due again after this pause, which begins now on the store's clock. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly why: string }
  /** Given up for good, for example after 410 Gone; it is kept and can be read. */
  | { readonly kind: 'dead'; readonly why: string };

/** Messages to be delivered at least once. */
export interface OutboxStore {
  /**
   * Messages whose time has come, oldest first, each for this taker alone until `leaseMs` are over (on the store's clock):
   * if nothing is settled by then, another one gets it.
   */
  take(limit: number, leaseMs: number): Promise<readonly TakenMessage[]>;
  settle(id: string, delivery: Delivery): Promise<void>;
  /** Adds messages that tell of nothing that is written elsewhere. */
  add(messages: readonly OutboxMessage[]): Promise<void>;
  /** Drops what was delivered before this instant. Returns how many. */
  prune(deliveredBefore: EpochMs, limit: number): Promise<number>;
  /** Drops what was given up before this instant. Returns how many. */
  pruneDead(deadBefore: EpochMs, limit: number): Promise<number>;
}
