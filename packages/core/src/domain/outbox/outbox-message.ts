import type { JsonObject } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** Where messages go: a Slack webhook, an email webhook, a receiver of Standard Webhooks. */
export type NoticeChannel = 'slack' | 'email' | 'events';

/** What a gateway leaves for itself, or for whichever gateway is alive when it is due, goes the same way. */
export type OutboxChannel = NoticeChannel | 'recheck';

/** Something to tell the outside, written in the transaction of what it tells of. Holds no secret. */
export interface OutboxMessage {
  /** Stable over all deliveries: receivers recognise repeats by it. */
  readonly id: string;
  readonly tenant: string;
  readonly channel: OutboxChannel;
  /** `approval.requested`, `execution.settled`, ... */
  readonly topic: string;
  readonly body: JsonObject;
  readonly createdAt: EpochMs;
  /** Not to be delivered before so many milliseconds have passed on the clock of the store; at once where it is left out. */
  readonly dueInMs?: number;
}
