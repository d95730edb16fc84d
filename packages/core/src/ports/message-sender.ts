import type { NoticeChannel, OutboxMessage } from './outbox-store.js';

export type SendResult =
  | { readonly kind: 'delivered' }
  /** Worth another try; `afterMs` where the receiver said when. */
  | { readonly kind: 'failed'; readonly why: string; readonly afterMs: number | null }
  /** The receiver wants no more of it (410 Gone), or there is nobody to send to. */
  | { readonly kind: 'gone'; readonly why: string };

/** Carries messages to where people and programs read them. Never rejects. */
export interface MessageSender {
  /** Where it can send to; for other channels no messages are written. */
  readonly channels: ReadonlySet<NoticeChannel>;
  send(message: OutboxMessage): Promise<SendResult>;
  close(): Promise<void>;
}
